"""Step: the image cache."""

from pathlib import Path

from scoretable.competition.description import load_competition
from scoretable.competition.task import is_number
from scoretable.images.preprocessing import build_cache
from scoretable.rows.layout import Layout
from scoretable.rows.lineage import Record
from scoretable.rows.param_groups import SessionParams
from scoretable.rows.params import Params
from scoretable.workspace.errors import how_many


def run(params: Params, session: SessionParams, layout: Layout, record: Record) -> str:
    """Decode, crop and resize every image of the archive into one array per split."""
    competition = load_competition(params.competition)
    summary = build_cache(
        layout.archive,
        competition,
        layout.cache,
        params.height,
        params.width,
        params.aspect,
        params.box,
        params.box_margin,
        params.unreadable,
        Path(params.drop) if params.drop else None,
        params.group,
    )
    skipped = f", {summary.unreadable} unreadable (see manifest.json)" if summary.unreadable else ""
    if summary.skipped:
        skipped += f", {how_many(summary.skipped, 'row')} skipped (see manifest.json)"
    if summary.in_frames:
        skipped += f", the first frame or page of {how_many(summary.in_frames, 'image')} with more (see manifest.json)"
    if params.group == "duplicates":
        skipped += f", {how_many(summary.alike, 'training image')} with near duplicates"
    if summary.value_range:
        skipped += ", values from {:g} to {:g} scaled to 0 to 255 (value_range)".format(*summary.value_range)
    labels = "labels are numbers" if is_number(competition.task) else f"{summary.classes} classes"
    if competition.task == "multi_regression":
        labels = f"{how_many(summary.classes, 'number')} each"
    closing = (
        f"{layout.cache}/: {summary.train} training and {summary.test} test images of {params.height}x{params.width} "
        f"pixels, {labels}{skipped}; the answer will be {summary.answer}"
    )
    return "\n".join([*summary.reading, closing])
