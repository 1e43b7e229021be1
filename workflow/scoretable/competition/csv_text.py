"""From the bytes of a CSV table to its cells: the encoding, the separator, and rows that end in separators."""

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import islice
from typing import Any

import pandas as pd

from scoretable.competition.layouts import ENCODINGS
from scoretable.competition.spelling import Notes, tell
from scoretable.workspace.errors import InputError, how_many
from scoretable.workspace.utf8 import is_utf8

_AROUND = 1_000  # bytes of a line that show which encoding it is in
# Marks at the beginning; that of UTF-32 comes first, since one of UTF-16 begins it.
_MARKS = {
    "utf-32": (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE),
    "utf-16": (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE),
}
_SEPARATORS = (",", ";", "\t", "|")
_SPACE = " "  # a separator only where no mark parts the header
_IMAGE = re.compile(r".\.(jpe?g|png|bmp|tiff?|gif|webp|npy|dcm|dicom)$", re.IGNORECASE)
# Bytes, fewer than the 131,072 characters of the largest cell that `csv` reads, and rows that show the separator.
_START, _FIRST = 100_000, 5
_SHOWN = 60  # characters of such a row
_MOST_SURPLUS = 100  # separators without a value that a row may end in
UNNAMED = "Unnamed: "  # what pandas names a column whose name is empty


def as_utf8(content: bytes, name: str, encoding: str | None, key: str, notes: Notes | None = None) -> bytes:
    """Return the text of a table in UTF-8; `encoding`: that of the tables that are neither UTF-8, UTF-16 nor UTF-32.

    These show by their first bytes, or because a table does not decode in `encoding` but in UTF-8. Raises InputError
    where it is in another, with those of `ENCODINGS` that it may be in; `key` names the table.
    """
    if wide := wide_encoding(content):
        encoding = wide
    elif encoding and (
        content.startswith(codecs.BOM_UTF8) or is_utf8(content, encoding) or _is_only_utf8(content, encoding)
    ):
        encoding = None
    try:
        text = content.decode(encoding or "utf-8")
    except UnicodeError as error:
        readings = ", ".join(list_readings(content, getattr(error, "start", 0)))
        mend = f"set encoding, by how the first word beyond ASCII reads: {readings}" if readings else f"correct {key}"
        raise InputError(f"{name} in the archive is not in {encoding or 'UTF-8'}: {mend}.") from None
    if not encoding or text.encode() == content:  # as of ASCII in most of them
        return content
    tell(notes, f"{name}: encoding {encoding}")
    return text.encode()


def wide_encoding(content: bytes) -> str:
    """Return in which encoding of two or four bytes a character a table is, or ''."""
    marked = (encoding for encoding, marks in _MARKS.items() if content.startswith(marks))
    return next(marked, "") or utf16_without_mark(content)


def utf16_without_mark(content: bytes) -> str:
    """Return in which order of bytes a table is UTF-16 that lacks the mark at its beginning, or ''.

    In text with separators, digits and line ends, zeros stand in every second place only, and in some of those.
    """
    even, odd = content[:_AROUND:2].count(0), content[1:_AROUND:2].count(0)
    if 10 * (even + odd) <= len(content[:_AROUND]) or (even and odd) or len(content) % 2:
        return ""
    return "utf-16-le" if odd else "utf-16-be"


def _is_only_utf8(content: bytes, encoding: str) -> bool:
    def decodes(name: str) -> bool:
        with suppress(UnicodeError):
            return bool(content.decode(name))
        return False

    return not decodes(encoding) and decodes("utf-8")


def list_readings(content: bytes, place: int = 0, encodings: Iterable[str] = ENCODINGS) -> Iterator[str]:
    """Yield encodings in which the line around `place` makes sense, each with its first word beyond ASCII."""
    before, after = content[max(0, place - _AROUND) : place], content[place : place + _AROUND]
    line = before.rpartition(b"\n")[2] + after.partition(b"\n")[0]
    for encoding in encodings:
        word = re.search(r"\w*[^\x00-\x7f]\w*", line.decode(encoding, "replace"))
        if word and word[0].isalnum():
            yield f"{encoding} ({word[0][:10]})"


def find_separator(content: bytes, name: str = "", notes: Notes | None = None) -> str:
    """Return what is between the columns: the mark that parts the header, and the first rows as often.

    Of several marks it is the one that makes the most columns; a space where none parts the header, and spaces part
    all of these rows as often; else a comma.
    """
    start = content[:_START]
    if len(start) < len(content) and b"\n" in start:
        start = start[: start.rindex(b"\n")]
    ranks = {mark: _rank(start, mark) for mark in _SEPARATORS}
    separator = max(_SEPARATORS, key=ranks.__getitem__)  # the first of equal ones
    if not ranks[separator][0]:
        separator = _SPACE if all(_rank(start, _SPACE)[:2]) else ","
    if separator != ",":
        tell(notes, f"{name}: columns separated by {separator!r}")
    return separator


def _rank(content: bytes, mark: str) -> tuple[bool, bool, int]:
    widths = [len(row) for row in islice(filter(None, _rows(content, mark)), _FIRST)]
    header = widths[0] if widths else 1
    return header > 1, len(set(widths)) == 1, header


def _rows(content: bytes, separator: str) -> Any:
    lines = io.TextIOWrapper(io.BytesIO(content), "utf-8-sig", "replace", newline="")  # where the start ends
    return csv.reader(lines, delimiter=separator, skipinitialspace=True)


def _first_row(content: bytes, separator: str) -> list[str]:
    return next(filter(None, _rows(content[:_START], separator)), [])


def with_header(content: bytes, name: str, notes: Notes | None = None, members: Iterable[str] = ()) -> bytes:
    """Return a table with a header of column_1, column_2 and so on, where it has none; see `row_for_header`."""
    first = row_for_header(content, members)
    if not first:
        return content
    columns = [f"column_{place}" for place in range(1, len(first) + 1)]
    tell(notes, f"{name}: no header, so that its columns are {columns[0]} to {columns[-1]}")
    return (find_separator(content).join(columns) + "\n").encode() + content.removeprefix(codecs.BOM_UTF8)


def row_for_header(content: bytes, members: Iterable[str] = ()) -> list[str]:
    """Return the first row of a table where it stands in place of a header: it names an image as the second does.

    By its suffix, or in the first column by the name of one of `members`, with or without its suffix; other columns
    may be named 0 and 1, as images are. [] where the table has a header.
    """
    first, second = [*islice(filter(None, _rows(content[:_START], find_separator(content))), 2), [], []][:2]
    if any(_IMAGE.search(cell) and _IMAGE.search(below) for cell, below in zip(first, second, strict=False)):
        return first
    wanted = {row[0].strip() for row in (first, second) if row} - {""}
    bases = (member.rpartition("/")[2] for member in members if _IMAGE.search(member))
    found = {cell for base in bases for cell in (base, base.rpartition(".")[0]) if cell in wanted}
    return first if len(wanted) == 2 and found == wanted else []


def is_index(column: str, cells: pd.Series) -> bool:
    """Return whether a column counts the rows and has no name, as pandas writes its index."""
    if not column.startswith(UNNAMED) or cells.empty or cells.iloc[0] not in ("0", "1"):
        return False
    start = int(cells.iloc[0])
    return bool((cells == pd.Series(range(start, start + len(cells)), index=cells.index).astype(str)).all())


def without_preamble(content: bytes, name: str, notes: Notes | None = None) -> bytes:
    """Return a table without lines before its header: `sep=;` of Excel, and comments that begin with #."""
    if not re.match(rb'(\xef\xbb\xbf)?("?sep=.|#)', content):
        return content
    line, _, rest = content.removeprefix(codecs.BOM_UTF8).partition(b"\n")
    if not rest:
        return content
    separator = find_separator(rest)
    widths = {len(_first_row(text, separator)) for text in (line, rest)}
    several = widths == {1} and rest.startswith(b"#")  # lines of remarks
    if line.startswith(b"#") and len(widths) == 1 and not several:
        return content
    tell(notes, f"{name}: the line {line.decode(errors='replace').strip()[:40]!r} before the header left out")
    return without_preamble(rest, name, notes)


def _tell_repeated_names(names: list[str], name: str, notes: Notes | None) -> None:
    again = [column for column in dict.fromkeys(names) if column and names.count(column) > 1]
    if again:
        tell(notes, f"{name}: {names.count(again[0])} columns are named {again[0]}: the second is {again[0]}.1")


def read_cells(content: bytes, name: str, notes: Notes | None = None) -> pd.DataFrame:
    """Return the cells of a table in UTF-8 as they stand, all text.

    A quote may have a space before it, and rows may end in separators without a value. Raises ValueError, of which
    pandas' errors are, and csv.Error where this is no table, or a row has more values than the header has names.
    """
    separator = find_separator(content, name, notes)
    spaced = separator == _SPACE or re.search(re.escape(separator.encode()) + b' +"', content) is not None
    if spaced and separator != _SPACE:
        tell(notes, f"{name}: spaces between separators and quotes left out")

    def read(**more: Any) -> pd.DataFrame:
        options: dict[str, Any] = {"dtype": str, "keep_default_na": False, "encoding": "utf-8-sig"}
        return pd.read_csv(io.BytesIO(content), sep=separator, skipinitialspace=spaced, **options, **more)

    _tell_repeated_names(_first_row(content, separator), name, notes)
    table = _read_even(read)
    if table is None:
        surplus = _count_surplus(content, separator)
        header = list(read(nrows=0).columns)
        names = [*header, *(f"{UNNAMED}{place}" for place in range(len(header), len(header) + surplus))]
        table = read(names=names)[1:].reset_index(drop=True)
    filled = (table != "").any(axis=1)
    if not filled.all():
        tell(notes, f"{name}: {how_many(int((~filled).sum()), 'empty row')} left out")
        table = table[filled].reset_index(drop=True)
    blank = [name for name in table.columns[1:] if name.startswith(UNNAMED) and (table[name] == "").all()]
    if blank:
        tell(notes, f"{name}: {how_many(len(blank), 'column')} without a name and values left out")
    return table.drop(columns=blank)


def _read_even(read: Callable[..., pd.DataFrame]) -> pd.DataFrame | None:
    """Return the table, None where rows have more cells than the header."""
    with suppress(pd.errors.ParserError):
        table = read()
        if isinstance(table.index, pd.RangeIndex):
            return table
    return None


class UnevenRow(ValueError):
    """A row that has more values than the header has names."""

    def __init__(self, line: int, row: list[str], names: int) -> None:
        shown = ", ".join(row)[:_SHOWN]
        super().__init__(f"has {len(row)} values in line {line}, but {names} names in its header ({shown})")


def _count_surplus(content: bytes, separator: str) -> int:
    """Return how many cells more than the header the longest row has; raise ValueError where one holds a value."""
    rows = _rows(content, separator)
    header = widest = len(next(filter(None, rows), []))
    for row in rows:
        widest = max(widest, len(row))
        if widest > header + _MOST_SURPLUS or any(map(str.strip, row[header:])):
            raise UnevenRow(rows.line_num, row, header)
    return widest - header
