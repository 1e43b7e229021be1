"""The command that lists recipes, sets params.yaml to one, or makes one of several rows."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from scoretable.cli.shared import ROOT, ROWS_PANEL, Interrupted, command
from scoretable.workspace.errors import InputError
from scoretable.workspace.lock import hold_lock

if TYPE_CHECKING:
    from scoretable.recipes.recipe_file import RecipeFile

app = typer.Typer()


def complete_recipe(incomplete: str) -> Iterator[str]:
    """Yield the names of recipes that begin so, for the shell."""
    from scoretable.recipes.recipe_file import list_recipes

    yield from (name for name in list_recipes(ROOT) if name.startswith(incomplete))


@command(
    app,
    ROWS_PANEL,
    "scoretable recipe",
    "scoretable recipe laptop",
    "scoretable recipe paddy-best --run -S seed=1",
)
def recipe(
    name: Annotated[
        str | None,
        typer.Argument(
            help="The recipe to set. Default: list all.", autocompletion=complete_recipe, show_default=False
        ),
    ] = None,
    run: Annotated[bool, typer.Option("--run", help="Make and blend the rows of a recipe that has several.")] = False,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set-param", "-S", metavar="KEY=VALUE", show_default=False,
            help="With --run, a param of all rows; repeatable.",
        ),
    ] = None,
) -> str:  # fmt: skip
    """List recipes, set params.yaml to one, or make one of several rows."""
    from scoretable.recipes.recipe_file import list_recipes, load_recipe

    if name is None:
        if run or settings:
            raise InputError("--run and -S need the name of a recipe: `scoretable recipe` lists them.")
        found = {known: load_recipe(known, ROOT) for known in list_recipes(ROOT)}
        lines = [f"{known}: {one.title}\n  gave  {one.describe_outcome()}" for known, one in found.items()]
        return "\n".join([*lines, "Next: `scoretable recipe NAME` sets params.yaml to one of them."])
    chosen = load_recipe(name, ROOT)
    if run:
        return _run(name, chosen, settings or [])
    if settings:
        raise InputError(f"-S needs --run: after `scoretable recipe {name}`, `dvc exp run -S KEY=VALUE` changes a row.")
    return "\n".join([
        f"{name}: {chosen.title}",
        f"  for   {chosen.purpose}",
        f"  needs {chosen.needs.describe()}",
        f"  gave  {chosen.describe_outcome()}",
        *_set(name, chosen),
    ])  # fmt: skip


def _set(name: str, chosen: "RecipeFile") -> list[str]:
    """Set params.yaml to a recipe of one row, and return what to tell; of several, no params.yaml can be all."""
    from scoretable.recipes.setting import set_recipe

    if chosen.rows:
        rounds = "" if chosen.pseudo_threshold is None else ", twice: the second time with pseudo-labels"
        return [
            f"It is {len(chosen.rows)} rows, {', '.join(chosen.rows)}, and their blend{rounds}. Nothing was set.",
            f"Next: `scoretable recipe {name} --run`.",
        ]
    changes = set_recipe(chosen, ROOT)
    return [*(changes or ["params.yaml says so already."]), "Next: `dvc exp run`, or `snakemake --cores 1 submission`."]


def _run(name: str, chosen: "RecipeFile", settings: list[str]) -> str:
    from scoretable.campaign.campaign import plan_campaign
    from scoretable.campaign.rounds import run_campaign

    campaign = plan_campaign(name, chosen, settings, ROOT)
    with hold_lock("recipe"):
        try:
            return run_campaign(campaign, ROOT)
        except KeyboardInterrupt:
            raise Interrupted("interrupted: run the same command again to continue with the row that ran.") from None
