"""Which of the several files of an image become its channels."""

import re

from scoretable.competition.layouts import MOST_CHANNELS

_COLOURS = ("red", "green", "blue", "yellow")  # in the order in which they become red, green and blue
_SUFFIX = re.compile(r"\.\w+$")
_SHORT = {"r": "red", "g": "green", "b": "blue", "y": "yellow"}


def choose_channels(endings: tuple[str, ...]) -> list[str]:
    """Return the endings, such as `_red.png`, that become red, green and blue; the first ones where none is a colour.

    None where files differ in their suffix only, which are one picture in several formats.
    """
    words = {ending: _SUFFIX.sub("", ending).strip("_-. ").lower() for ending in endings}
    if len(set(words.values())) < 2:
        return []
    colours = {ending: _SHORT.get(word, word) for ending, word in words.items()}
    ranks = {ending: _COLOURS.index(name) if name in _COLOURS else len(_COLOURS) for ending, name in colours.items()}
    return sorted(endings, key=lambda ending: (ranks[ending], _number(words[ending])))[:MOST_CHANNELS]


def _number(word: str) -> tuple[int, str]:
    found = re.search(r"[0-9]+", word)
    return (int(found[0]) if found else -1, word)
