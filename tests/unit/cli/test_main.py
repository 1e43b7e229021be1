"""The command line ends in one sentence where the user can mend something."""

import errno
import shutil
from pathlib import Path

import pytest
from scoretable.cli import main as cli
from scoretable.workspace.errors import LAST_ERROR, InputError, TrainingStopped

ROOT = Path(__file__).parents[3]


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(ROOT / "workflow", tmp_path / "workflow", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("params.yaml", "session.yaml"):
        shutil.copy(ROOT / name, tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


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
    workspace: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: BaseException,
    status: int,
    sentence: str,
) -> None:
    def fail(step: str, expected: str | None, place: str | None) -> str:
        raise error

    monkeypatch.setattr(cli, "run_step", fail)
    assert cli.main(["train"]) == status
    assert sentence in capsys.readouterr().err
    assert sentence in LAST_ERROR.read_text()


def test_a_step_that_was_planned_with_other_params_is_refused(workspace: Path) -> None:
    with pytest.raises(InputError, match=r"params.yaml or the code was changed"):
        cli.run_step("train", "0123456789abcdef")


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
    assert "one label an image, which task: multilabel does not hand in" in capsys.readouterr().err
