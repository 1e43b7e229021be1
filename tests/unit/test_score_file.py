"""The score file belongs to the submission whose hash it holds."""

from pathlib import Path

from scoretable.score_file import discard_other_score, read_score, write_score


def test_a_score_is_read_with_its_own_submission_only(tmp_path: Path) -> None:
    score, submission = tmp_path / "models/score.json", tmp_path / "submission.csv"
    submission.write_text("one")
    write_score(score, submission, "complete", public_score=0.5)
    assert (read_score(score, submission) or {})["public_score"] == 0.5
    submission.write_text("another")
    assert read_score(score, submission) is None


def test_a_score_of_another_submission_is_discarded_and_one_of_none_stays(tmp_path: Path) -> None:
    score, submission = tmp_path / "score.json", tmp_path / "submission.csv"
    submission.write_text("one")
    write_score(score, submission, "complete")
    discard_other_score(score, submission)
    assert score.exists()
    submission.unlink()
    discard_other_score(score, submission)
    assert score.exists()
    submission.write_text("another")
    discard_other_score(score, submission)
    assert not score.exists()
