"""Archives of names and tables alone, for what looks at no picture."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scoretable.archive.archive import open_archive
from scoretable.discovery.contents import Contents
from unit.archives import make_zip


@contextmanager
def contents(folder: Path, *names: str, **tables: str) -> Iterator[Contents]:
    """Yield what an archive of empty members and of `tables` holds, whose names have no suffix here."""
    members = dict.fromkeys(names, b"") | {f"{name}.csv": text.encode() for name, text in tables.items()}
    with open_archive(make_zip(folder / "a.zip", members), folder) as archive:
        yield Contents(archive)
