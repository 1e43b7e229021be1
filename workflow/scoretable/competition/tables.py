"""CSV tables inside a competition's archive, and the refusal of what is wrong in them."""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice, repeat

import pandas as pd

from scoretable.archive.archive import Archive
from scoretable.archive.nearby import nearest_file
from scoretable.competition.csv_text import (
    UnevenRow,
    as_utf8,
    find_separator,
    read_cells,
    row_for_header,
    wide_encoding,
    with_header,
    without_preamble,
)
from scoretable.competition.spelling import Notes, clean_table
from scoretable.workspace.errors import InputError, how_many, nearest_name
from scoretable.workspace.yaml_text import as_yaml

LONGEST = 60  # characters of a value that a message names
SHOWN = 3  # how many offending values a message names
ROOM = 90  # characters that they take together, the first one in any case
TABLES = (".csv", ".tsv", ".txt")
# pandas takes 0.8 GB for 5 million cells of their own, and a minute for a header of a million columns; a table of
# 1.5 million photos, Google's Landmarks of 2021, has 3 million cells and 60 MB.
MOST_BYTES, MOST_CELLS, MOST_COLUMNS = 100_000_000, 5_000_000, 10_000
# What a spreadsheet would run (owasp.org/www-community/attacks/CSV_Injection) if it were asked to open a table: a
# formula that calls a function, another program or another file. -1, +, @home and =2 are names like any others.
_FORMULA = r"^\s*[=+\-@\uff1d\uff0b\uff0d\uff20].*(?:[\w.]\(|[|!])"
# What a file that is no table begins with, in lower case.
_KINDS = {
    b"pk\x03\x04": "a zip file or an Excel workbook",
    b"\x1f\x8b": "a gzip file",
    b"7z\xbc\xaf": "a 7z file",
    b"par1": "a Parquet file",
    b"\x89png": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"%pdf": "a PDF",
    b"<!doctype": "a web page",
    b"<html": "a web page",
}
_HARMFUL = {
    "value with control characters": re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]"),
    "value that a spreadsheet would run as a formula": re.compile(_FORMULA, re.MULTILINE),
    # What ends or changes a script element, where DVC's page of plots has names as they are; the score table escapes.
    "value with HTML that DVC's page of plots would run": re.compile(r"</?script|<!--", re.IGNORECASE),
}


def read_table(
    archive: Archive,
    name: str,
    columns: Mapping[str, str],
    key: str,
    encoding: str | None = None,
    notes: Notes | None = None,
) -> pd.DataFrame:
    """Return a CSV member, all as text, names and cells clean; `encoding`: see `as_utf8`.

    `columns`: those that it must have, each with the key of the competition's file that names it; `key`: the one that
    names the table; `notes`: gets what was read otherwise than it stands. Raises InputError where it is missing, is
    not a CSV table in its encoding, lacks a column, or has no rows.
    """
    table = read_table_or_header(archive, name, columns, key, encoding, notes)
    if table.empty:
        raise InputError(f"{name} in the archive has a header but no rows: set {key} to another table.")
    return table


def read_table_or_header(
    archive: Archive,
    name: str,
    columns: Mapping[str, str],
    key: str,
    encoding: str | None = None,
    notes: Notes | None = None,
) -> pd.DataFrame:
    """Return a table as `read_table` does, which may also have a header and no rows."""
    table = clean_table(read_as_spelt(archive, name, key, encoding, notes), name, notes)
    refuse_absent(name, list(table.columns), columns)
    return table


def read_as_spelt(
    archive: Archive, name: str, key: str, encoding: str | None = None, notes: Notes | None = None
) -> pd.DataFrame:
    """Return a table as `read_table_or_header` does, whose names and cells are as they stand."""
    content = read_file(archive, name, key, TABLES)
    refuse_other_kind(content, name, key)
    content = without_preamble(as_utf8(content, name, encoding, key, notes), name, notes)
    if key != "submission.sample":
        content = with_header(content, name, notes, archive.names)
    elif first := row_for_header(content, archive.names):  # its header is handed in
        raise InputError(
            f"{name} in the archive has no header: its first row names the image {shorten(first[0])}, but a grader "
            f"finds columns by their names: set {key} to a table that has one, or add it and pack the archive again."
        )
    try:
        _refuse_size(content, name)
        return read_cells(content, name, notes)
    except UnevenRow as error:
        raise InputError(
            f"{name} in the archive {error}, as where a comma stands in a text without quotes: put that text in "
            "quotes, and pack the archive again."
        ) from None
    except (ValueError, csv.Error) as error:  # also of pandas' own errors
        reason = " ".join(str(error).split())[:100]
        raise InputError(f"{name} in the archive is not a CSV table ({reason}): set {key} to another table.") from None


def read_file(archive: Archive, name: str, key: str, suffixes: tuple[str, ...], most: int = MOST_BYTES) -> bytes:
    """Return a member that the competition's file names by `key`; raise InputError that names the likely one."""
    try:
        return archive.read(name, most)
    except KeyError:
        like = [member for member in archive.names if member.lower().endswith(suffixes)]
        likely = nearest_file(name, archive.names, suffixes)
        mend = f"set {key}: {as_yaml(likely)}" if likely else f"correct {key}"
        raise InputError(
            f"the archive has no file {shorten(name)} (it has {name_some(like, 6) or 'none of its kind'}): {mend}."
        ) from None


def refuse_absent(table: str, names: Sequence[str], columns: Mapping[str, str], there: str = "none") -> None:
    """Raise InputError for the first one of `columns` that is not in `names`, with its key and the likely mend.

    there: what the table has where `names` is empty.
    """
    absent = next((column for column in columns if column not in names), None)
    if absent is None:
        return
    free = [column for column in names if column not in columns]
    likely = nearest_name(absent, free) or (free[0] if len(free) == 1 else nearest_name(absent, names))
    key = columns[absent]
    verb = f"put {{}} into {key}" if key.endswith("s") else f"set {key}: {{}}"
    mend = verb.format(as_yaml(likely)) if likely else f"correct {key}"
    raise InputError(f"{table} has no column {shorten(absent)} (it has {name_some(names, 12) or there}): {mend}.")


def refuse_values(table: str, column: str, values: Sequence[str] | pd.Series, problem: str, mend: str) -> None:
    """Raise InputError that names the first of `values`, if there are any; `problem` is said of one of them."""
    if len(values):
        noun, _, rest = problem.partition(" ")
        raise InputError(
            f"{table}, column {column}: {how_many(len(values), noun)} {rest}: {name_some(values)}; {mend}."
        )


def name_some(values: Sequence[str] | pd.Series, most: int = SHOWN) -> str:
    """Return the first of `values` as a list for a message, as many as have room in it."""
    names = [shorten(value) for value in values[:most]]
    fitting = [name for place, name in enumerate(names) if not place or len(", ".join(names[: place + 1])) <= ROOM]
    shown = ", ".join(fitting)
    return f"{shown}, ..." if len(values) > len(fitting) else shown


def shorten(value: str) -> str:
    """Return a name as a message shows it, cut where it is long, in quotes where spaces would not be seen."""
    short = value if len(value) <= LONGEST else f"{value[: LONGEST - 3]}..."
    return repr(short) if short.strip() != short or not short else short


def refuse_harmful(table: str, column: str, values: Iterable[str], mend: str = "get another archive") -> None:
    """Raise InputError for names that would do harm where they are shown: in a terminal, a spreadsheet, or a page."""
    texts = list(dict.fromkeys(values))
    # One search in all of them is ten times as fast as one in each. A text has no line's end where the second begins.
    wholes = ("".join(texts), *repeat("\n".join(texts), len(_HARMFUL) - 1))
    for whole, (problem, expression) in zip(wholes, _HARMFUL.items(), strict=True):
        if not expression.search(whole):
            continue
        refuse_values(table, column, [text for text in texts if expression.search(text)], problem, mend)


def refuse_other_kind(content: bytes, name: str, key: str) -> None:
    """Raise InputError for a file that is no table of text, and say what it is."""
    if wide_encoding(content):
        return
    start = content[:64].lstrip().lower()
    if start[:1] in (b"{", b"["):
        coco = f"name it as {key.partition('.')[0]}.coco in place of {key} if it has images and annotations"
        mend = coco if key.endswith(".table") else f"set {key} to a table"
        raise InputError(f"{name} in the archive is JSON and no CSV table: {mend}.")
    kind = next((kind for mark, kind in _KINDS.items() if start.startswith(mark)), None)
    kind = kind or ("a binary file" if 10 * content[:4096].count(0) > len(content[:4096]) else None)
    if kind or not content.strip():
        what = f"{kind} and no CSV table" if kind else "empty"
        raise InputError(f"{name} in the archive is {what}: set {key} to a table, or put one of that name there.")


def _refuse_size(content: bytes, name: str) -> None:
    """Count what pandas would make objects of; quoted separators count too, so it may be too many by them."""
    lines_by_end = content.count(b"\n") + content.count(b"\r") - content.count(b"\r\n")
    separator = find_separator(content)
    cells = content.count(separator.encode()) + lines_by_end
    if cells > MOST_CELLS:
        raise InputError(f"{name} in the archive has more than {MOST_CELLS:,} cells: remove what you do not need.")
    lines = csv.reader(io.TextIOWrapper(io.BytesIO(content), "utf-8-sig", newline=""), delimiter=separator)
    # pandas takes the first line for the header and the second for the width of the others.
    columns = max((len(line) for line in islice(filter(None, lines), 2)), default=0)
    if columns > MOST_COLUMNS:
        raise InputError(f"{name} in the archive has more than {MOST_COLUMNS:,} columns: remove those you do not need.")
