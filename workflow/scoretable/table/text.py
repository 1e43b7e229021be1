"""The score table as text: for the terminal, and as Markdown."""

import html
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tabulate import tabulate

from scoretable.competition.metric import METRICS, Score
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
from scoretable.table.frames import families, family_key
from scoretable.table.proof import Badge, count_public, count_reported, draw_badges, reported_badges, table_badges
from scoretable.table.reported_rows import ReportedRow, differing_params
from scoretable.table.table import Draw, ScoreTable, Setting
from scoretable.uncertainty.runs import Pool, Summary, summarise
from scoretable.uncertainty.scales import scale_of

KEYS = ("model", "image_size", "epochs", "batch_size", "optimizer")  # shown always, as the params of a sheet
UNSEEN = ("metrics",)  # which say what is recorded, and change no result


def write_text(table: ScoreTable, style: str) -> str:
    """Return the table, the effects and what is odd about the reports. style: of tabulate, as simple or github."""
    parts = [
        tabulate(lines, headers="keys", tablefmt=style, disable_numparse=True)
        for found in (table_lines(table), effect_lines(table, MOST_QUIET), curve_lines(table, MOST_CURVES))
        if (lines := _shown(found, style))
    ]
    parts += sentences(table)
    parts += notes(table)
    return "\n\n".join(parts)


def table_lines(table: ScoreTable) -> Iterator[dict[str, str]]:
    """Yield a line for each reported row, below it one for each rerun of it, and at last all other rows.

    They have the key `cost` only where a row has one, and `competition` only where there are several.
    """
    left_out = set() if any(setting.mean("cost") is not None for setting in table.settings) else {"cost"}
    left_out |= set() if len(table.competitions) > 1 else {"competition"}
    for line in _all_lines(table):
        yield {name: cell for name, cell in line.items() if name not in left_out}


def shown_params(table: ScoreTable) -> list[str]:
    """Return the params that the table shows: those of any sheet, and those in which reported rows differ."""
    return [*KEYS, *(name for name in differing_params(table.reported) if name not in (*KEYS, *UNSEEN))]


def _all_lines(table: ScoreTable) -> Iterator[dict[str, str]]:
    keys = shown_params(table)
    spreads = {which: families(table, which) for which in ("validation", "public", "private")}
    for row, badges in zip(table.lines(), table_badges(table), strict=True):
        if isinstance(row, ReportedRow):
            line = _reported_line(row, table.label(row.reference), keys)
        else:
            line = _line(row, table.label(row.reruns) if row.reruns else NOTHING, keys, spreads)
        yield line | show_proof(badges, row.insight)


def _reported_line(row: ReportedRow, label: str, keys: Sequence[str]) -> dict[str, str]:
    return {
        "row": label, "name": "reported", **{key: _cell(row.params, key) for key in keys},
        "draws": "1", "metric": row.metric, "validation": NOTHING,
        "public": _with_count(row.public, count_reported(row)), "private": row.private or NOTHING,
        "time": row.time.replace("total: ", "") or duration(row.seconds), "cost": NOTHING, "images/s": NOTHING,
        "hardware": one_line(row.hardware) or NOTHING, "competition": row.competition, "commit": NOTHING,
    }  # fmt: skip


def _cell(params: Mapping[str, Any], key: str) -> str:
    """Return what a row reports of a param; null is a value too."""
    return str(params[key]) if key in params else NOTHING


def _with_count(score: str, count: str) -> str:
    return f"{score or NOTHING} ({count})" if count else score or NOTHING


def show_proof(badges: Sequence[Badge], insight: str) -> dict[str, str]:
    """Return the last cells of a line: what is proven of the row, and what was remarked on it."""
    return {"proof": ", ".join(badge.short for badge in badges), "insight": one_line(insight)}


def sentences(table: ScoreTable, most_quiet: int = MOST_QUIET) -> Iterator[str]:
    """Yield what there is to know about the rows: draws of one setting, metrics, which are alike, and the versions.

    most_quiet: how many effects within noise are listed beside them.
    """
    yield repeated_rows(table)
    yield from odd_scores(table)
    yield from effect_sentences(table, most_quiet)
    yield from other_metrics(table)
    yield from repeated_runs(table)
    yield from other_versions(table)


def repeated_rows(table: ScoreTable) -> str:
    """Say which reported rows are draws of one setting, and how far apart they came out."""
    sentences = []
    for references in table.repeated():
        scores = [table.reported[reference].score or 0.0 for reference in references]
        scale = scale_of(table.reported[references[0]].metric)
        names = " and ".join(map(table.label, references))
        sentences.append(f"Rows {names} are draws of one setting: {show_summary(summarise(scores, scale))}.")
    return " ".join(sentences)


def other_metrics(table: ScoreTable) -> Iterator[str]:
    """Say which way is better of errors, of losses, and of metrics that no reported score is."""
    reported = dict.fromkeys(row.metric for row in table.reported.values())
    for name in dict.fromkeys([*reported, *(setting.metric for setting in table.settings if setting.metric)]):
        if METRICS[name].larger_is_better and (name in reported or not reported):
            continue
        way = "larger" if METRICS[name].larger_is_better else "smaller"
        others = "the reported scores" if name not in reported else "scores by other metrics"
        also = f" It cannot be compared with {others}." if len({*reported, name}) > 1 else ""
        yield f"Of {name}, {way} values are better.{also}"


def odd_scores(table: ScoreTable) -> Iterator[str]:
    """Say which public scores no count of right answers gives."""
    named = [(f"Row {table.label(reference)}", reported_badges(row, ())) for reference, row in table.reported.items()]
    named += [(draw.name, draw_badges(draw, None)) for setting in table.settings for draw in setting.draws]
    for name, badges in named:
        yield from (f"{name}: {badge.words}" for badge in badges if badge.kind == "odd")


def notes(table: ScoreTable) -> list[str]:
    """Return what people remarked on reported rows."""
    return [f"Row {table.label(reference)}: {row.note}" for reference, row in table.reported.items() if row.note]


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


def _shown(lines: Iterator[dict[str, str]], style: str) -> list[dict[str, str]]:
    """Return the lines, for Markdown without what it would take for HTML or for the end of a cell."""
    if style != "github":
        return list(lines)
    return [{name: html.escape(cell).replace("|", "&#124;") for name, cell in line.items()} for line in lines]


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


def _line(setting: Setting, label: str, keys: Sequence[str], spreads: Spreads) -> dict[str, str]:
    first, params = setting.draws[0], setting.params
    summaries = {which: setting.summary(which, found[family_key(setting)]) for which, found in spreads.items()}
    rate, cost = setting.mean("images_per_second"), setting.mean("cost")
    score = first.experiment.score
    return {
        "row": label, "name": setting.title, **{key: str(params.get(key)) for key in keys},
        "draws": str(len(setting.draws)), "metric": setting.metric or NOTHING,
        "validation": show_summary(summaries["validation"], _count_validated(first)),
        "public": show_summary(summaries["public"], count_public(first)),
        "private": show_summary(summaries["private"], count_behind(score, "private")),
        "time": duration(setting.mean("seconds")),
        "cost": f"{cost:.2f}" if cost is not None else NOTHING,
        "images/s": f"{rate:.0f}" if rate is not None else NOTHING,
        "hardware": first.device or NOTHING, "competition": setting.competition,
        "commit": first.experiment.baseline[:7],
    }  # fmt: skip


def _count_validated(draw: Draw) -> str:
    return count_behind({"validation_correct": draw.correct, "validation_images": draw.images}, "validation")
