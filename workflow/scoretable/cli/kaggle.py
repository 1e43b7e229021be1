"""Commands about submissions: submit one to Kaggle, or score one as Kaggle would."""

from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from scoretable.cli.shared import IN_A_RUN, KAGGLE_PANEL, PARAMS, ROOT, command, complete_row
from scoretable.workspace.errors import InputError
from scoretable.workspace.lock import hold_lock

app = typer.Typer()


@command(app, KAGGLE_PANEL, "scoretable submit", "scoretable submit blend-1")
def submit(
    blend: Annotated[
        str | None,
        typer.Argument(
            help="A saved blend. Default: the row in data/.", autocompletion=complete_row, show_default=False
        ),
    ] = None,
) -> str:
    """Submit data/submission.csv or a blend, never twice, and wait for its score."""
    from scoretable.experiments.plan import Plan
    from scoretable.kaggle.submit import submit_row

    if blend is not None:
        return _submit_blend(blend)
    with nullcontext() if IN_A_RUN else hold_lock("snakemake"), hold_lock("submit"):
        plan = Plan.read(PARAMS)
        if not all(Path(path).exists() for path in plan.finished_row()):
            raise InputError(
                "the row that params.yaml describes is not finished: run `snakemake --cores 1 submission` first."
            )
        return submit_row(plan.params, plan.session, plan.layout, plan.row)


def _submit_blend(name: str) -> str:
    from scoretable.blending.submitting import submit_blend
    from scoretable.experiments.experiment import find_experiment
    from scoretable.rows.params import SESSION, load_params, load_session

    experiment = find_experiment(ROOT, name)
    if not experiment.blend:
        raise InputError(
            f"{name} is no blend: bring it back with `dvc exp apply {name}`, and submit it with "
            "`snakemake --cores 1 submit`."
        )
    with hold_lock("submit"):
        return submit_blend(experiment, load_params(PARAMS), load_session(PARAMS.with_name(SESSION)))


@command(app, KAGGLE_PANEL, "scoretable score", "scoretable score data/ensemble.csv")
def score(
    submission: Annotated[
        Path | None, typer.Argument(help="The file. Default: data/submission.csv.", show_default=False)
    ] = None,
) -> str:
    """Score a submission to the sandbox as Kaggle would."""
    from scoretable.competition.description import load_competition
    from scoretable.experiments.score_file import count_behind
    from scoretable.kaggle.local_scoring import score_here
    from scoretable.rows.layout import Layout
    from scoretable.rows.params import load_params

    params = load_params(PARAMS)
    layout, competition = Layout.of(params), load_competition(params.competition)
    file = submission or layout.submission
    found = score_here(file, layout, competition)
    public, private = (f"{found[f'{part}_score']:.5f} ({count_behind(found, part)})" for part in ("public", "private"))
    return f"{file}: public {competition.score} {public}, private {private}, scored here by the sandbox"
