"""What a session does on Kaggle's machines, up to the training itself."""

import json
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from scoretable.kaggle_session import (
    SessionFailed,
    _restore,
    copy_file,
    find_input,
    find_python,
    pack_input,
    run_training,
    thin_out,
)

LINEAGE = "0123456789abcdef"
ROOT = Path(__file__).parents[2]


def order(**changes: Any) -> dict[str, Any]:
    return {"lineage": LINEAGE, "gpu": False, "internet": False, "lock": "requirements.lock", "hours": 1.0} | changes


def locked(name: str) -> str:
    """A package's lines of the lock."""
    text = (ROOT / "requirements.lock").read_text()
    start = text.index(f"\n{name}==") + 1
    lines = text[start:].splitlines()
    end = next(number for number, line in enumerate(lines) if not line.endswith("\\"))
    return "\n".join(lines[: end + 1]) + "\n"


@pytest.mark.parametrize("place", ["leaves", "competitions/leaves"])
def test_the_competition_is_found_wherever_kaggle_puts_it(tmp_path: Path, place: str) -> None:
    (tmp_path / place).mkdir(parents=True)
    assert find_input(tmp_path, "leaves") == tmp_path / place


def test_a_competition_that_is_not_attached_is_told(tmp_path: Path) -> None:
    with pytest.raises(SessionFailed, match=r"did not attach leaves"):
        find_input(tmp_path, "leaves")


def test_the_competitions_folder_becomes_an_archive_with_the_same_files(tmp_path: Path) -> None:
    files = {"train.csv": b"id\n1\n", "train_images/blast/1.jpg": bytes(range(256)), "empty.txt": b""}
    for name, content in files.items():
        (tmp_path / "input" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "input" / name).write_bytes(content)
    pack_input(tmp_path / "input", tmp_path / "data/raw/leaves.zip")
    with zipfile.ZipFile(tmp_path / "data/raw/leaves.zip") as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == files


def test_a_progress_bar_is_thinned_out_and_nothing_else() -> None:
    shown = [f"train: {share}%|  | {share}/100" for share in (1, 50, 99)]
    lines = ["train:", shown[0], shown[1], "", "epoch 1/2: loss 1", shown[2], "done"]
    assert list(thin_out(lines)) == ["train:", shown[0], "epoch 1/2: loss 1", "done"]


def test_the_python_that_has_the_locked_packages_is_taken(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    lock.write_text(locked("tqdm"))
    assert find_python(str(lock), tmp_path, internet=True) == sys.executable


def test_where_a_locked_package_is_missing_an_environment_is_made_from_the_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    # pyreadline3 is locked for Windows only, so it is not here; without its marker it has to be installed.
    Path("lock").write_text(locked("pyreadline3").replace(" ; sys_platform == 'win32'", "", 1))
    assert find_python("lock", tmp_path, internet=True) == str(tmp_path / "environment/bin/python")
    assert list(tmp_path.glob("environment/lib/*/site-packages/pyreadline3/__init__.py"))


def test_without_internet_kaggles_own_packages_have_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "lock").write_text("no-such-package==1.0 --hash=sha256:" + 64 * "0" + "\n")
    assert find_python(str(tmp_path / "lock"), tmp_path, internet=False) == sys.executable
    assert "Kaggle's own packages" in capsys.readouterr().out


def test_a_session_that_wanted_a_gpu_and_has_none_reports_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    run_training(order(gpu=True), tmp_path / "input", tmp_path)
    report = json.loads((tmp_path / "session.json").read_text())
    assert (report["state"], report["lineage"]) == ("failed", LINEAGE)
    assert "no GPU" in report["sentence"]


def earlier_session(folder: Path, lineage: str, damaged: bool = False) -> str:
    """The attached output of a session that stopped; returns the name of its checkpoint."""
    name = f"checkpoints/{lineage}/fold-0.npz"
    (folder / "made" / name).parent.mkdir(parents=True)
    (folder / "made" / name).write_text("weights")
    digest = copy_file(folder / "made" / name, folder / "kernel" / name)
    if damaged:
        (folder / "kernel" / name).write_text("weight")
    report = {"state": "stopped", "lineage": lineage, "files": {name: digest}}
    (folder / "kernel/session.json").write_text(json.dumps(report))
    return name


def test_the_checkpoint_of_the_session_before_is_taken_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    name = earlier_session(tmp_path / "input", LINEAGE)
    _restore(order(), tmp_path / "input")
    assert Path(name).read_text() == "weights"


def test_a_checkpoint_of_another_training_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    earlier_session(tmp_path / "input", "fedcba9876543210")
    _restore(order(), tmp_path / "input")
    assert list(Path().iterdir()) == []


def test_a_damaged_checkpoint_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    earlier_session(tmp_path / "input", LINEAGE, damaged=True)
    with pytest.raises(SessionFailed, match=r"is damaged"):
        _restore(order(), tmp_path / "input")
