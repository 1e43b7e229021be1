"""What a session does on Kaggle's machines, up to the training itself."""

import json
import os
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scoretable.kaggle import session as kaggle_session
from scoretable.kaggle.session import (
    SessionFailed,
    _expect_success,
    _install_wheels,
    _restore,
    _write_params,
    copy_file,
    find_input,
    find_python,
    pack_input,
    run_step,
    run_training,
    thin_out,
)

LINEAGE = "0123456789abcdef"
ROOT = Path(__file__).parents[3]
# Stands for the package: its steps write what they got, and the training does what it finds in train.py.
STEPS = """
import json, pathlib, sys
pathlib.Path("steps.txt").open("a").write(" ".join(sys.argv[1:]) + "\\n")
if sys.argv[1] == "preprocess":
    pathlib.Path("manifest.json").write_text('{"fingerprint": "made"}')
if sys.argv[1] == "train":
    exec(pathlib.Path("train.py").read_text())
"""
LEAVE = """
import pathlib
def leave(name, text):
    pathlib.Path(name).parent.mkdir(parents=True, exist_ok=True)
    pathlib.Path(name).write_text(text)
"""


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


@pytest.mark.turns(2)
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


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a session's script: a package that stands for the real one, and a lock that asks for nothing."""
    folder = tmp_path / "machine"
    (folder / "workflow/scoretable").mkdir(parents=True)
    (folder / "workflow/scoretable/__init__.py").write_text("")  # without it the installed package comes first
    (folder / "workflow/scoretable/__main__.py").write_text(STEPS)
    (folder / "lock").write_text("")
    monkeypatch.setattr(kaggle_session, "find_python", lambda *arguments: sys.executable)  # pip takes its time
    monkeypatch.chdir(folder)
    return folder


def session(machine: Path, training: str, **changes: Any) -> dict[str, Any]:
    """Run a session whose training is this code, and return its report."""
    (machine / "train.py").write_text(LEAVE + training)
    asked = {
        "on_kaggle": True, "competition": "leaves", "lock": "lock", "manifest": "manifest.json", "fingerprint": "made",
        "params": {"seed": 3}, "session": {"max_hours": None, "train_on": "here"},
    }  # fmt: skip
    competition = machine.parent / "input/competitions/leaves"
    competition.mkdir(parents=True)
    (competition / "train.csv").write_text("id")
    (machine.parent / "working").mkdir()
    run_training(order(**asked, **changes), machine.parent / "input", machine.parent / "working")
    return json.loads((machine.parent / "working/session.json").read_text())


def test_a_session_at_its_time_limit_leaves_its_checkpoints_and_says_how_far_it_came(machine: Path) -> None:
    report = session(
        machine,
        f'leave("checkpoints/{LINEAGE}/fold-0.npz", "weights")\n'
        'leave(".snakemake/scoretable-error.txt", "max_hours: stopped with 1 of 2 epochs")\nsys.exit(3)\n',
    )
    name = f"checkpoints/{LINEAGE}/fold-0.npz"
    assert (report["state"], report["sentence"]) == ("stopped", "max_hours: stopped with 1 of 2 epochs")
    assert report["files"] == {name: copy_file(machine.parent / "working" / name, machine.parent / "copy")}
    assert (machine.parent / "copy").read_text() == "weights"


def test_a_session_with_other_images_fails_before_it_trains(machine: Path) -> None:
    (machine / "workflow/scoretable/__main__.py").write_text(STEPS.replace('"made"', '"other"'))
    report = session(machine, "")
    assert report["state"] == "failed"
    assert "the image cache that the session made is not the one here" in report["sentence"]
    assert (machine / "steps.txt").read_text().split() == ["download", "preprocess"]


def test_a_steps_status_and_lines_are_passed_on(machine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (machine / "train.py").write_text('print("1%|\\r2%|\\repoch 1", flush=True)\nsys.exit(7)\n')
    assert run_step(sys.executable, "train", "--on", "here") == 7
    assert capsys.readouterr().out == "1%|\nepoch 1\n"
    assert (machine / "steps.txt").read_text() == "train --on here\n"


@pytest.mark.parametrize(
    ("sentence", "told"),
    [("the disk is full.\n", "the disk is full."), ("", "step train ended with exit status 7")],
    ids=["with-a-sentence", "without"],
)
def test_a_step_that_fails_ends_the_session_with_its_sentence(machine: Path, sentence: str, told: str) -> None:
    (machine / ".snakemake").mkdir()
    (machine / ".snakemake/scoretable-error.txt").write_text(sentence)
    with pytest.raises(SessionFailed, match=told):
        _expect_success("train", 7)


@pytest.mark.parametrize(("own", "expected"), [(None, 11.0), (2.0, 2.0), (20.0, 11.0)])
def test_the_shorter_of_the_rows_and_the_sessions_hours_counts(
    machine: Path, own: float | None, expected: float
) -> None:
    _write_params(order(params={"seed": 3}, session={"max_hours": own, "devices": 1}), 11.0)
    assert json.loads((machine / "params.yaml").read_text()) == {"seed": 3}
    assert json.loads((machine / "session.yaml").read_text()) == {"max_hours": expected, "devices": 1}


def test_hours_that_the_first_steps_use_up_are_told(machine: Path) -> None:
    with pytest.raises(SessionFailed, match=r"the limit of 1 h was over before the first step: raise kaggle_hours"):
        _write_params(order(params={}, session={"max_hours": None}), -0.1)


def test_of_two_folders_with_the_competitions_name_the_outer_one_is_taken(tmp_path: Path) -> None:
    (tmp_path / "a/leaves/leaves").mkdir(parents=True)
    (tmp_path / "b/c/leaves").mkdir(parents=True)
    assert find_input(tmp_path, "leaves") == tmp_path / "a/leaves"


def test_files_without_a_date_and_with_any_name_are_packed(tmp_path: Path) -> None:
    path = tmp_path / "input/사진/벼 1.jpg"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"photo")
    os.utime(path, (0, 0))  # 1970, before which no zip archive has a date
    pack_input(tmp_path / "input", tmp_path / "leaves.zip")
    with zipfile.ZipFile(tmp_path / "leaves.zip") as archive:
        assert archive.read("사진/벼 1.jpg") == b"photo"


def test_a_line_of_the_progress_bar_is_shown_once_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SimpleNamespace(now=1000.0)
    monkeypatch.setattr(kaggle_session, "time", SimpleNamespace(monotonic=lambda: clock.now))

    def lines() -> Iterator[str]:
        for second in range(150):
            clock.now = 1000.0 + second
            yield f"train: {second}%|  |\n"

    assert list(thin_out(lines())) == ["train: 0%|  |", "train: 60%|  |", "train: 120%|  |"]


@settings(deadline=None)
@given(st.lists(st.text("7% |\tx벼", max_size=6).filter(lambda line: "7%|" not in line), max_size=9))
def test_a_line_that_is_no_progress_is_never_left_out(lines: list[str]) -> None:
    assert list(thin_out(lines)) == [line.strip() for line in lines if line.strip()]


def wheel(folder: Path, content: bytes | None = None) -> Path:
    """A wheel of one module, or a file of this content that is called like one."""
    path = folder / "tiny-1.0-py3-none-any.whl"
    folder.mkdir(parents=True)
    if content is not None:
        path.write_bytes(content)
        return path
    members = {
        "tiny.py": "", "tiny-1.0.dist-info/RECORD": "",
        "tiny-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n",
        "tiny-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: a\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }  # fmt: skip
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return path


def test_attached_wheels_are_installed_without_internet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_TARGET", str(tmp_path / "packages"))  # not into the Python of the tests
    _install_wheels([wheel(tmp_path / "input/scoretable-model")])
    assert (tmp_path / "packages/tiny.py").exists()


def test_an_attached_wheel_that_is_damaged_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_TARGET", str(tmp_path / "packages"))
    with pytest.raises(SessionFailed, match=r"tiny==1.0 could not be installed from the attached wheels"):
        _install_wheels([wheel(tmp_path / "input", b"no archive")])


def test_a_checkpoint_that_is_missing_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    name = earlier_session(tmp_path / "input", LINEAGE)
    (tmp_path / "input/kernel" / name).unlink()
    with pytest.raises(SessionFailed):
        _restore(order(), tmp_path / "input")
