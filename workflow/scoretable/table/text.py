"""The score table as text: for the terminal, as Markdown, and as CSV."""

import csv
import html
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tabulate import tabulate

from scoretable.competition.metric import Score
from scoretable.experiments.score_file import count_behind
from scoretable.table.effect_lines import (
    MOST_CURVES,
    MOST_QUIET,
    NOTHING,
    curve_lines,
    effect_lines,
    effect_sentences,
    show_interval,
)
from scoretable.table.effects import families, family_key
from scoretable.table.reported_rows import METRIC
from scoretable.table.table import Draw, ScoreTable, Setting, count_reported
from scoretable.uncertainty.runs import Pool, Summary, summarise
from scoretable.uncertainty.scales import scale_of

KEYS = ("model", "image_size", "epochs", "batch_size", "optimizer")


def write_text(table: ScoreTable, style: str) -> str:
    """Return the table, the effects and what is odd about the reports. style: of tabulate, as simple or github."""
    parts = [
        tabulate(lines, headers="keys", tablefmt=style, disable_numparse=True)
        for found in (table_lines(table), effect_lines(table, MOST_QUIET), curve_lines(table, MOST_CURVES))
        if (lines := _shown(found, style))
    ]
    parts += sentences(table)
    parts += [f"Row {row.number}: {row.note}" for row in table.reported.values() if row.note]
    return "\n\n".join(parts)


def table_lines(table: ScoreTable) -> Iterator[dict[str, str]]:
    """Yield a line for each reported row, below it one for each rerun of it, and at last all other rows.

    Only where a row has a cost do they have that key.
    """
    has_costs = any(setting.mean("cost") is not None for setting in table.settings)
    for line in _all_lines(table):
        yield line if has_costs else {name: cell for name, cell in line.items() if name != "cost"}


def _all_lines(table: ScoreTable) -> Iterator[dict[str, str]]:
    spreads = {which: families(table, which) for which in ("validation", "public", "private")}
    for row in table.reported.values():
        score = NOTHING if row.score is None else f"{row.score:.5f}"
        yield {
            "row": str(row.number), "name": "reported", **{key: str(row.params[key] or NOTHING) for key in KEYS},
            "draws": "1", "metric": METRIC, "validation": NOTHING,
            "public": f"{score} ({count_reported(row)})", "private": NOTHING,
            "time": row.time.replace("total: ", ""), "cost": NOTHING, "images/s": NOTHING,
            "hardware": "Kaggle", "commit": NOTHING, "insight": one_line(row.insight),
        }  # fmt: skip
        for setting in table.of_row(row.number):
            yield _line(setting, spreads)
    for setting in table.settings:
        if setting.reruns is None:
            yield _line(setting, spreads)


def sentences(table: ScoreTable) -> Iterator[str]:
    """Yield what there is to know about the rows: draws of one setting, metrics, which are alike, and the versions."""
    yield repeated_rows(table)
    yield from effect_sentences(table)
    yield from other_metrics(table)
    yield from repeated_runs(table)
    yield from other_versions(table)


def repeated_rows(table: ScoreTable) -> str:
    """Say which reported rows are draws of one setting, and how far apart they came out."""
    sentences = []
    for numbers in table.repeated():
        scores = [table.reported[number].score or 0.0 for number in numbers]
        names = " and ".join(map(str, numbers))
        sentences.append(f"Rows {names} are draws of one setting: {show_summary(summarise(scores, scale_of(METRIC)))}.")
    return " ".join(sentences)


def other_metrics(table: ScoreTable) -> Iterator[str]:
    """Say which way is better of the metrics that the reported scores are not."""
    names = {setting.metric: setting.larger_is_better for setting in table.settings if setting.metric != METRIC}
    for name, larger_is_better in names.items():
        if name:
            way = "larger" if larger_is_better else "smaller"
            yield f"Of {name}, {way} values are better. It cannot be compared with the reported scores."


def repeated_runs(table: ScoreTable) -> Iterator[str]:
    """Say of each run that another one had made already whether it came out the same."""
    for setting in table.settings:
        for draw in setting.again:
            seed = draw.experiment.params.get("seed")
            first = next(other for other in setting.draws if other.experiment.params.get("seed") == seed)
            models = {other.experiment.outputs.get("models/model.keras") for other in (first, draw)}
            outcome = "with an identical model" if len(models) == 1 else "with a different model"
            machines = f"{first.device or 'unknown hardware'}; {draw.device or 'unknown hardware'}"
            yield f"{draw.name} is the same run as {first.name}, {outcome} ({machines}); it counts once."


def other_versions(table: ScoreTable) -> Iterator[str]:
    """Say which rows were trained with other versions of the libraries than the newest one, since this can show."""
    known = [setting for setting in table.settings if setting.draws[0].versions]
    newest = max(known, key=lambda setting: setting.draws[0].experiment.committed, default=None)
    for setting in known:
        here, there = setting.draws[0].versions, newest.draws[0].versions if newest else {}
        told = [f"{name} {here.get(name, NOTHING)}" for name in {**there, **here} if here.get(name) != there.get(name)]
        if told and newest:
            yield f"{setting.title} was trained with different versions from {newest.title}: {', '.join(told)}."


def one_line(text: str) -> str:
    """Return a remark without line breaks, and without what a terminal would take for a command."""
    return "".join(letter if letter.isprintable() else " " for letter in " ".join(text.split()))


def write_csv(table: ScoreTable) -> str:
    """Return one line per draw, with all params; the reported rows come first."""
    lines: list[dict[str, Any]] = [
        {
            "name": "as reported",
            "reruns": row.number,
            **row.params,
            "metric": METRIC,
            "public": row.score,
            "seconds": row.seconds,
            "insight": row.insight,
        }
        for row in table.reported.values()
    ]
    lines += [_draw_line(draw) for setting in table.settings for draw in (*setting.draws, *setting.again)]
    names = list(dict.fromkeys(name for line in lines for name in line))
    target = io.StringIO()
    writer = csv.DictWriter(target, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _plain(value) for name, value in line.items()} for line in lines)
    return target.getvalue()


def _shown(lines: Iterator[dict[str, str]], style: str) -> list[dict[str, str]]:
    """Return the lines, for Markdown without what it would take for HTML or for the end of a cell."""
    if style != "github":
        return list(lines)
    return [{name: html.escape(cell).replace("|", "&#124;") for name, cell in line.items()} for line in lines]


def _plain(value: Any) -> Any:
    """Put an apostrophe before text that a spreadsheet would take for a formula; names of rows come from anybody."""
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) else value


def duration(seconds: float | None) -> str:
    """Return '7 h 36 min', '5 min 3 s' or '42 s'."""
    if seconds is None:
        return NOTHING
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s" if minutes else f"{rest} s"


def show_summary(summary: Summary | None, count: str = "") -> str:
    """Return '0.71667 ± 0.02031 (0.6662 to 0.7671)', the interval that of the mean; a single draw with its count."""
    if summary is None:
        return NOTHING
    if summary.deviation is None:
        return f"{summary.mean:.5f}" + (f" ({count})" if count else "")
    interval = f" ({show_interval(summary)})" if summary.low is not None else ""
    return f"{summary.mean:.5f} ± {summary.deviation:.5f}{interval}"


Spreads = Mapping[str, Mapping[tuple[str, Score | None], Pool | None]]


def _line(setting: Setting, spreads: Spreads) -> dict[str, str]:
    first, params = setting.draws[0], setting.params
    summaries = {which: setting.summary(which, found[family_key(setting)]) for which, found in spreads.items()}
    rate, cost = setting.mean("images_per_second"), setting.mean("cost")
    score = first.experiment.score
    return {
        "row": str(setting.reruns or NOTHING), "name": setting.title,
        **{key: str(params.get(key)) for key in KEYS},
        "draws": str(len(setting.draws)), "metric": setting.metric or NOTHING,
        "validation": show_summary(summaries["validation"], _count_validated(first)),
        "public": show_summary(summaries["public"], count_behind(score, "public")),
        "private": show_summary(summaries["private"], count_behind(score, "private")),
        "time": duration(setting.mean("seconds")),
        "cost": f"{cost:.2f}" if cost is not None else NOTHING,
        "images/s": f"{rate:.0f}" if rate is not None else NOTHING,
        "hardware": first.device or NOTHING, "commit": first.experiment.baseline[:7],
        "insight": one_line(setting.insight),
    }  # fmt: skip


def _count_validated(draw: Draw) -> str:
    return count_behind({"validation_correct": draw.correct, "validation_images": draw.images}, "validation")


def _draw_line(draw: Draw) -> dict[str, Any]:
    experiment, score = draw.experiment, draw.experiment.score
    figures: Sequence[tuple[str, Any]] = (
        ("metric", draw.metric), ("validation", draw.validation), ("correct", draw.correct), ("images", draw.images),
        ("public", draw.score("public")), ("public_correct", score.get("public_correct")),
        ("public_images", score.get("public_images")), ("private", draw.score("private")),
        ("seconds", draw.seconds), ("gpu_seconds", draw.gpu_seconds), ("cost", draw.cost),
        ("images_per_second", draw.images_per_second), ("device", draw.device),
        ("experiment", experiment.revision), ("commit", experiment.baseline), ("insight", experiment.insight),
    )  # fmt: skip
    return {"name": draw.name, **experiment.params, **dict(figures)}
