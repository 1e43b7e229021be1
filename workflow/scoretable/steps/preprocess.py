"""Step: the image cache."""

from typing import TYPE_CHECKING

from scoretable.competition import load_competition
from scoretable.preprocessing import build_cache

if TYPE_CHECKING:
    from scoretable.layout import Layout
    from scoretable.lineage import Record
    from scoretable.params import Params


def run(params: "Params", layout: "Layout", record: "Record") -> str:
    """Decode, crop and resize every image of the archive into one array a split."""
    summary = build_cache(
        layout.archive,
        load_competition(params.competition),
        layout.cache,
        params.height,
        params.width,
        params.aspect,
        params.box,
        params.box_margin,
        params.unreadable,
    )
    skipped = f", {summary.unreadable} unreadable (see manifest.json)" if summary.unreadable else ""
    labels = f"{summary.classes} classes" if summary.classes else "labels are numbers"
    return (
        f"{layout.cache}/: {summary.train} training and {summary.test} test images of {params.height}x{params.width} "
        f"pixels, {labels}{skipped}"
    )
