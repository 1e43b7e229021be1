"""A saved blend submitted, once, and its score kept with it."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from scoretable.blending.row_answers import refuse_other_data
from scoretable.competition.description import load_competition
from scoretable.experiments.amending import amend_experiment
from scoretable.experiments.experiment import SCORE, SUBMISSION, Experiment
from scoretable.experiments.score_file import write_known_score
from scoretable.kaggle.submit import submit_row
from scoretable.rows.layout import Layout
from scoretable.rows.param_groups import SessionParams
from scoretable.rows.params import Params
from scoretable.workspace.errors import InputError


@dataclass(frozen=True)
class _Apart(Layout):
    """The paths of a blend, whose own files lie in a folder apart from those of the workspace's row."""

    folder: Path = Path()

    @property
    def predictions(self) -> Path:  # type: ignore[override]
        return self.folder / "predictions.npz"

    @property
    def submission(self) -> Path:  # type: ignore[override]
        return self.folder / "submission.csv"

    @property
    def scored(self) -> Path:  # type: ignore[override]
        return self.folder / "submission.json"


def submit_blend(experiment: Experiment, params: Params, session: SessionParams) -> str:
    """Submit a blend unless it is scored already, keep the score with it, and tell it; errors as in `submit_row`.

    params: of the workspace, whose competition the blend's must be.
    """
    refuse_other_data({experiment.name: experiment}, params.competition)
    competition = load_competition(params.competition)
    if competition.submission.code:
        raise InputError(
            f"competition: {competition.name} takes a kernel, and a blend is a file: submit one of its parts."
        )
    with tempfile.TemporaryDirectory() as folder:
        layout = _Apart(params.competition, str(params.image_size), Path(folder))
        for path, target in ((Layout.predictions, layout.predictions), (Layout.submission, layout.submission)):
            content = experiment.read(path.as_posix())
            if content is None:
                raise InputError(
                    f"{path} of row {experiment.name} is not here: get it with `dvc exp pull origin "
                    f"{experiment.name}`, or make it again with `scoretable ensemble ROW ROW --save {experiment.name}`."
                )
            target.write_bytes(content)
        write_known_score(layout.scored, experiment.score)
        told = submit_row(params, session, layout, experiment.name)
        files = {SUBMISSION: layout.scored.read_bytes(), SCORE: layout.scored.with_name("score.json").read_bytes()}
    amend_experiment(experiment, files=files)
    return told.replace(str(layout.scored), experiment.name)
