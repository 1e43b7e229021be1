"""A step that a saved row was made by is taken from there as a whole, or not at all."""

from pathlib import Path

import pytest
from made_experiments import add_experiment
from scoretable.experiments.cached_outputs import restore_step
from scoretable.experiments.experiment import find_experiment
from scoretable.rows.layout import Layout
from scoretable.rows.lineage import Lineage, lineage_file, trace_lineage
from scoretable.rows.params import Params

LAYOUT = Layout.of(Params())


@pytest.fixture
def train(repository: Path, monkeypatch: pytest.MonkeyPatch) -> Lineage:
    """The lineage of the training of a row that is saved, in a folder that has an older model."""
    add_experiment(repository, "saved", 0.5, epochs=9)
    monkeypatch.chdir(repository)
    LAYOUT.model.parent.mkdir(exist_ok=True)
    LAYOUT.model.write_text("an older model")
    LAYOUT.lineage_folder("train").mkdir(parents=True)
    (LAYOUT.lineage_folder("train") / "0123456789abcdef.json").write_text("{}")
    return trace_lineage(Params(epochs=9), repository)["train"]


def test_all_outputs_come_back_with_their_record_which_is_then_the_only_one(train: Lineage) -> None:
    assert restore_step("train", LAYOUT, train) == "saved"
    assert LAYOUT.model.read_text() == "model of saved"
    assert all(path.exists() for path in LAYOUT.outputs("train"))
    assert list(LAYOUT.lineage_folder("train").iterdir()) == [lineage_file(LAYOUT.lineage_folder("train"), train)]


def test_a_row_of_other_params_gives_nothing(train: Lineage, repository: Path) -> None:
    assert restore_step("train", LAYOUT, trace_lineage(Params(epochs=8), repository)["train"]) is None
    assert LAYOUT.model.read_text() == "an older model"


@pytest.mark.parametrize("damage", ["missing", "another"])
def test_where_one_file_is_not_whole_in_the_cache_nothing_is_touched(
    train: Lineage, repository: Path, damage: str
) -> None:
    place = find_experiment(repository, "saved").cached("models/history.csv")
    assert place is not None
    if damage == "missing":
        place.unlink()
    else:
        place.write_text("another content")
    assert restore_step("train", LAYOUT, train) is None
    assert LAYOUT.model.read_text() == "an older model"
    assert [path.name for path in LAYOUT.lineage_folder("train").iterdir()] == ["0123456789abcdef.json"]
