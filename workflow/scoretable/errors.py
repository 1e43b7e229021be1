"""The error that a user can mend."""

import difflib
from pathlib import Path

# Where a failed step leaves its sentence for the end of the run.
LAST_ERROR = Path(".snakemake/scoretable-error.txt")


class InputError(Exception):
    """Something the user gave cannot be used.

    The message is one sentence: what is wrong, where, and what to do about it. The command line shows it
    without a traceback and exits with status 1.
    """


class TrainingStopped(Exception):
    """A time limit or a signal ended a training early; a checkpoint holds all of it."""


def nearest(value: object, allowed: tuple[str, ...]) -> str:
    """Return ' (did you mean X?)' for the allowed name nearest to `value`, or '' where none is near."""
    lower = {name.lower(): name for name in allowed}
    close = difflib.get_close_matches(str(value).lower(), lower, n=1)
    return f" (did you mean {lower[close[0]]}?)" if close else ""
