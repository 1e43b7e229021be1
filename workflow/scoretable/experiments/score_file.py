"""The score of a submission: models/score.json for comparing rows, models/submission.json for all that is known.

Git keeps both, so that each row brings its own; a row that is not submitted says so.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scoretable.workspace.atomic import read_json, write_json
from scoretable.workspace.digests import file_digest

NOT_SUBMITTED = {"state": "not submitted"}
SCORES = ("public_score", "private_score")


def write_score(path: Path, submission: Path, state: str, **figures: Any) -> None:
    """Write what is known of `submission` to `path`, and its scores to score.json beside it.

    state: 'pending', 'complete' or 'error'. The file's SHA-256 is added, by which it is recognised.
    """
    write_known_score(path, {"state": state, **figures, "sha256": file_digest(submission)})


def read_score(path: Path, submission: Path) -> dict[str, Any] | None:
    """Return what is known of `submission`, or None where nothing is, it is of another file, or a file is damaged."""
    score = read_json(path)
    if score is None or not submission.exists() or read_json(path.with_name("score.json")) != _scores(score):
        return None
    return score if score.get("sha256") == file_digest(submission) else None


def reset_other_score(path: Path, submission: Path) -> None:
    """Let both files say that nothing is submitted, where `submission` is another file than they speak of.

    So they do where they are damaged or contradict each other: `snakemake submit` asks for the score again.
    """
    if not submission.exists() or read_score(path, submission) is not None:
        return
    known, shown = read_json(path), read_json(path.with_name("score.json"))
    if path.exists() and (known is None or shown != _scores(known)):
        print(f"scoretable: {path} or score.json is damaged: `snakemake --cores 1 submit` gets the score.", flush=True)
    if known != NOT_SUBMITTED or shown != _scores(NOT_SUBMITTED):
        write_known_score(path, NOT_SUBMITTED)


def count_behind(score: Mapping[str, Any], which: str) -> str:
    """Return what stands behind a public or private score: of a share '86 of 120', else '120 images', '' if unknown.

    >>> count_behind({"public_correct": 86, "public_images": 120}, "public"), count_behind({}, "private")
    ('86 of 120', '')
    """
    correct, images = score.get(f"{which}_correct"), score.get(f"{which}_images")
    if images is None:
        return ""
    return f"{images} images" if correct is None else f"{correct} of {images}"


def write_known_score(path: Path, content: Mapping[str, Any]) -> None:
    """Write both files from what the first one holds."""
    write_json(path.with_name("score.json"), _scores(content))
    write_json(path, dict(content))


def _scores(content: Mapping[str, Any]) -> dict[str, Any]:
    return {name: content.get(name) for name in SCORES}
