"""A command ends in its closing line, or in one sentence where you can mend something."""

import errno
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from scoretable.cli import main as cli
from scoretable.cli import steps
from scoretable.workspace.errors import LAST_ERROR, InputError, TrainingStopped
from told import told

ROOT = Path(__file__).parents[3]
ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}  # as it was before Python 3.7 took C for UTF-8


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(ROOT / "workflow", tmp_path / "workflow", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("params.yaml", "session.yaml"):
        shutil.copy(ROOT / name, tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[BaseException | str], None]:
    """Lets every step end with an error, or with a closing line."""
    monkeypatch.chdir(tmp_path)

    def arrange(ending: BaseException | str) -> None:
        def run_step(step: str, expected: str | None, place: str | None) -> str:
            if isinstance(ending, BaseException):
                raise ending
            return ending

        monkeypatch.setattr(steps, "run_step", run_step)

    return arrange


def start(*arguments: str, stdout: int = subprocess.PIPE, **environment: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "scoretable", *arguments]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "workflow")} | environment
    return subprocess.run(command, stdout=stdout, stderr=subprocess.PIPE, env=environment, check=False)


@pytest.mark.parametrize(
    ("error", "status", "sentence"),
    [
        (InputError("mend this."), 1, "mend this."),
        (TrainingStopped("goes on."), 3, "goes on."),
        (OSError(errno.ENOSPC, "No space left on device", "cache"), 1, "the disk is full (cache)"),
        (OSError(errno.EFBIG, "File too large", "cache"), 1, "cache cannot grow (File too large)"),
        (OSError(errno.EROFS, "Read-only file system", "cache"), 1, "cache cannot be written or read (Read-only"),
        (KeyboardInterrupt(), 130, "interrupted"),
    ],
)
def test_an_expected_end_is_one_sentence_and_a_status(
    end: Callable[[BaseException], None],
    capsys: pytest.CaptureFixture[str],
    error: BaseException,
    status: int,
    sentence: str,
) -> None:
    end(error)
    assert cli.main(["train"]) == status
    assert sentence in capsys.readouterr().err
    assert sentence in LAST_ERROR.read_text()


def test_kaggles_own_older_typer_ends_a_session_as_ours_does(
    end: Callable[[BaseException], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(typer, "TyperException")
    end(TrainingStopped("goes on."))
    assert cli.main(["train"]) == 3


def test_a_command_that_is_done_prints_its_closing_line(
    end: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    end("models/model.keras: trained")
    assert cli.main(["train"]) == 0
    assert capsys.readouterr().out == "models/model.keras: trained\n"


@pytest.mark.parametrize("bug", [ZeroDivisionError("a bug"), OSError(errno.EBADF, "Bad file descriptor")])
def test_a_bug_is_not_hidden(end: Callable[[BaseException], None], bug: Exception) -> None:
    end(bug)
    with pytest.raises(type(bug)):
        cli.main(["train"])


def test_a_request_to_end_is_an_interruption(
    end: Callable[[str], None], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    end("done")
    monkeypatch.setattr(steps, "run_step", lambda *arguments: signal.raise_signal(signal.SIGTERM))
    assert cli.main(["train"]) == 130
    assert capsys.readouterr().err.startswith("scoretable: interrupted")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["tabel"], "no such command 'tabel'. Did you mean 'table'? See `scoretable --help`."),
        (["table", "--format", "pdf"], "invalid value for '--format': 'pdf' is not one of 'terminal', 'markdown'"),
        (["explain"], "missing argument 'ROW'. See `scoretable explain --help`."),
        (["study", "--seeds", "many", "--factor", "seed=1,2"], "invalid value for '--seeds'"),
    ],
)
def test_what_cannot_be_parsed_is_refused_in_one_line_that_names_the_help(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    sentence: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(arguments) == 2
    printed = capsys.readouterr()
    assert printed.err.startswith(f"scoretable: {sentence}")
    assert (printed.out, printed.err.count("\n")) == ("", 1)
    assert cli.main(told(printed.err, "scoretable")[1:]) == 0


def test_a_folder_within_the_repository_is_refused_with_the_way_to_its_top(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("Snakefile", "dvc.yaml"):
        (tmp_path / name).touch()
    (tmp_path / "docs" / "figures").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "docs" / "figures")
    assert cli.main(["explain", "row"]) == 1
    assert "type `cd ../..` and the same command again" in capsys.readouterr().err


def test_a_typing_error_is_no_error_of_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    cli.main(["tabel"])
    assert not LAST_ERROR.exists()


def test_without_a_command_the_help_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([]) == 2
    printed = capsys.readouterr()
    assert printed.out.startswith("Make, compare and submit the rows of a Kaggle score table.")
    assert printed.err == ""


def test_the_version_is_told_with_the_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("scoretable ")


def test_the_help_can_be_printed_where_there_is_no_unicode() -> None:
    shown = start("--help", **ASCII)
    assert (shown.returncode, shown.stderr) == (0, b"")
    assert shown.stdout.isascii()


def test_what_the_terminal_cannot_show_is_replaced() -> None:
    code = "import sys; from scoretable.cli.main import app, main; app.command()(lambda: '\\ud55c\\uae00 \\xb1'); "
    code += "app.registered_commands[-1].name = 'say'; sys.exit(main(['say']))"
    environment = os.environ | {"PYTHONPATH": str(ROOT / "workflow")} | ASCII
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, env=environment, check=False)
    assert (shown.returncode, shown.stdout, shown.stderr) == (0, b"?? ?\n", b"")


def test_a_reader_that_has_enough_gets_no_traceback() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        assert start("--version", stdout=writing).stderr == b""
    finally:
        os.close(writing)


def test_scoring_without_answers_is_refused(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["score"]) == 1
    assert "only the sandbox is scored here" in capsys.readouterr().err


def test_scoring_what_is_not_one_label_an_image_is_refused(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    described = workspace / "workflow/competitions/sandbox.yaml"
    described.write_text(described.read_text().replace("classes: 10", "task: multilabel"))
    answers = workspace / "data/raw/sandbox.lineage/answers.csv"
    answers.parent.mkdir(parents=True)
    answers.write_text("image_id,label,usage\n1.jpg,blast,Public\n")
    assert cli.main(["score"]) == 1
    assert "one label per image, which task: multilabel does not submit" in capsys.readouterr().err
