"""The error that a user can fix."""

import difflib
from collections.abc import Iterable
from pathlib import Path

# Where a failed step leaves its sentence for the end of the run.
LAST_ERROR = Path(".snakemake/scoretable-error.txt")
MOST_CHARACTERS = 4_000  # of a sentence; the longest of the program's own, a list of models, has 1,500


class InputError(Exception):
    """Something that you gave cannot be used.

    The message is one sentence: what is wrong, where, and what to do about it. The command line shows it
    without a traceback and exits with status 1. It may quote what was given, so it is made fit to print.
    """

    def __init__(self, sentence: str) -> None:
        super().__init__(printable(sentence))


class TrainingStopped(Exception):
    """A time limit or a signal ended a training early; a checkpoint holds all of it."""


def nearest(value: object, allowed: tuple[str, ...]) -> str:
    """Return ' (did you mean X?)' for the allowed name nearest to `value`, or '' where none is near."""
    lower = {name.lower(): name for name in allowed}
    close = difflib.get_close_matches(str(value).lower(), lower, n=1)
    return f" (did you mean {lower[close[0]]}?)" if close else ""


def nearest_name(name: str, there: Iterable[str]) -> str | None:
    """Return the one of `there` that `name` was likely meant to be, None where none is like it; case does not count."""
    folded: dict[str, str] = {}
    for other in there:
        folded.setdefault(other.strip().casefold(), other)
    close = difflib.get_close_matches(name.strip().casefold(), folded, n=1)
    return folded[close[0]] if close else None


def how_many(count: int, noun: str) -> str:
    """Return '1 id' or '2 ids'."""
    return f"{count} {noun}" + ("" if count == 1 else "es" if noun.endswith("s") else "s")


def printable(sentence: str) -> str:
    """Escape what would break the line or drive the terminal, and leave out the middle of an endless sentence."""
    if len(sentence) > MOST_CHARACTERS:
        half = MOST_CHARACTERS // 2
        sentence = f"{sentence[:half]} ... {sentence[-half:]}"
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode() for character in sentence
    )
