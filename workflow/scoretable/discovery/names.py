"""Names that mean the same: of classes and of the columns of a sample."""

import re
from collections.abc import Iterable, Sequence
from itertools import takewhile

_NEAR = 0.8  # of all names of two lists must be in both, or they are about something else


def match_names(classes: Sequence[str], columns: Sequence[str]) -> dict[str, str] | None:
    """Return which column stands for each class, where almost all have one; None where the two lists differ.

    They may differ in case, in what is no letter or digit, and in a word that all columns begin or end with.
    """
    for plain in (str, _plain, _NumbersOf(classes), _WithoutWord(columns)):
        by_name = {plain(column): column for column in columns}
        found = {name: by_name[plain(name)] for name in classes if plain(name) in by_name}
        unique = len(set(found.values())) == len(found)
        if unique and len(by_name) == len(columns) and len(found) >= _NEAR * max(len(classes), len(columns)):
            return found
    return None


def same_name(one: str, other: str) -> bool:
    """Return whether two names differ at most in case and in what is no letter or digit."""
    return _plain(one) == _plain(other)


def words_of(name: str) -> list[str]:
    """Return the words of a name, as in `PatientID` or `patient_id`, in lower case."""
    return [word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+|[^\W\d_]+", name)]


def share_of(values: Iterable[str], known: set[str]) -> float:
    """Return which share of the distinct values is among `known`."""
    distinct = set(values)
    return len(distinct & known) / len(distinct) if distinct else 0.0


def _plain(name: str) -> str:
    return "".join(filter(str.isalnum, name.casefold()))


class _NumbersOf:
    """Takes `c0` or `class_0` for 0, where all classes are whole numbers."""

    def __init__(self, classes: Sequence[str]) -> None:
        self._fits = all(name.isdecimal() for name in classes)

    def __call__(self, name: str) -> str:
        number = re.fullmatch(r"\D*?0*(\d+)", name) if self._fits else None
        return number[1] if number else name


class _WithoutWord:
    """Takes the word away that all columns begin with."""

    def __init__(self, columns: Sequence[str]) -> None:
        letters = zip(*map(_plain, columns), strict=False)
        self._word = "".join(same[0] for same in takewhile(lambda same: len(set(same)) == 1, letters))

    def __call__(self, name: str) -> str:
        return _plain(name).removeprefix(self._word)
