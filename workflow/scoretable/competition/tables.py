"""CSV tables inside a competition's archive, and the refusal of what is wrong in them."""

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator
from itertools import islice, repeat

import pandas as pd

from scoretable.archive.archive import Archive
from scoretable.competition.layouts import ENCODINGS
from scoretable.workspace.errors import InputError, how_many

_AROUND = 1_000  # bytes of a line that show which encoding it is in
LONGEST = 60  # characters of a value that a message names
SHOWN = 3  # how many offending values a message names
# pandas takes 0.8 GB for 5 million cells of their own, and a minute for a header of a million columns; a table of
# 1.5 million photos, Google's Landmarks of 2021, has 3 million cells and 60 MB.
MOST_BYTES, MOST_CELLS, MOST_COLUMNS = 100_000_000, 5_000_000, 10_000
# What a spreadsheet would run (owasp.org/www-community/attacks/CSV_Injection) if it were asked to open a table: a
# formula that calls a function, another program or another file. -1, +, @home and =2 are names like any others.
_FORMULA = r"^\s*[=+\-@\uff1d\uff0b\uff0d\uff20].*(?:[\w.]\(|[|!])"
_HARMFUL = {
    "value with control characters": re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]"),
    "value that a spreadsheet would run as a formula": re.compile(_FORMULA, re.MULTILINE),
    # What ends or changes a script element, where DVC's page of plots has names as they are; the score table escapes.
    "value with HTML that DVC's page of plots would run": re.compile(r"</?script|<!--", re.IGNORECASE),
}


def read_table(archive: Archive, name: str, columns: list[str], encoding: str | None = None) -> pd.DataFrame:
    """Return a CSV member, all as text; `encoding`: see `as_utf8`.

    Raises InputError where it is missing, is not a CSV table in its encoding, lacks one of `columns`, or has no rows.
    """
    try:
        content = archive.read(name, MOST_BYTES)
    except KeyError:
        tables = pd.Series([member for member in archive.names if member.lower().endswith(".csv")], dtype=str)
        raise InputError(
            f"the archive has no table {name} (its tables: {name_some(tables, 6) or 'none'}): correct the "
            "competition's file."
        ) from None
    content = as_utf8(content, name, encoding)
    try:
        _refuse_json(content, name)
        _refuse_size(content, name)
        table = pd.read_csv(
            io.BytesIO(content), sep=_separator(content), dtype=str, keep_default_na=False, encoding="utf-8-sig"
        )
    except (ValueError, csv.Error) as error:  # also of pandas' own errors
        reason = " ".join(str(error).split())
        raise InputError(f"{name} in the archive is not a CSV table ({reason}): save it as one.") from None
    if not isinstance(table.index, pd.RangeIndex):
        raise InputError(f"{name} in the archive has a row with more values than its header has columns: fix it.")
    absent = [column for column in columns if column not in table.columns]
    if absent:
        raise InputError(
            f"{name} has no column {absent[0]} (it has {name_some(pd.Series(table.columns), 12)}): correct the "
            "competition's file."
        )
    if table.empty:
        raise InputError(f"{name} in the archive has a header but no rows: fix the table.")
    return table.fillna("")


def refuse_values(table: str, column: str, values: pd.Series, problem: str, mend: str = "fix the archive") -> None:
    """Raise InputError that names the first of `values`, if there are any; `problem` is said of one of them."""
    if len(values):
        noun, _, rest = problem.partition(" ")
        raise InputError(
            f"{table}, column {column}: {how_many(len(values), noun)} {rest}: {name_some(values)}; {mend}."
        )


def name_some(values: pd.Series, most: int = SHOWN) -> str:
    """Return the first of `values` as a list for a message."""
    shown = ", ".join(map(_name_one, values[:most]))
    return f"{shown}, ..." if len(values) > most else shown


def _name_one(value: str) -> str:
    short = value if len(value) <= LONGEST else f"{value[: LONGEST - 3]}..."
    return repr(short) if short.strip() != short or not short else short


def refuse_harmful(table: str, column: str, values: Iterable[str]) -> None:
    """Raise InputError for names that would do harm where they are shown: in a terminal, a spreadsheet, or a page."""
    texts = list(dict.fromkeys(values))
    # One search in all of them is ten times as fast as one in each. A text has no line's end where the second begins.
    wholes = ("".join(texts), *repeat("\n".join(texts), len(_HARMFUL) - 1))
    for whole, (problem, expression) in zip(wholes, _HARMFUL.items(), strict=True):
        if not expression.search(whole):
            continue
        found = pd.Series([text for text in texts if expression.search(text)], dtype=str)
        refuse_values(table, column, found, problem)


def as_utf8(content: bytes, name: str, encoding: str | None) -> bytes:
    """Return the text of a table in UTF-8; `encoding`: that of the file, null for UTF-8, or UTF-16 by its first bytes.

    Raises InputError where it is in another, with those of `ENCODINGS` that it may be in.
    """
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    try:
        text = content.decode(encoding or "utf-8")
    except UnicodeError as error:
        readings = ", ".join(_readings(content, getattr(error, "start", 0))) or "none of the common ones"
        raise InputError(
            f"{name} in the archive is not in {encoding or 'UTF-8'}: set `encoding` in the competition's file, by "
            f"how the first word beyond ASCII reads: {readings}."
        ) from None
    return text.encode() if encoding else content


def _readings(content: bytes, place: int) -> Iterator[str]:
    """Yield encodings in which the line around `place` makes sense, each with its first word beyond ASCII."""
    before, after = content[max(0, place - _AROUND) : place], content[place : place + _AROUND]
    line = before.rpartition(b"\n")[2] + after.partition(b"\n")[0]
    for encoding in ENCODINGS:
        word = re.search(r"\w*[^\x00-\x7f]\w*", line.decode(encoding, "replace"))
        if word and word[0].isalnum():
            yield f"{encoding} ({word[0][:10]})"


def _refuse_json(content: bytes, name: str) -> None:
    if content.lstrip()[:1] in (b"{", b"["):
        raise InputError(
            f"{name} in the archive is JSON and no CSV table: if it has images and annotations, name it as `coco` in "
            "place of `table`."
        )


def _separator(content: bytes) -> str:
    """Return what is between the columns: a comma, unless the header has none but semicolons or tabs."""
    header = content.split(b"\n", 1)[0]
    return next((mark for mark in (",", ";", "\t") if mark.encode() in header), ",")


def _refuse_size(content: bytes, name: str) -> None:
    """Count what pandas would make objects of; quoted separators count too, so it may be too many by them."""
    lines_by_end = content.count(b"\n") + content.count(b"\r") - content.count(b"\r\n")
    separator = _separator(content)
    cells = content.count(separator.encode()) + lines_by_end
    if cells > MOST_CELLS:
        raise InputError(f"{name} in the archive has more than {MOST_CELLS:,} cells: remove what you do not need.")
    lines = csv.reader(io.TextIOWrapper(io.BytesIO(content), "utf-8-sig", newline=""), delimiter=separator)
    # pandas takes the first line for the header and the second for the width of the others.
    columns = max((len(line) for line in islice(filter(None, lines), 2)), default=0)
    if columns > MOST_COLUMNS:
        raise InputError(f"{name} in the archive has more than {MOST_COLUMNS:,} columns: remove those you do not need.")
