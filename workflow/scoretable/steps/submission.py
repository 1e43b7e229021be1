"""Step: the file to submit."""

from pathlib import Path

from scoretable.competition.answer_form import check_sample
from scoretable.competition.description import Competition, load_competition
from scoretable.competition.sample import read_both
from scoretable.prediction.predictions import Predictions, load_predictions
from scoretable.prediction.submission import write_submission
from scoretable.rows.layout import Layout
from scoretable.rows.lineage import Record
from scoretable.rows.param_groups import SessionParams
from scoretable.rows.params import Params
from scoretable.scoring.choices import PLAIN, Cut
from scoretable.scoring.decision import describe_cut, parse_figures
from scoretable.workspace.errors import how_many


def hand_in(competition: Competition, archive: Path, predictions: Predictions, target: Path, cut: Cut = PLAIN) -> str:
    """Write the predictions as the sample in the competition's archive wants them; return what was written.

    cut: where answers are cut into labels.
    """
    layout = competition.submission
    sample, spelt = read_both(archive, layout, competition.encoding, predictions.ids)
    table = write_submission(predictions, sample, competition, target, cut, spelt)
    answer = check_sample(sample, competition, predictions.classes).describe(predictions.classes)
    return f"{how_many(len(table), 'row')}, {answer}"


def run(params: Params, session: SessionParams, layout: Layout, record: Record) -> str:
    """Write the submission in the sample's format."""
    competition = load_competition(params.competition)
    predictions = load_predictions(layout.predictions, competition.task)
    figures, cut = parse_figures(layout.evaluation.read_bytes(), str(layout.evaluation))
    written = hand_in(competition, layout.archive, predictions, layout.submission, cut)
    described = describe_cut(figures, competition.score)
    where = f", {described}" if described else ""
    return f"{layout.submission}: {written}{where}, checked against {competition.submission.sample}"
