"""The command that lists recipes, and sets params.yaml to one."""

from collections.abc import Iterator
from typing import Annotated

import typer

from scoretable.cli.shared import ROOT, ROWS_PANEL, command

app = typer.Typer()


def complete_recipe(incomplete: str) -> Iterator[str]:
    """Yield the names of recipes that begin so, for the shell."""
    from scoretable.recipes.recipe_file import list_recipes

    yield from (name for name in list_recipes(ROOT) if name.startswith(incomplete))


@command(app, ROWS_PANEL, "scoretable recipe", "scoretable recipe laptop")
def recipe(
    name: Annotated[
        str | None,
        typer.Argument(
            help="The recipe to set. Default: list all.", autocompletion=complete_recipe, show_default=False
        ),
    ] = None,
) -> str:
    """List recipes with what they gave, or set params.yaml to one."""
    from scoretable.recipes.recipe_file import list_recipes, load_recipe
    from scoretable.recipes.setting import set_recipe

    if name is None:
        found = {known: load_recipe(known, ROOT) for known in list_recipes(ROOT)}
        lines = [f"{known}: {one.title}\n  gave  {one.describe_outcome()}" for known, one in found.items()]
        return "\n".join([*lines, "Next: `scoretable recipe NAME` sets params.yaml to one of them."])
    chosen = load_recipe(name, ROOT)
    changes = set_recipe(chosen, ROOT)
    return "\n".join([
        f"{name}: {chosen.title}",
        f"  for   {chosen.purpose}",
        f"  needs {chosen.needs.describe()}",
        f"  gave  {chosen.describe_outcome()}",
        *(changes or ["params.yaml says so already."]),
        "Next: `dvc exp run`, or `snakemake --cores 1 submission`.",
    ])  # fmt: skip
