"""The score file belongs to the submission whose hash it holds."""

import json
import subprocess
from pathlib import Path

import pytest
from scoretable.experiments.score_file import read_score, reset_other_score, write_score

ROOT = Path(__file__).parents[3]


def test_a_score_is_read_with_its_own_submission_only(tmp_path: Path) -> None:
    score, submission = tmp_path / "models/submission.json", tmp_path / "submission.csv"
    submission.write_text("one")
    write_score(score, submission, "complete", public_score=0.5)
    assert (read_score(score, submission) or {})["public_score"] == 0.5
    assert json.loads(score.with_name("score.json").read_text()) == {"public_score": 0.5, "private_score": None}
    submission.write_text("another")
    assert read_score(score, submission) is None


def test_a_score_of_another_submission_is_reset_and_one_of_none_stays(tmp_path: Path) -> None:
    score, submission = tmp_path / "submission.json", tmp_path / "submission.csv"
    submission.write_text("one")
    write_score(score, submission, "complete")
    written = score.read_text()
    reset_other_score(score, submission)
    assert score.read_text() == written
    submission.unlink()
    reset_other_score(score, submission)
    assert score.read_text() == written
    submission.write_text("another")
    reset_other_score(score, submission)
    assert json.loads(score.read_text()) == {"state": "not submitted"}


@pytest.mark.parametrize("damaged", ["submission.json", "score.json"])
@pytest.mark.parametrize("change", [("0.5", "0.7"), ("}", ""), ("{", "\xff"), (None, "")])
def test_a_score_whose_files_are_damaged_or_contradict_each_other_is_reset(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], damaged: str, change: tuple[str | None, str]
) -> None:
    score, submission = tmp_path / "submission.json", tmp_path / "submission.csv"
    submission.write_text("one")
    write_score(score, submission, "complete", public_score=0.5)
    file, (before, after) = tmp_path / damaged, change
    file.write_text(file.read_text().replace(before or file.read_text(), after), encoding="latin-1")
    reset_other_score(score, submission)
    assert json.loads(score.read_text()) == {"state": "not submitted"}
    assert "is damaged: `snakemake --cores 1 submit`" in capsys.readouterr().out
    assert json.loads((tmp_path / "score.json").read_text()) == {"public_score": None, "private_score": None}


def test_the_repository_says_that_nothing_is_submitted_in_the_same_bytes(tmp_path: Path) -> None:
    score, submission = tmp_path / "submission.json", tmp_path / "submission.csv"
    submission.write_text("one")
    reset_other_score(score, submission)
    for name in ("submission.json", "score.json"):
        committed = subprocess.run(["git", "show", f"HEAD:models/{name}"], cwd=ROOT, capture_output=True, check=True)
        assert (tmp_path / name).read_bytes() == committed.stdout
