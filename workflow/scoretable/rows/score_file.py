"""models/score.json: what a submission was scored, and which file that was.

Git keeps it, so that each row brings its own; a row that is not handed in says so.
"""

import json
from pathlib import Path
from typing import Any

from scoretable.workspace.atomic import write_json
from scoretable.workspace.digests import file_digest

NOT_SUBMITTED = {"state": "not submitted"}


def write_score(path: Path, submission: Path, state: str, **figures: Any) -> None:
    """Write the score of `submission`: its state ('pending', 'complete', 'error'), figures, and the file's SHA-256."""
    write_json(path, {"state": state, **figures, "sha256": file_digest(submission)})


def read_score(path: Path, submission: Path) -> dict[str, Any] | None:
    """Return the score of `submission`, or None where there is none or it is that of another file."""
    score = _content(path)
    if score is None or not submission.exists():
        return None
    return score if score.get("sha256") == file_digest(submission) else None


def reset_other_score(path: Path, submission: Path) -> None:
    """Let the score file say that nothing is submitted, where `submission` is another file than it speaks of."""
    if submission.exists() and _content(path) != NOT_SUBMITTED and read_score(path, submission) is None:
        write_json(path, NOT_SUBMITTED)


def _content(path: Path) -> dict[str, Any] | None:
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None
