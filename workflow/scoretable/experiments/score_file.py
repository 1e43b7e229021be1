"""The score of a submission: models/score.json for comparing rows, models/submission.json for all that is known.

Git keeps both, so that each row brings its own; a row that is not submitted says so.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scoretable.workspace.atomic import write_json
from scoretable.workspace.digests import file_digest

NOT_SUBMITTED = {"state": "not submitted"}
SCORES = ("public_score", "private_score")


def write_score(path: Path, submission: Path, state: str, **figures: Any) -> None:
    """Write what is known of `submission` to `path`, and its scores to score.json beside it.

    state: 'pending', 'complete' or 'error'. The file's SHA-256 is added, by which it is recognised.
    """
    _write(path, {"state": state, **figures, "sha256": file_digest(submission)})


def read_score(path: Path, submission: Path) -> dict[str, Any] | None:
    """Return what is known of `submission`, or None where nothing is or it is of another file."""
    score = _content(path)
    if score is None or not submission.exists():
        return None
    return score if score.get("sha256") == file_digest(submission) else None


def reset_other_score(path: Path, submission: Path) -> None:
    """Let both files say that nothing is submitted, where `submission` is another file than they speak of."""
    if submission.exists() and _content(path) != NOT_SUBMITTED and read_score(path, submission) is None:
        _write(path, NOT_SUBMITTED)


def count_behind(score: Mapping[str, Any], which: str) -> str:
    """Return what stands behind a public or private score: of a share '86 of 120', else '120 images', '' if unknown.

    >>> count_behind({"public_correct": 86, "public_images": 120}, "public"), count_behind({}, "private")
    ('86 of 120', '')
    """
    correct, images = score.get(f"{which}_correct"), score.get(f"{which}_images")
    if images is None:
        return ""
    return f"{images} images" if correct is None else f"{correct} of {images}"


def _write(path: Path, content: dict[str, Any]) -> None:
    write_json(path.with_name("score.json"), {name: content.get(name) for name in SCORES})
    write_json(path, content)


def _content(path: Path) -> dict[str, Any] | None:
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None
