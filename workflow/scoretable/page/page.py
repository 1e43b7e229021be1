"""The score table as one HTML page that needs no network and no other file."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from scoretable.page.charts import CONFIG, build_charts
from scoretable.page.effects import describe_curves, describe_effects
from scoretable.page.rows import describe_rows
from scoretable.page.scripts import content_policy, page_script, vega_script
from scoretable.table.effect_lines import effect_lines
from scoretable.table.proof import table_badges
from scoretable.table.table import ScoreTable, describe_frame, find_competition
from scoretable.table.text import notes, sentences, table_lines
from scoretable.workspace.yaml_text import read_yaml

FOLDER = Path("workflow/report/page")
TEMPLATE = "page.html.jinja"
LANGUAGES = ("en", "ko")
MOST_QUIET = 200  # effects within noise in the table of effects


def write_page(table: ScoreTable, root: Path) -> str:
    """Return the page: the table, the effects, charts, and a comparison of any two rows."""
    folder = root / FOLDER
    environment = Environment(
        loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    texts = {language: read_yaml(folder / f"{language}.yaml", "restore it with git") for language in LANGUAGES}
    content = describe_rows(table, root)
    style = (folder / "page.css").read_text(encoding="utf-8")
    scripts = [vega_script(), page_script(folder)]
    return environment.get_template(TEMPLATE).render(
        texts=texts,
        policy=content_policy(scripts, style),
        style=style,
        lines=list(zip(content["rows"], table_lines(table), table_badges(table), strict=True)),
        effects=list(effect_lines(table, MOST_QUIET)),
        repeated=list(sentences(table, MOST_QUIET)),
        notes=notes(table),
        sandbox=any(_is_sandbox(name, root) for name in table.competitions),
        scaled=sorted({describe_frame(setting) for setting in table.settings if setting.params.get("scale")}),
        data=embed({
            **content, "effects": describe_effects(table), "series": describe_curves(table), "texts": texts,
            "config": CONFIG, "charts": build_charts(),
        }),
        scripts=scripts,
    )  # fmt: skip


def embed(content: Mapping[str, Any]) -> str:
    """Return JSON that may stand in a script element: no `</script>` or `<!--` can end or change it."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def _is_sandbox(competition: str, root: Path) -> bool:
    found = find_competition(competition, root)
    return found is not None and found.source == "sandbox"
