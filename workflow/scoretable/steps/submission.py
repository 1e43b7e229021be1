"""Step: the file to hand in."""

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from scoretable.archive import open_archive
from scoretable.competition import load_competition
from scoretable.submission import write_submission
from scoretable.tables import read_table
from scoretable.task import TASKS, describe_score

if TYPE_CHECKING:
    from scoretable.layout import Layout
    from scoretable.lineage import Record
    from scoretable.params import Params


def run(params: "Params", layout: "Layout", record: "Record") -> str:
    """Write the submission in the sample's format and tell what the row has come to."""
    competition = load_competition(params.competition)
    handed_in = competition.submission
    with tempfile.TemporaryDirectory() as scratch, open_archive(layout.archive, Path(scratch)) as archive:
        sample = read_table(archive, handed_in.sample, [handed_in.id_column, handed_in.label_column])
    with np.load(layout.predictions, allow_pickle=False) as predictions:
        table = write_submission(
            predictions[TASKS[competition.task].answer],
            predictions["ids"].tolist(),
            predictions["classes"].tolist(),
            sample,
            handed_in.id_column,
            handed_in.label_column,
            layout.submission,
            competition.task,
            competition.label_separator,
        )
    reached, images = describe_score(json.loads(layout.metrics.read_text(encoding="utf-8")), competition.score)
    return (
        f"{layout.submission}: {len(table)} rows, checked against {handed_in.sample}\n\n"
        f"Validation {reached} ({images}, {competition.title})\n"
        f"  submission  {layout.submission}\n"
        f"  model       {layout.model}\n"
        f"  metrics     {layout.metrics}\n"
        f"  plots       {layout.plots}/"
    )
