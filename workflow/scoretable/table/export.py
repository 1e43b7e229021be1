"""The score table as CSV, for a spreadsheet: a line for each draw, with all params."""

import csv
import io
from collections.abc import Sequence
from typing import Any

from scoretable.table.proof import draw_badges, reported_badges
from scoretable.table.reported_rows import ReportedRow
from scoretable.table.table import Draw, ScoreTable
from scoretable.table.text import show_proof


def write_csv(table: ScoreTable) -> str:
    """Return one line per draw, with all params; the reported rows come first."""
    lines: list[dict[str, Any]] = [
        {
            "name": "as reported",
            "reruns": reference,
            "competition": row.competition,
            **row.params,
            "metric": row.metric,
            "public": row.score,
            "private": float(row.private) if row.private else None,
            "rank": row.rank,
            "seconds": row.seconds,
            **show_proof(reported_badges(row, table.of_row(reference)), row.insight),
        }
        for reference, row in table.reported.items()
    ]
    lines += [
        _draw_line(draw, table.rerun_by(setting))
        for setting in table.settings
        for draw in (*setting.draws, *setting.again)
    ]
    names = list(dict.fromkeys(name for line in lines for name in line))
    target = io.StringIO()
    writer = csv.DictWriter(target, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: plain(value) for name, value in line.items()} for line in lines)
    return target.getvalue()


def _draw_line(draw: Draw, row: ReportedRow | None) -> dict[str, Any]:
    experiment, score = draw.experiment, draw.experiment.score
    figures: Sequence[tuple[str, Any]] = (
        ("metric", draw.metric), ("validation", draw.validation), ("correct", draw.correct), ("images", draw.images),
        ("public", draw.score("public")), ("public_correct", score.get("public_correct")),
        ("public_images", score.get("public_images")), ("private", draw.score("private")),
        ("rank", score.get("rank")), ("seconds", draw.seconds), ("gpu_seconds", draw.gpu_seconds), ("cost", draw.cost),
        ("images_per_second", draw.images_per_second), ("device", draw.device),
        ("experiment", experiment.revision), ("commit", experiment.baseline),
    )  # fmt: skip
    proof = show_proof(draw_badges(draw, row), experiment.insight)
    said = {"reruns": row.reference if row else experiment.params.get("reruns")}
    return {"name": draw.name, **experiment.params, **said, **dict(figures), **proof}


def plain(value: Any) -> Any:
    """Put an apostrophe before text that a spreadsheet would take for a formula; names of rows come from anybody."""
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) else value
