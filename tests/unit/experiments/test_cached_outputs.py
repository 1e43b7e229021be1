"""A step that a saved row was made by is taken from there as a whole, or not at all."""

from pathlib import Path

import pytest
from made_experiments import add_experiment
from scoretable.experiments.cached_outputs import restore_step
from scoretable.experiments.experiment import find_experiment
from scoretable.rows.layout import Layout
from scoretable.rows.lineage import Lineage, lineage_file, recorded, trace_lineage
from scoretable.rows.params import Params

LAYOUT = Layout.of(Params())


@pytest.fixture
def row(repository: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Lineage]:
    """The lineages of a row that is saved, in a folder that has its archive and an older model."""
    add_experiment(repository, "saved", 0.5, epochs=9)
    monkeypatch.chdir(repository)
    LAYOUT.model.parent.mkdir(exist_ok=True)
    LAYOUT.model.write_text("an older model")
    LAYOUT.lineage_folder("train").mkdir(parents=True)
    (LAYOUT.lineage_folder("train") / "0123456789abcdef.json").write_text("{}")
    bring("archive", trace_lineage(Params(), repository)["download"])
    return trace_lineage(Params(epochs=9), repository)


def bring(archive: str, lineage: Lineage) -> None:
    LAYOUT.archive.parent.mkdir(parents=True, exist_ok=True)
    LAYOUT.archive.write_text(archive)
    with recorded(lineage, LAYOUT.lineage_folder("download"), [LAYOUT.archive]):
        pass


def test_all_outputs_come_back_with_their_record_which_is_then_the_only_one(row: dict[str, Lineage]) -> None:
    assert restore_step("train", LAYOUT, row) == "saved"
    assert LAYOUT.model.read_text() == "model of saved"
    assert all(path.exists() for path in LAYOUT.outputs("train"))
    assert list(LAYOUT.lineage_folder("train").iterdir()) == [
        lineage_file(LAYOUT.lineage_folder("train"), row["train"])
    ]


def test_a_row_of_other_params_gives_nothing(row: dict[str, Lineage], repository: Path) -> None:
    assert restore_step("train", LAYOUT, trace_lineage(Params(epochs=8), repository)) is None
    assert LAYOUT.model.read_text() == "an older model"


def test_a_row_of_another_archive_gives_nothing(row: dict[str, Lineage]) -> None:
    bring("another archive", row["download"])
    assert restore_step("train", LAYOUT, row) is None
    assert LAYOUT.model.read_text() == "an older model"


@pytest.mark.parametrize(("added", "taken"), [(b"", "saved"), (b" ", None)])
def test_a_step_is_taken_from_a_row_only_beside_the_very_bytes_that_it_had_read_there(
    row: dict[str, Lineage], repository: Path, added: bytes, taken: str | None
) -> None:
    saved = find_experiment(repository, "saved")
    read = {path: saved.read(str(path)) or b"" for path in LAYOUT.outputs("evaluate") if str(path) in saved.outputs}
    with recorded(row["evaluate"], LAYOUT.lineage_folder("evaluate"), [*read]):
        for path, content in read.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content + added)
    assert restore_step("submission", LAYOUT, row) == taken


def test_an_archive_is_never_taken_from_a_row(row: dict[str, Lineage]) -> None:
    assert restore_step("download", LAYOUT, row) is None


@pytest.mark.parametrize("damage", ["missing", "another"])
def test_where_one_file_is_not_whole_in_the_cache_nothing_is_touched(
    row: dict[str, Lineage], repository: Path, damage: str
) -> None:
    place = find_experiment(repository, "saved").cached("models/history.csv")
    assert place is not None
    if damage == "missing":
        place.unlink()
    else:
        place.write_text("another content")
    assert restore_step("train", LAYOUT, row) is None
    assert LAYOUT.model.read_text() == "an older model"
    assert [path.name for path in LAYOUT.lineage_folder("train").iterdir()] == ["0123456789abcdef.json"]
