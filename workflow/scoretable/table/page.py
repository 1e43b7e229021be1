"""The score table as one HTML page that needs no network and no other file."""

import io
import json
import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from scoretable.table.effect_lines import curve_figures, effect_lines
from scoretable.table.effects import find_curves
from scoretable.table.plots import Point, draw_curves, draw_factors
from scoretable.table.proof import Badge, setting_badges, table_badges
from scoretable.table.reproduce import MACHINE
from scoretable.table.table import Draw, ScoreTable, Setting, describe_frame, find_competition
from scoretable.table.text import notes, sentences, table_lines
from scoretable.workspace.yaml_text import read_yaml

REPORT = Path("workflow/report")
TEMPLATE = "score_table.html.jinja"
LANGUAGES = ("en", "ko")
MOST_CURVES = 40  # that can be told apart


def write_page(table: ScoreTable, root: Path) -> str:
    """Return the page: the table, the effects, plots, and a comparison of any two rows."""
    environment = Environment(
        loader=FileSystemLoader(root / REPORT), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    texts = {
        language: read_yaml(root / REPORT / f"score_table.{language}.yaml", "restore it with git")
        for language in LANGUAGES
    }
    titles = Counter(setting.title for setting in table.settings)
    details = {
        f"{setting.title} ({setting.draws[0].experiment.baseline[:7]})" if titles[setting.title] > 1 else setting.title:
        describe_draw(setting.draws[0]) | {"proof": [*map(_embedded, setting_badges(setting, table.rerun_by(setting)))]}
        for setting in table.settings
    }  # fmt: skip
    curves: dict[str, dict[str, list[float | None]]] = defaultdict(dict)
    for name, row in details.items():
        if row["curve"]:
            curves[row["measured"]][name] = row["curve"]
    return environment.get_template(TEMPLATE).render(
        texts=texts,
        lines=list(zip(table_lines(table), table_badges(table), strict=True)),
        effects=list(effect_lines(table)),
        repeated=list(sentences(table)),
        notes=notes(table),
        factors=list(_draw_factors(table)),
        curves=[draw_curves(dict(list(rows.items())[-MOST_CURVES:]), metric) for metric, rows in curves.items()],
        sandbox=any(
            found.source == "sandbox" for name in table.competitions if (found := find_competition(name, root))
        ),
        scaled=sorted({describe_frame(setting) for setting in table.settings if setting.params.get("scale")}),
        data=embed({"rows": details, "texts": texts, "series": [curve_figures(curve) for curve in find_curves(table)]}),
    )


def describe_draw(draw: Draw) -> dict[str, Any]:
    """Return what the page compares of a row: params, recall of each class, confusion, curve and wrong answers.

    The curve is that of the competition's metric, or of the loss where no epoch has it.
    """
    experiment = draw.experiment
    per_class, confusion, mistakes, history = (
        _table(experiment.read(f"models/{name}.csv"))
        for name in ("plots/per_class", "plots/confusion_matrix", "plots/mistakes", "history")
    )
    recall = _cells(per_class, "class", "recall")
    wrong = _cells(mistakes, "image_id", "actual", "predicted")
    curve = next((name for name in (f"val_{draw.metric}", "val_loss") if name in history), None)
    counts = [[actual, *map(_number, cells)] for actual, *cells in confusion.to_numpy()]
    params = {name: value for name, value in experiment.params.items() if name not in MACHINE}
    return {
        "params": params | {f"version of {name}": version for name, version in draw.versions.items()},
        "commit": experiment.baseline[:7],
        "recall": {name: _number(value) for name, value in recall},
        "confusion": {"columns": list(confusion), "data": counts} if counts else {},
        "curve": [_number(value) for value in history[curve]] if curve else [],
        "measured": (curve or "").removeprefix("val_"),
        "mistakes": {image: [actual, predicted] for image, actual, predicted in wrong},
    }


def embed(content: Mapping[str, Any]) -> str:
    """Return JSON that may stand in a script element: no `</script>` or `<!--` can end or change it."""
    return json.dumps(content, ensure_ascii=False).replace("<", "\\u003c")


def _embedded(badge: Badge) -> dict[str, str]:
    return {"kind": badge.kind, "short": badge.short, "words": badge.words}


def _reported_points(table: ScoreTable) -> Iterator[tuple[str, Point]]:
    """Yield the metric and the figures of each reported row that has a score."""
    for row in table.reported.values():
        sizes = {name: row.params.get(name) for name in ("image_size", "epochs", "batch_size")}
        known = {
            name: value for name, value in {"seconds": row.seconds, **sizes}.items() if isinstance(value, int | float)
        }
        if row.score is not None:
            yield row.metric, {"row": row.number, "score": row.score, **known}


def _draw_factors(table: ScoreTable) -> Iterator[str]:
    """Yield a picture for each metric, first for those of the reported scores."""
    reported: dict[str, list[Point]] = defaultdict(list)
    rerun: dict[str, list[Point]] = defaultdict(list)
    for metric, point in _reported_points(table):
        reported[metric].append(point)
    for setting in table.settings:
        if setting.reruns is not None and setting.metric and setting.values("public"):
            rerun[setting.metric].append(_point(setting, table.reported[setting.reruns].number))
    for metric in dict.fromkeys((*reported, *rerun)):
        yield draw_factors(reported[metric], rerun[metric], metric)


def _point(setting: Setting, number: int) -> dict[str, float]:
    summary, params = setting.summary("public"), setting.params
    seconds = setting.mean("seconds")
    point = {"row": number, "score": summary.mean if summary else 0.0, "epochs": params["epochs"]}
    point |= {"batch_size": params["batch_size"]}
    if isinstance(params["image_size"], int):
        point["image_size"] = params["image_size"]
    return point | ({} if seconds is None else {"seconds": seconds})


def _table(content: bytes | None) -> pd.DataFrame:
    """Return a CSV as texts, since a class may be called 007 or None."""
    return pd.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False) if content else pd.DataFrame()


def _cells(table: pd.DataFrame, *columns: str) -> list[list[str]]:
    """Return the rows of some columns, none where one is missing."""
    return table[list(columns)].to_numpy().tolist() if set(columns) <= set(table) else []


def _number(text: str) -> float | None:
    """Return a figure, None where there is none that JSON knows."""
    value = float(text or "nan")
    return value if math.isfinite(value) else None
