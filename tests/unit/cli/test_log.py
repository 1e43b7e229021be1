"""What a command prints is kept in its log, and Snakemake is told where."""

from pathlib import Path

import pytest
from scoretable.cli import main as cli
from scoretable.cli import steps
from scoretable.cli.log import Log
from scoretable.workspace.errors import LAST_ERROR, InputError


def test_lines_of_both_streams_are_kept_and_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Log() as log:
        log.open(tmp_path / "logs/train.log")
        print("train:")
        print("epoch 1", flush=True)
    assert (tmp_path / "logs/train.log").read_text() == "train:\nepoch 1\n"
    assert capsys.readouterr().out == "train:\nepoch 1\n"


def test_of_a_progress_bar_the_last_state_is_kept(tmp_path: Path) -> None:
    with Log() as log:
        log.open(tmp_path / "train.log")
        for share in ("10%", "50%", "100%"):
            print(f"\rtrain: {share}", end="")
        print()
    assert (tmp_path / "train.log").read_text() == "train: 100%\n"


def test_after_the_command_nothing_more_is_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Log() as log:
        log.open(tmp_path / "train.log")
    print("later")
    assert (tmp_path / "train.log").read_text() == ""
    assert capsys.readouterr().out == "later\n"


@pytest.fixture
def fail(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder in which every step fails by an error of the program, or of its user."""

    def fail(step: str, *_: object) -> str:
        raise InputError("correct this.") if step == "evaluate" else RuntimeError("a fault")

    monkeypatch.setattr(steps, "run_step", fail)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_mistake_of_the_users_is_told_with_its_log(fail: Path) -> None:
    assert cli.main(["--log", "logs/evaluate.log", "evaluate"]) == 1
    assert LAST_ERROR.read_text() == "correct this.\nThe log of this step: logs/evaluate.log\n"
    assert (fail / "logs/evaluate.log").read_text() == "scoretable: correct this.\n"


def test_a_fault_of_the_program_leaves_its_traceback_in_the_log(fail: Path) -> None:
    with pytest.raises(RuntimeError):
        cli.main(["--log", "logs/train.log", "train"])
    assert "RuntimeError: a fault" in LAST_ERROR.read_text()
    assert "logs/train.log" in LAST_ERROR.read_text()
    assert "Traceback" in (fail / "logs/train.log").read_text()


def test_a_log_that_cannot_be_written_is_told_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "logs").write_text("a file")
    assert cli.main(["--log", "logs/train.log", "train"]) == 1
    assert capsys.readouterr().err.startswith("scoretable: logs")
