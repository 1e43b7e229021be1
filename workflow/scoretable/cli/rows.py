"""Commands about rows that are there: explain, verify, annotate, blend and merge them."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scoretable.cli.shared import PARAMS, ROOT, ROWS_PANEL, Row, command, complete_row
from scoretable.workspace.errors import InputError
from scoretable.workspace.lock import hold_lock

if TYPE_CHECKING:
    from scoretable.experiments.experiment import Experiment
    from scoretable.table.verification import Remake

app = typer.Typer()


@command(app, ROWS_PANEL, "scoretable explain row-8")
def explain(row: Row) -> str:
    """Show what a row was made from, how to make it again, and what differs here."""
    from scoretable.experiments.experiment import find_experiment
    from scoretable.table.explanation import explain as describe

    experiment = find_experiment(ROOT, row)
    if experiment.blend:
        from scoretable.blending.text import explain_blend

        return explain_blend(experiment)
    return describe(experiment, ROOT)


@command(app, ROWS_PANEL, "scoretable verify row-8")
def verify(row: Row) -> str:
    """Make a row again in a temporary clone, compare, and keep the outcome."""
    from scoretable.experiments.experiment import find_experiment
    from scoretable.table.verification import record
    from scoretable.table.verification import verify as make_again

    experiment = find_experiment(ROOT, row)
    made = _remake_blend(experiment) if experiment.blend else make_again(experiment, ROOT)
    record(experiment, made)
    identical, different = made.identical, made.different
    if different:
        raise InputError(
            f"{row} does not come out the same here: {', '.join(different)} "
            f"{'differs' if len(different) == 1 else 'differ'}; `scoretable explain {row}` shows the machine and the "
            "versions it was made with."
        )
    where = "of its parts" if experiment.blend else "in a fresh clone"
    return f"{row}: {', '.join(identical)} {'comes' if len(identical) == 1 else 'come'} out identical {where}"


@command(
    app,
    ROWS_PANEL,
    'scoretable note row-8 "A smaller batch raises the score."',
    'scoretable note row-8 ""             # remove the note',
)
def note(row: Row, text: Annotated[str, typer.Argument(help='The note, in any language; "" removes it.')]) -> str:
    """Keep a remark with a row, which every table then shows."""
    from scoretable.table.notes import add_note

    return add_note(ROOT, row, text)


def _remake_blend(experiment: "Experiment") -> "Remake":
    from scoretable.blending.saving import remake
    from scoretable.competition.description import load_competition
    from scoretable.rows.layout import Layout
    from scoretable.rows.params import load_params

    params = load_params(PARAMS)
    return remake(experiment, ROOT, Layout.of(params), load_competition(params.competition))


class Weights(StrEnum):
    """How the weights of a blend are found."""

    MEAN, GREEDY, NNLS = "mean", "greedy", "nnls"


class Domain(StrEnum):
    """What is averaged."""

    PROBABILITIES, LOGITS = "probabilities", "logits"


@command(
    app,
    ROWS_PANEL,
    "scoretable ensemble row-6 row-7",
    "scoretable ensemble row-6 row-7 --weights mean --output data/mean.csv",
    "scoretable ensemble row-6 row-7 --save blend-1",
)
def ensemble(
    rows: Annotated[
        list[str],
        typer.Argument(
            metavar="ROW", show_default=False, help="Experiments or Git revisions.", autocompletion=complete_row
        ),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="The submission to write.")] = Path(
        "data/ensemble.csv"
    ),
    weights: Annotated[
        Weights,
        typer.Option(
            help="greedy: those that score best on images that all rows held out (Caruana 2004); nnls: by non-negative "
            "least squares; mean: equal ones, also where the rows have no such images."
        ),
    ] = Weights.GREEDY,
    on: Annotated[
        Domain, typer.Option(help="What is averaged; of logits the mean is the geometric one.")
    ] = Domain.PROBABILITIES,
    save: Annotated[
        str | None, typer.Option(metavar="NAME", help="Keep the blend as a row of this name.", show_default=False)
    ] = None,
) -> str:
    """Blend rows into one submission, and say what the blend is worth."""
    from scoretable.blending.blend import blend_rows, find_rows
    from scoretable.blending.saving import save_blend
    from scoretable.blending.text import describe_blend
    from scoretable.competition.description import load_competition
    from scoretable.rows.layout import Layout
    from scoretable.rows.params import load_params
    from scoretable.steps.submission import hand_in

    params = load_params(PARAMS)
    layout, competition = Layout.of(params), load_competition(params.competition)
    found = find_rows(rows, ROOT)
    blend = blend_rows(found, layout, competition, weights.value, on.value)
    written = hand_in(competition, layout.archive, blend.predictions, output, blend.cut)
    where = f", {blend.cut.describe()}" if blend.cut.describe() else ""
    told = f"{describe_blend(blend)}\n\n{output}: {written}{where}"
    if save is None:
        return told
    save_blend(blend, found, save, ROOT, layout, competition)
    return f"{told}\nSaved as experiment {save}. Next: `scoretable submit {save}`, `scoretable explain {save}`."


@command(app, ROWS_PANEL, "scoretable merge origin", "scoretable merge ../another-clone")
def merge(
    remote: Annotated[str, typer.Argument(help="A Git remote, such as origin, or the address of a clone.")],
) -> str:
    """Add the rows of another clone to this one's score table."""
    from scoretable.experiments.experiment import list_experiments
    from scoretable.table.merging import fetch_figures, merge_rows

    with hold_lock("merge"):
        merged = merge_rows(remote, ROOT)
        for row in merged:
            what = "added" if row.is_new else "has a newer note or score now"
            print(f"{row.name}: {what}" + (f" ({row.theirs} there)" if row.name != row.theirs else ""), flush=True)
        fetch_figures(list_experiments(ROOT), ROOT)
    new = sum(row.is_new for row in merged)
    return f"{new} new {'row' if new == 1 else 'rows'} from {remote}. `scoretable table` shows all rows."
