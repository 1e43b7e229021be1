"""What an archive holds of what a competition's file names: images, tables and COCO files."""

import io
import json
import re

import pandas as pd

from scoretable.archive.archive import Archive
from scoretable.archive.member_names import UNMARKED
from scoretable.competition.layouts import ENCODINGS
from scoretable.competition.spelling import clean_table, compose
from scoretable.competition.tables import MOST_BYTES, read_table
from scoretable.discovery.encodings import guess_encoding
from scoretable.manifest.coco import read_coco
from scoretable.manifest.encoded_names import is_read
from scoretable.manifest.members import IMAGE_SUFFIXES, JUNK
from scoretable.workspace.errors import InputError

_PEEKED = 2_000_000  # bytes of a table that is too large to be read as text, or has no rows
_FEW = 200  # rows that are read of them
_START = 10_000  # bytes of a list of images that have the first of them


class Contents:
    """The members of an archive, each table read once.

    images: a row each, with the columns member, folder, base (the file's name), stem (without its suffix) and suffix.
    encoding: of names and tables, with the reason, once one was read that is not UTF-8.
    """

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.encoding = _settle_names(archive)
        names = [name for name in archive.names if not JUNK.search(name)]
        self.tables = [name for name in names if name.lower().endswith((".csv", ".tsv"))]
        self.json = [name for name in names if name.lower().endswith(".json")]
        self.others = [name for name in names if not name.lower().endswith((*IMAGE_SUFFIXES, ".csv"))]
        self.images = split_paths([name for name in names if name.lower().endswith(IMAGE_SUFFIXES)])
        self._read: dict[str, pd.DataFrame] = {}
        self.unreadable: dict[str, str] = {}

    def table(self, name: str) -> pd.DataFrame:
        """Return a table, all text; of one that is too large its first rows, and no columns of one that is none."""
        if name not in self._read:
            try:
                self._read[name] = self._read_table(name)
            except InputError as error:
                self.unreadable[name] = str(error)
                self._read[name] = _peek(self.archive, name)
        return self._read[name]

    def _read_table(self, name: str) -> pd.DataFrame:
        given = self.encoding[0] if self.encoding else None
        try:
            return read_table(self.archive, name, {}, "train.table", given)
        except InputError:
            if given or not (guess := _guess_encoding(self.archive, name)):
                raise
        table = read_table(self.archive, name, {}, "train.table", guess[0])
        self.encoding = guess
        return table

    def coco(self, name: str) -> pd.DataFrame:
        """Return the rows of a COCO file, and no columns where the JSON is none."""
        if name not in self._read:
            try:
                table = read_coco(self.archive, name, "train.coco") if self._is_coco(name) else pd.DataFrame()
                self._read[name] = clean_table(table, name)
            except InputError as error:
                self.unreadable[name] = str(error)
                self._read[name] = pd.DataFrame()
        return self._read[name]

    def _is_coco(self, name: str) -> bool:
        """Return whether a JSON file has a list of images, or is one."""
        try:
            content = self.archive.read(name)
            if content[:_START].lstrip().startswith(b"["):  # of records, of which the first ones show it
                return bool(re.match(rb'\s*\[\s*\{[^{}\[\]]*"file_name"', content[:_START]))
            content = json.loads(content)
        except (ValueError, RecursionError, InputError):
            return False
        return isinstance(content, dict) and isinstance(content.get("images"), list)


def _settle_names(archive: Archive) -> tuple[str, str] | None:
    """Read names that do not say their encoding in the likely one, and return it, with the reason."""
    raw = [raw for name, (raw, used) in archive.unmarked.items() if used == UNMARKED and is_read(name)]
    guess = guess_encoding(b"\n".join(raw), (*ENCODINGS, UNMARKED)) if raw else None
    archive.read_names_in(guess[0] if guess else None)
    return guess


def _guess_encoding(archive: Archive, name: str) -> tuple[str, str] | None:
    """Return the likely encoding of a table, and why; None where it is UTF-8, or none of the known ones."""
    content = archive.read(name, MOST_BYTES)
    try:
        content.decode("utf-8")
    except UnicodeError:
        return None if content[:4096].count(0) else guess_encoding(content)
    return None


def split_paths(names: list[str]) -> pd.DataFrame:
    """Return a row for each of the images: member, folder, base, stem and suffix."""
    parts = [compose(name).rpartition("/") for name in names]  # as tables have them
    stems = [base.rpartition(".") for _, _, base in parts]
    return pd.DataFrame(
        {
            "member": pd.Series(names, dtype=str),
            "folder": pd.Series([folder for folder, _, _ in parts], dtype=str),
            "base": pd.Series([base for _, _, base in parts], dtype=str),
            "stem": pd.Series([stem for stem, _, _ in stems], dtype=str),
            "suffix": pd.Series([suffix for _, _, suffix in stems], dtype=str),
        }
    )


def _peek(archive: Archive, name: str) -> pd.DataFrame:
    try:
        content = archive.read(name, MOST_BYTES)[:_PEEKED]
        return pd.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False, nrows=_FEW, encoding="utf-8-sig")
    except (ValueError, InputError):  # also of pandas' own errors
        return pd.DataFrame()
