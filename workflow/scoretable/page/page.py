"""The score table as one HTML page that needs no network and no other file."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from scoretable.page.charts import CONFIG, build_charts
from scoretable.page.effects import describe_effects
from scoretable.page.rows import Row, describe_rows
from scoretable.page.scripts import content_policy, page_script, vega_script
from scoretable.table.proof import Badge, table_badges
from scoretable.table.table import ScoreTable, describe_frame, find_competition
from scoretable.table.text import NOTHING, effect_lines, notes, sentences, table_lines
from scoretable.workspace.yaml_text import read_yaml

FOLDER = Path("workflow/report/page")
TEMPLATE = "page.html.jinja"
LANGUAGES = ("en", "ko")
LOCAL = ("competition", "sandbox_images", "seed")  # a column would only repeat what the row's mark says


class Line(NamedTuple):
    """A line of the table. cells: by column; hidden: cells of params that only show on request."""

    row: Row
    cells: Mapping[str, str]
    hidden: Mapping[str, str]
    badges: list[Badge]


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
        lines=list(_lines(table, content)),
        effects=list(effect_lines(table)),
        repeated=list(sentences(table)),
        notes=notes(table),
        sandbox=any(_is_sandbox(name, root) for name in table.competitions),
        scaled=sorted({describe_frame(setting) for setting in table.settings if setting.params.get("scale")}),
        data=embed({
            **content, "effects": describe_effects(table), "texts": texts, "config": CONFIG,
            "charts": {language: build_charts(texts[language]) for language in LANGUAGES},
        }),
        scripts=scripts,
    )  # fmt: skip


def embed(content: Mapping[str, Any]) -> str:
    """Return JSON that may stand in a script element: no `</script>` or `<!--` can end or change it."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def _is_sandbox(competition: str, root: Path) -> bool:
    found = find_competition(competition, root)
    return found is not None and found.source == "sandbox"


def _lines(table: ScoreTable, content: Mapping[str, Any]) -> Iterator[Line]:
    """Yield the lines with a further cell for each param that rows have differently."""
    shown = list(zip(content["rows"], table_lines(table), table_badges(table), strict=True))
    params = dict.fromkeys(name for row, _, _ in shown if not row["reported"] for name in row["params"])
    names = [name for name in params if shown and name not in (*shown[0][1], *LOCAL)]
    for row, cells, badges in shown:
        known = row["params"] if row["reported"] else content["shared"] | row["params"]
        hidden = {name: NOTHING if known.get(name) is None else str(known[name]) for name in names}
        yield Line(row, cells, hidden, badges)
