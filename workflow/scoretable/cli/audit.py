"""The command that looks at the data."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from scoretable.cli.shared import COMPETITION_PANEL, PARAMS, ROOT, command
from scoretable.workspace.errors import InputError, how_many

if TYPE_CHECKING:
    from scoretable.competition.task import Task
    from scoretable.prediction.validation_answers import ValidationAnswers
    from scoretable.rows.layout import Layout

app = typer.Typer()
PAGE, FIGURES = Path("data/data_report.html"), Path("data/data_report.json")


@command(app, COMPETITION_PANEL, "scoretable audit")
def audit() -> str:
    """Look at the images: duplicates, train against test, wrong labels."""
    from scoretable.audit.look import look_at
    from scoretable.audit.page import write_page
    from scoretable.audit.report import describe
    from scoretable.competition.description import load_competition
    from scoretable.images.image_cache import open_cache
    from scoretable.rows.layout import Layout
    from scoretable.rows.params import load_params
    from scoretable.workspace.atomic import replacing, write_json

    params = load_params(PARAMS)
    layout, competition = Layout.of(params), load_competition(params.competition)
    if not layout.cache.exists():
        raise InputError(f"there are no images in {layout.cache} yet: type `snakemake --cores 1 data_report`.")
    cache = open_cache(layout.cache)
    look = look_at(cache, params.folds, params.seed, _answers(layout, cache.task))
    manifest = json.loads((layout.cache / "manifest.json").read_text(encoding="utf-8"))
    found: dict[str, Any] = {
        "competition": competition.name,
        "sandbox": competition.source == "sandbox",
        "image_size": f"{params.height}x{params.width}",
        "skipped": len(manifest["skipped"]),
        **describe(look),
    }
    write_json(FIGURES, found)
    with replacing(PAGE) as temporary:
        temporary.write_text(write_page(look, found, competition.title, ROOT), encoding="utf-8")
    repeated, told = found["duplicates"], found["train_and_test"]
    suspects = "" if look.suspects is None else f", {how_many(len(look.suspects), 'label')} that may be wrong"
    apart = f", train against test AUC {told['auc']:.3f}" if told else ""
    return f"{PAGE}: {how_many(repeated['groups'], 'group')} of near duplicates{apart}{suspects}"


def _answers(layout: "Layout", task: "Task") -> "ValidationAnswers | None":
    """Return the answers of the row that is here, None where there is none or it is of another kind of task."""
    from scoretable.prediction.validation_answers import ValidationAnswers

    try:
        return ValidationAnswers.read(layout.validation, task)
    except (FileNotFoundError, KeyError, ValueError):
        return None
