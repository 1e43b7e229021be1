"""What is no longer as its step wrote it is found before another step reads it."""

import hashlib
from pathlib import Path

import pytest
from scoretable.damage import discard_records_of_damaged_outputs, refuse_damaged_inputs
from scoretable.errors import InputError
from scoretable.layout import Layout
from scoretable.lineage import STEPS, Lineage, lineage_file, recorded

LAYOUT = Layout("sandbox", "32")
LINEAGES = {step: Lineage(step, f"{number:016x}", {}, {}, {}) for number, step in enumerate(STEPS)}


@pytest.fixture
def row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A finished row whose outputs are a few bytes each."""
    monkeypatch.chdir(tmp_path)
    for step in STEPS:
        with recorded(LINEAGES[step], LAYOUT.lineage_folder(step), LAYOUT.outputs(step)):
            for path in LAYOUT.outputs(step):
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(f"made by {step}")


def kept_records() -> set[str]:
    return {step for step in STEPS if lineage_file(LAYOUT.lineage_folder(step), LINEAGES[step]).exists()}


@pytest.mark.parametrize(
    ("step", "path"),
    [
        ("preprocess", LAYOUT.archive),
        ("train", LAYOUT.cache / "train.npy"),
        ("evaluate", LAYOUT.model),
        ("predict", LAYOUT.cache / "test.npy"),
        ("submission", LAYOUT.predictions),
    ],
)
def test_a_changed_byte_is_found_by_the_step_that_reads_the_file(row: None, step: str, path: Path) -> None:
    refuse_damaged_inputs(step, LAYOUT, LINEAGES)
    path.write_text(path.read_text().replace("made", "mede"))
    with pytest.raises(InputError, match=f"{path} is damaged .* run the same command again, which makes it anew"):
        refuse_damaged_inputs(step, LAYOUT, LINEAGES)
    refuse_damaged_inputs(step, LAYOUT, LINEAGES)  # no record speaks of the file any more


def test_what_was_made_from_a_damaged_model_is_made_anew_with_it(row: None) -> None:
    LAYOUT.model.write_text("mede by train")
    with pytest.raises(InputError):
        refuse_damaged_inputs("predict", LAYOUT, LINEAGES)
    assert kept_records() == {"download", "preprocess"}


def test_a_file_of_another_size_loses_its_record_before_a_run_is_planned(
    row: None, capsys: pytest.CaptureFixture[str]
) -> None:
    LAYOUT.submission.write_text("made by submissio")
    discard_records_of_damaged_outputs(LAYOUT, LINEAGES)
    assert kept_records() == set(STEPS) - {"submission"}
    assert "data/submission.csv is damaged" in capsys.readouterr().out


def test_a_record_that_cannot_be_read_counts_as_none(row: None) -> None:
    lineage_file(LAYOUT.lineage_folder("train"), LINEAGES["train"]).write_bytes(b"")
    discard_records_of_damaged_outputs(LAYOUT, LINEAGES)
    assert kept_records() == set(STEPS) - {"train"}


def test_a_damaged_copy_in_the_cache_of_dvc_goes_with_the_file_and_whole_ones_stay(row: None) -> None:
    content = LAYOUT.model.read_bytes()
    digest = hashlib.md5(content, usedforsecurity=False).hexdigest()
    damaged, whole = (Path(".dvc/cache/files/md5") / name for name in (f"{digest[:2]}/{digest[2:]}", "78/805a"))
    for path in (damaged, whole):
        path.parent.mkdir(parents=True, exist_ok=True)
    other = b"made by other"
    name = hashlib.md5(other, usedforsecurity=False).hexdigest()
    whole = damaged.parent.with_name(name[:2]) / name[2:]
    whole.parent.mkdir(exist_ok=True)
    whole.write_bytes(other)
    damaged.write_bytes(b"mede by train")
    LAYOUT.model.write_bytes(b"mede by train")
    with pytest.raises(InputError):
        refuse_damaged_inputs("evaluate", LAYOUT, LINEAGES)
    assert not damaged.exists()
    assert whole.exists()
