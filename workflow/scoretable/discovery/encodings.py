"""Which of the older encodings a table is in, by which of them makes words of its letters."""

import re
from collections.abc import Callable, Iterable

from scoretable.archive.member_names import UNMARKED
from scoretable.competition.layouts import ENCODINGS

_MOST = 20_000  # letters that are looked at
_OF_WORDS = ("cp1252", UNMARKED)  # which have ASCII letters too
_LEAST = 0.01  # of a letter alone, which fits where no other encoding makes a letter of it
_SHOWN = 2  # encodings that it could also be
_AMONG_ASCII = re.compile(r"[A-Za-z][^\x00-\x7f]|[^\x00-\x7f][A-Za-z]")


def guess_encoding(content: bytes, encodings: Iterable[str] = ENCODINGS) -> tuple[str, str] | None:
    """Return the likely encoding of a table that is not UTF-8, and how its first word reads in it and in others.

    None where none of `encodings`, of which the first of equal ones counts, decodes the whole.
    """
    texts = {encoding: text for encoding in encodings if (text := _decode(content, encoding)) is not None}
    if not texts:
        return None
    rates = {encoding: _rate(text, encoding) for encoding, text in texts.items()}
    best, *others = sorted(texts, key=lambda encoding: -rates[encoding])  # of equal ones in their order
    shown = [f"{_first_word(texts[other])} in {other}" for other in others[:_SHOWN]]
    instead = f", and would be {' or '.join(shown)}" if shown else ""
    return best, f"a guess: the first word beyond ASCII reads {_first_word(texts[best])}{instead}"


def _decode(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except UnicodeError:
        return None


def _rate(text: str, encoding: str) -> float:
    """Return which share of the letters beyond ASCII are those of the encoding's language, as its words have them."""
    letters = re.findall(r"[^\x00-\x7f]", text[: _MOST * 10])[:_MOST]
    fits = sum(map(_LETTERS[encoding], letters)) / len(letters)
    among = min(1.0, len(_AMONG_ASCII.findall(text)) / len(letters))
    return fits * (max(among, _LEAST) if encoding in _OF_WORDS else 1 - among)


def _first_word(text: str) -> str:
    found = re.search(r"\w*[^\x00-\x7f]\w*", text)
    return found[0][:10] if found else ""


def _within(*ranges: tuple[str, str]) -> Callable[[str], bool]:
    return lambda letter: any(first <= letter <= last for first, last in ranges)


def _frequent(encoding: str, first: int, last: int) -> Callable[[str], bool]:
    """Tell the characters of a standard's first level, the frequent ones, by their first byte."""

    def tell(letter: str) -> bool:
        code = letter.encode(encoding, "ignore")
        return len(code) == 2 and first <= code[0] <= last

    return tell


_LETTERS: dict[str, Callable[[str], bool]] = {
    "cp949": _frequent("euc_kr", 0xB0, 0xC8),
    "cp932": _within(("ぁ", "ヿ"), ("一", "鿿")),
    "gb18030": _frequent("gb2312", 0xB0, 0xD7),
    "big5": _frequent("big5", 0xA4, 0xC6),
    "cp1251": _within(("А", "я"), ("ё", "ё"), ("Ё", "Ё")),  # noqa: RUF001 - Cyrillic is meant
    "cp1252": str.isalpha,
    UNMARKED: str.isalpha,
}
