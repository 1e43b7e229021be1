"""An archive that you have replaced since it was recorded: what was made from the old one no longer counts."""

from pathlib import Path

from scoretable.archive.kept import kept_archive
from scoretable.rows.layout import Layout
from scoretable.rows.lineage import Lineage, lineage_file, read_record
from scoretable.workspace.digests import file_digests


def discard_records_of_replaced_archive(layout: Layout, lineages: dict[str, Lineage], brought: Path | None) -> None:
    """Remove the lineage records of this row where they name an archive other than the one that is there, and say so.

    `brought` is the archive that session.yaml names, if any. A lineage is known before a step runs, so it cannot
    hold the content of a file that comes from outside; this look at the file makes up for it. Its time against that of
    the record proves nothing: an older file may be moved in, and a clock be set back.
    """
    record = lineage_file(layout.lineage_folder("download"), lineages["download"])
    content = read_record(record)
    if content is None:
        return
    recorded = content["outputs"][str(layout.archive)]
    there = layout.archive if layout.archive.exists() else kept_archive(layout.archive.stem)
    looked_at = [path for path in (there, brought) if path is not None and path.exists()]
    other = next((path for path in looked_at if _differs(path, recorded)), None)
    if other is not None:
        what = "is damaged or was replaced" if other == layout.archive else "is another archive"
        print(
            f"scoretable: {other} {what} (its SHA-256 is not the one that `download` recorded): the row is made anew."
        )
        for step, lineage in lineages.items():
            lineage_file(layout.lineage_folder(step), lineage).unlink(missing_ok=True)


def _differs(path: Path, recorded: dict[str, object]) -> bool:
    return path.stat().st_size != recorded["bytes"] or file_digests([path])[path] != recorded["sha256"]
