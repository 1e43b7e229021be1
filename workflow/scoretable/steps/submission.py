"""Step: the file to submit."""

from pathlib import Path

from scoretable.competition.description import Competition, load_competition
from scoretable.prediction.predictions import Predictions, load_predictions
from scoretable.prediction.submission import read_sample, write_submission
from scoretable.rows.layout import Layout
from scoretable.rows.lineage import Record
from scoretable.rows.param_groups import SessionParams
from scoretable.rows.params import Params


def hand_in(competition: Competition, archive: Path, predictions: Predictions, target: Path) -> int:
    """Write the predictions in the format of the sample in the competition's archive; return the number of rows."""
    layout = competition.submission
    sample = read_sample(archive, layout)
    table = write_submission(
        predictions.answers,
        predictions.ids,
        predictions.classes,
        sample,
        layout.id_column,
        layout.label_column,
        target,
        competition.task,
        competition.label_separator,
    )
    return len(table)


def run(params: Params, session: SessionParams, layout: Layout, record: Record) -> str:
    """Write the submission in the sample's format."""
    competition = load_competition(params.competition)
    rows = hand_in(
        competition, layout.archive, load_predictions(layout.predictions, competition.task), layout.submission
    )
    return f"{layout.submission}: {rows} rows, checked against {competition.submission.sample}"
