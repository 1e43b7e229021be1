"""The effects and curves of the score table as lines of text, and what is to be known about them in sentences."""

from collections.abc import Iterator

from scoretable.rows.param_text import show_value
from scoretable.table.effects import Curve, Effect, find_curves, find_effects, has_effects
from scoretable.table.frames import find_frames
from scoretable.table.table import ScoreTable
from scoretable.uncertainty.differences import MOST_SEEDS, POWER, Difference
from scoretable.uncertainty.runs import Summary
from scoretable.workspace.errors import how_many

NOTHING = "-"
MOST_QUIET, MOST_CURVES = 30, 10  # effects within noise, and curves, that a terminal and Markdown show
QUIET = ("within noise", "unknown")
ARROW = "→"


def effect_lines(table: ScoreTable, most_quiet: int | None = None) -> Iterator[dict[str, str]]:
    """Yield a line for each effect, grouped by param; most_quiet: how many within noise at most, None for all."""
    quiet = 0
    for effect in find_effects(table):
        is_quiet = effect.change.verdict in QUIET
        quiet += is_quiet
        if most_quiet is None or not is_quiet or quiet <= most_quiet:
            yield _effect_line(effect)


def curve_lines(table: ScoreTable, most: int | None = None) -> Iterator[dict[str, str]]:
    """Yield a line for each value of each curve; most: how many curves at most, those of most draws; None for all."""
    for curve in find_curves(table)[:most]:
        for value, point, summary in curve.points:
            yield {
                "curve": curve.param, "where": curve.frame.where, "rows": point.label, "value": show_value(value),
                "score": f"{summary.mean:.5f}", "95% interval": show_interval(summary), "draws": str(summary.draws),
            }  # fmt: skip


def curve_figures(curve: Curve) -> dict[str, object]:
    """Return a curve as figures that JSON can hold, for a drawing."""
    return {
        "param": curve.param, "where": curve.frame.where, "metric": curve.frame.metric,
        "points": [
            {"value": value, "rows": point.label, "score": summary.mean, "low": summary.low, "high": summary.high,
             "draws": summary.draws}
            for value, point, summary in curve.points
        ],
    }  # fmt: skip


def effect_sentences(table: ScoreTable, most_quiet: int | None = None) -> Iterator[str]:
    """Yield how the effects were judged, whose spread counted where draws are few, and how many effects have no line.

    most_quiet: as of `effect_lines`.
    """
    frames = [frame for frame in find_frames(table) if has_effects(frame)]
    if not frames:
        return
    yield (
        "Intervals of effects: what other seeds would give, each at 95% on its own. A verdict, and how often noise "
        "alone gives as much, is corrected for all effects of the same place (Holm). To settle it: more seeds for each "
        f"side, which show an effect of this size {POWER:.0%} of the time. docs/statistics.md explains it."
    )
    for frame in frames:
        where = frame.where
        single = [point.label for point in frame.points if len(point.scores) == 1]
        several = [point.label for point in frame.points if len(point.scores) > 1]
        if frame.family is None and several:
            yield f"{where}: the draws of each setting are equal, so nothing is known of what another seed gives."
        elif frame.family is None:
            yield f"{where}: no setting has two draws, so nothing is known of what another seed gives."
        elif single:
            whose = f"rows {several[0]}" if len(several) == 1 else f"{len(several)} settings with more draws"
            counted = how_many(frame.family.known, "degree") + " of freedom"
            yield f"{where}: to settings with one draw, {whose} lent their spread ({counted})."
    quiet = sum(effect.change.verdict in QUIET for effect in find_effects(table)) if most_quiet is not None else 0
    if most_quiet is not None and quiet > most_quiet:
        yield f"Of {quiet:,} effects within noise, the first {most_quiet} are listed."


def show_interval(found: Difference | Summary) -> str:
    """Return '0.6662 to 0.7671', with signs for a difference; NOTHING where there is none."""
    if found.low is None or found.high is None:
        return NOTHING
    sign = "+" if isinstance(found, Difference) else ""
    return f"{_short(found.low, sign)} to {_short(found.high, sign)}"


def show_chance(chance: float | None) -> str:
    """Return how often noise alone gives as much.

    >>> show_chance(0.283), show_chance(0.0312), show_chance(0.00041), show_chance(1e-9)
    ('28 in 100', '3.1 in 100', '4.1 in 10,000', 'under 1 in 10,000')
    """
    if chance is None:
        return NOTHING
    if chance < 1e-4:
        return "under 1 in 10,000"
    base = 100 if chance >= 0.01 else 1_000 if chance >= 0.001 else 10_000
    return f"{chance * base:.2g} in {base:,}" if chance * base < 99.5 else "100 in 100"


def show_more(more: int | None, change: Difference) -> str:
    """Return what would settle a difference: '4 more seeds each'."""
    if change.verdict not in QUIET:
        return NOTHING
    if change.chance is None:
        return "a second seed"
    return f"over {MOST_SEEDS} more seeds each" if more is None else f"{how_many(more, 'more seed')} each"


def name_effect(effect: Effect) -> str:
    """Return the params that differ, with their values: 'epochs 10 → 50'."""
    return ", ".join(
        f"{name} {show_value(effect.first.params.get(name))} {ARROW} {show_value(effect.second.params.get(name))}"
        for name in effect.params
    )


def _effect_line(effect: Effect) -> dict[str, str]:
    return {
        "effect": name_effect(effect),
        "rows": f"{effect.first.label} {ARROW} {effect.second.label}",
        "where": effect.frame.where,
        "change": f"{effect.change.value:+.5f}",
        "95% interval": show_interval(effect.change),
        "verdict": effect.change.verdict,
        "noise alone": show_chance(effect.change.chance),
        "to settle it": show_more(effect.more, effect.change),
    }


def _short(value: float, sign: str) -> str:
    return f"{value:{sign}.4f}" if abs(value) < 1e4 else f"{value:{sign}.2g}"
