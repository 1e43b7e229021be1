"""Step: the competition's archive."""

from typing import TYPE_CHECKING

from scoretable.competition import load_competition
from scoretable.download import obtain_archive
from scoretable.kept_archive import kept_archive, named_archive

if TYPE_CHECKING:
    from scoretable.layout import Layout
    from scoretable.lineage import Record
    from scoretable.params import Params


def run(params: "Params", layout: "Layout", record: "Record") -> str:
    """Make the archive."""
    competition = load_competition(params.competition)
    origin = obtain_archive(
        competition,
        layout.archive,
        named_archive(params.archive),
        kept_archive(competition.name),
        record.folder / layout.answers.name,
        params.sandbox_images,
        params.sandbox_seed,
        params.kaggle_timeout,
    )
    megabytes = layout.archive.stat().st_size / 1e6
    return f"{layout.archive}: {competition.title}, {megabytes:.0f} MB, {origin}, checked"
