"""Step: the competition's archive."""

from scoretable.archive.kept import kept_archive, named_archive
from scoretable.competition.description import load_competition
from scoretable.competition.download import Fetch, obtain_archive
from scoretable.rows.layout import Layout
from scoretable.rows.lineage import Record
from scoretable.rows.param_groups import SessionParams
from scoretable.rows.params import Params


def run(params: Params, session: SessionParams, layout: Layout, record: Record, fetch: Fetch) -> str:
    """Make the archive; `fetch` downloads it where it has to come from Kaggle."""
    competition = load_competition(params.competition)
    origin = obtain_archive(
        competition,
        layout.archive,
        named_archive(session.archive),
        kept_archive(competition.name),
        record.folder / layout.answers.name,
        params.sandbox_images,
        params.sandbox_seed,
        fetch,
    )
    megabytes = layout.archive.stat().st_size / 1e6
    return f"{layout.archive}: {competition.title}, {megabytes:.0f} MB, {origin}, checked"
