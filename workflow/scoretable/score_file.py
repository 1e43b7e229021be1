"""models/score.json: what a submission was scored, and which file that was."""

import json
from pathlib import Path
from typing import Any

from scoretable.atomic import write_json
from scoretable.lineage import file_digest


def write_score(path: Path, submission: Path, state: str, **figures: Any) -> None:
    """Write the score of `submission`: its state ('pending', 'complete', 'error'), figures, and the file's SHA-256."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_json(path, {"state": state, **figures, "sha256": file_digest(submission)})


def read_score(path: Path, submission: Path) -> dict[str, Any] | None:
    """Return the score of `submission`, or None where there is none or it is that of another file."""
    if not path.exists() or not submission.exists():
        return None
    score: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return score if score["sha256"] == file_digest(submission) else None


def discard_other_score(path: Path, submission: Path) -> None:
    """Remove the score file where `submission` is another one than it speaks of."""
    if submission.exists() and read_score(path, submission) is None:
        path.unlink(missing_ok=True)
