"""How texts of an archive are read: without what nobody sees at their ends, in one Unicode form; and what is told."""

import re
import unicodedata
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

from scoretable.workspace.errors import how_many

if TYPE_CHECKING:
    import pandas as pd

# Python's spaces, all of which are below U+3001, and marks without a width, such as a byte order mark in a cell.
_UNSEEN = "".join(filter(str.isspace, map(chr, range(0x3001)))) + "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
_AS_SPACE = dict.fromkeys(map(ord, _UNSEEN), " ")
_NO_FRACTION = re.compile(r"(?<=[0-9])\.0+$")
_WITH_COMMA, _ONE_COMMA = r"[+-]?[0-9]+(?:,[0-9]+)?", r"[+-]?[1-9][0-9]{0,2},[0-9]{3}"
_THOUSANDS = r"[+-]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?"
_POINTS = r"[+-]?(?:[0-9]{1,3}(?:\.[0-9]{3})+|[0-9]+)(?:,[0-9]+)?"
Commas = Literal["decimal", "thousands"]
_LONGEST, _SHOWN = 40, 3
NO_VALUE = frozenset({"nan", "na", "n/a", "#n/a", "null", "?", "-", "--"})  # in place of what is not known
_YES_OR_NO = {"true": "1", "false": "0", "yes": "1", "no": "0", "x": "1", "1": "1", "0": "0"}
_MARKS = {"true", "yes", "x", "1"}  # which an empty cell beside them denies
Notes = list[str]  # what was read otherwise than it stands in the archive, a line each


def compose(text: str) -> str:
    """Return a text in Unicode's composed form NFC: macOS writes `é` as two characters, where others have one."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def clean(text: str) -> str:
    """Return a text in the composed form, without spaces and marks at its ends that nobody sees."""
    return trim(compose(text))


def trim(text: str) -> str:
    """Return a text without spaces and marks at its ends that nobody sees."""
    return text.strip(_UNSEEN)


def clean_any(value: Any) -> Any:
    """Return a text of a competition's file as those of the archive are read, and what is no text as it is."""
    return clean(value) if isinstance(value, str) else value


def look_of(text: str) -> str:
    """Return what is equal for texts that a reader cannot tell apart, or takes for one number, as 1 and 1.0."""
    return _NO_FRACTION.sub("", " ".join(compose(text).translate(_AS_SPACE).split()))


def tell(notes: Notes | None, line: str) -> None:
    """Add a line, once."""
    if notes is not None and line not in notes:
        notes.append(line)


def with_points(
    cells: "pd.Series", place: str = "", notes: Notes | None = None, commas: Commas | None = None
) -> "pd.Series":
    """Return numbers with points for commas, without marks of thousands and without percent signs that all have.

    Where commas may be both, as in 1,500 alone, `commas` says what they are; None: cells stay as they are.
    """
    filled = cells[~cells.str.casefold().isin(NO_VALUE | {"", "none"})]
    percent = bool(len(filled)) and bool(filled.str.fullmatch(r".*[0-9]\s*%").all())
    if percent:
        tell(notes, f"{place}: {how_many(len(filled), 'number')} without the percent sign, such as {filled.iloc[0]}")
        cells, filled = (some.str.replace(r"\s*%$", "", regex=True) for some in (cells, filled))
    marked = filled[filled.str.contains(",")]
    if marked.empty:
        return cells
    fits = {form: bool(filled.str.fullmatch(form).all()) for form in (_THOUSANDS, _POINTS, _WITH_COMMA)}
    several = bool(marked.str.contains(r",.*[,.]").any())
    if fits[_THOUSANDS] and (several or (commas == "thousands" and fits[_WITH_COMMA])):
        tell(notes, f"{place}: {how_many(len(marked), 'number')} with commas for thousands, such as {marked.iloc[0]}")
        return cells.str.replace(",", "")
    decimal = commas == "decimal" or not maybe_thousands(filled)
    if not (fits[_POINTS] and marked.str.contains(".", regex=False).any()) and not (fits[_WITH_COMMA] and decimal):
        return cells
    tell(notes, f"{place}: {how_many(len(marked), 'number')} with a decimal comma, such as {marked.iloc[0]}")
    return cells.str.replace(".", "", regex=False).str.replace(",", ".", regex=False)


def maybe_thousands(cells: "pd.Series") -> bool:
    """Return whether the commas of numbers may mark thousands as well as decimals, as in 1,500."""
    marked = cells[cells.str.contains(",")]
    return not marked.empty and bool(marked.str.fullmatch(_ONE_COMMA).all())


def with_ones(cells: "pd.Series", place: str = "", notes: Notes | None = None) -> "pd.Series":
    """Return True and False, yes and no, and one mark beside empty cells as 1 and 0; other cells as they are."""
    words = cells.str.casefold()
    filled = set(words.unique()) - {""}
    known = _YES_OR_NO | ({"": "0"} if len(filled) == 1 and filled <= _MARKS else {})
    values = set(words.unique())
    if values <= {"0", "1"} or not values <= known.keys():
        return cells
    shown = sorted(cells.unique(), key=lambda cell: -int(known[cell.casefold()]))
    tell(notes, f"{place}: {', '.join(f'{cell!r} as {known[cell.casefold()]}' for cell in shown)}")
    return words.map(known)


def clean_table(table: "pd.DataFrame", name: str, notes: Notes | None = None) -> "pd.DataFrame":
    """Return a table with clean names and cells, all text; names that would be the same then stay as they are."""
    names = table.columns.astype(str).to_series()
    if names.map(clean).is_unique:
        table = table.set_axis(clean_texts(names, f"{name}, header", notes, "name").tolist(), axis=1)
    found: Notes = []
    changes = {}
    for column, cells in table.items():
        cleaned = clean_texts(cells, f"{name}, column {column}", found)
        if cleaned is not cells:
            changes[str(column)] = cleaned
    for line in found[:_SHOWN]:
        tell(notes, line)
    if len(found) > _SHOWN:
        tell(notes, f"{name}: the same in {how_many(len(found) - _SHOWN, 'other column')}")
    return table.assign(**changes)


def clean_texts(texts: "pd.Series", place: str, notes: Notes | None, noun: str = "cell") -> "pd.Series":
    """Return clean texts, and tell how many were not; where all were, the same object."""
    whole = "".join(texts)
    if whole.isascii() and "".join(whole.split()) == whole:  # as most ids are, of which there may be a million
        return texts
    known = {text: clean(text) for text in texts.unique()}
    changed = [text for text, other in known.items() if text != other]
    if not changed:
        return texts
    fewer = len(set(known.values()))
    merged = f" ({how_many(fewer, 'value')} in place of {len(known)})" if fewer < len(known) else ""
    ways: dict[str, Callable[[str], str]] = {"trimmed": trim, "in Unicode form NFC": compose}
    for how, way in ways.items():
        of_this = [text for text in changed if way(text) != text]
        if of_this:
            count = int(texts.isin(of_this).sum())
            example = repr(of_this[0][:_LONGEST])
            tell(notes, f"{place}: {how_many(count, noun)} {how}, such as {example}{merged}")
    return texts.map(known)
