"""What is no longer as its step wrote it is found before another step reads it."""

import hashlib
import json
from pathlib import Path

import pytest
from scoretable.experiments.damage import mend_damaged_outputs, refuse_damaged_inputs
from scoretable.rows.layout import Layout
from scoretable.rows.lineage import Lineage, lineage_file, recorded
from scoretable.rows.stages import STEPS
from scoretable.workspace.errors import InputError

LAYOUT = Layout("sandbox", "32")
LINEAGES = {
    step: Lineage(step, f"{number:016x}", {"augment": ("flip", "crop")}, {}, {}) for number, step in enumerate(STEPS)
}


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
        ("predict", LAYOUT.model),
        ("evaluate", LAYOUT.validation),
        ("predict", LAYOUT.cache / "test.npy"),
        ("submission", LAYOUT.predictions),
    ],
)
def test_a_changed_byte_is_found_by_the_step_that_reads_the_file(row: None, step: str, path: Path) -> None:
    refuse_damaged_inputs(step, LAYOUT, LINEAGES)
    path.write_text(path.read_text().replace("made", "mede"))
    with pytest.raises(InputError, match=f"{path} is damaged .* run the same command again, which rebuilds it"):
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
    mend_damaged_outputs(LAYOUT, LINEAGES)
    assert kept_records() == set(STEPS) - {"submission"}
    assert "data/submission.csv is damaged" in capsys.readouterr().out


def test_a_changed_byte_is_found_before_a_run_is_planned(row: None, capsys: pytest.CaptureFixture[str]) -> None:
    LAYOUT.predictions.write_text("mede by predict")
    mend_damaged_outputs(LAYOUT, LINEAGES)
    assert kept_records() == set(STEPS) - {"predict"}
    assert "data/predictions.npz is damaged (its SHA-256" in capsys.readouterr().out


def test_a_changed_byte_comes_back_from_the_cache_of_dvc(row: None, capsys: pytest.CaptureFixture[str]) -> None:
    content = LAYOUT.model.read_bytes()
    digest = hashlib.md5(content, usedforsecurity=False).hexdigest()
    cached = Path(".dvc/cache/files/md5") / digest[:2] / digest[2:]
    cached.parent.mkdir(parents=True)
    cached.write_bytes(content)
    entry = f"    outs:\n    - path: {LAYOUT.model}\n      hash: md5\n      md5: {digest}\n"
    Path("dvc.lock").write_text(f"schema: '2.0'\nstages:\n  train:\n    cmd: train\n{entry}")
    LAYOUT.model.write_text("mede by train")
    mend_damaged_outputs(LAYOUT, LINEAGES)
    assert LAYOUT.model.read_bytes() == content
    assert kept_records() == set(STEPS)
    assert "brought back from DVC's cache" in capsys.readouterr().out


def test_a_file_in_a_folder_comes_back_from_the_cache_of_dvc(row: None) -> None:
    path = LAYOUT.cache / "train.csv"
    content = path.read_bytes()
    digest = hashlib.md5(content, usedforsecurity=False).hexdigest()
    listed = json.dumps([{"md5": digest, "relpath": "train.csv"}]).encode()
    folder = hashlib.md5(listed, usedforsecurity=False).hexdigest() + ".dir"
    for name, kept in ((digest, content), (folder, listed)):
        cached = Path(".dvc/cache/files/md5") / name[:2] / name[2:]
        cached.parent.mkdir(parents=True)
        cached.write_bytes(kept)
    entry = f"    outs:\n    - path: {LAYOUT.cache}\n      hash: md5\n      md5: {folder}\n"
    Path("dvc.lock").write_text(f"schema: '2.0'\nstages:\n  preprocess:\n    cmd: preprocess\n{entry}")
    path.write_text("mede by preprocess")
    mend_damaged_outputs(LAYOUT, LINEAGES)
    assert path.read_bytes() == content


@pytest.mark.parametrize("change", [("{", "["), ("0002", "0003"), ("history.csv", "hIstory.csv"), ("params", "qarams")])
def test_a_record_in_which_a_byte_has_changed_counts_as_none(
    row: None, change: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    record = lineage_file(LAYOUT.lineage_folder("train"), LINEAGES["train"])
    record.write_text(record.read_text().replace(*change, 1))
    mend_damaged_outputs(LAYOUT, LINEAGES)
    assert kept_records() == set(STEPS) - {"train"}
    assert f"{record} is damaged" in capsys.readouterr().out


def test_a_file_beside_a_record_is_looked_at_too(row: None, capsys: pytest.CaptureFixture[str]) -> None:
    with recorded(LINEAGES["download"], LAYOUT.lineage_folder("download"), [LAYOUT.archive]) as record:
        (record.folder / "answers.csv").write_text("image_id,label,usage\n")
    LAYOUT.answers.write_text("image_id,label,usafe\n")
    mend_damaged_outputs(LAYOUT, LINEAGES)
    assert f"{LAYOUT.answers} is damaged" in capsys.readouterr().out


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
        refuse_damaged_inputs("predict", LAYOUT, LINEAGES)
    assert not damaged.exists()
    assert whole.exists()
