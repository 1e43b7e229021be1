"""Names of images and tables in a zip that do not say their encoding: what is told of them, and what is refused."""

from scoretable.archive.archive import Archive
from scoretable.archive.member_names import UNMARKED
from scoretable.competition.csv_text import list_readings
from scoretable.competition.layouts import ENCODINGS
from scoretable.competition.spelling import Notes, tell
from scoretable.competition.tables import TABLES, shorten
from scoretable.manifest.members import IMAGE_SUFFIXES, JUNK
from scoretable.workspace.errors import InputError, how_many


def settle_names(archive: Archive, encoding: str | None, notes: Notes) -> None:
    """Tell in which encoding such names were read; raise InputError where that is not UTF-8 and the file names none."""
    read = {name: found for name, found in archive.unmarked.items() if is_read(name)}
    for used in dict.fromkeys(used for _, used in read.values()):
        names = [name for name, found in read.items() if found[1] == used]
        raw = read[names[0]][0]
        if used == UNMARKED and encoding is None:
            readings = ", ".join(list_readings(raw, encodings=(*ENCODINGS, UNMARKED)))
            raise InputError(
                f"names in the archive are not in UTF-8, such as {shorten(names[0])} ({len(names)} in all): set "
                f"encoding, by how the first word beyond ASCII reads: {readings or UNMARKED}."
            )
        tell(notes, f"{how_many(len(names), 'name')} in the archive: encoding {used}, such as {shorten(names[0])}")


def is_read(name: str) -> bool:
    """Return whether a member may be an image or a table."""
    return name.lower().endswith((*IMAGE_SUFFIXES, *TABLES, ".json")) and not JUNK.search(name)
