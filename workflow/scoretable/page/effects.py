"""The effects that the page draws as intervals, and the curves of ordered params."""

from typing import Any

from scoretable.table.effect_lines import ARROW, curve_figures, name_effect
from scoretable.table.effects import Effect, find_curves, find_effects
from scoretable.table.table import ScoreTable

MOST = 15  # effects that a chart can show apart; the table of effects has the others
MOST_CURVES = 30  # that a reader chooses from
SIDES = {"larger": "better", "smaller": "worse", "larger (worse)": "worse", "smaller (better)": "better"}


def describe_effects(table: ScoreTable) -> list[dict[str, Any]]:
    """Return the effects with their intervals, and to which side each is: 'better', 'worse', or 'open'.

    Those that are more than noise come first, so that they are among the `MOST` that are kept.
    """
    found = [_figures(effect) for effect in find_effects(table)]
    return sorted(found, key=lambda figures: figures["side"] == "open")[:MOST]


def describe_curves(table: ScoreTable) -> list[dict[str, Any]]:
    """Return what the ordered params with three or more values do, first where most draws say so."""
    return [curve_figures(curve) for curve in find_curves(table)[:MOST_CURVES]]


def _figures(effect: Effect) -> dict[str, Any]:
    change = effect.change
    return {
        "label": name_effect(effect),
        "rows": f"{effect.first.label} {ARROW} {effect.second.label}",
        "where": effect.frame.where,
        "value": change.value,
        "low": change.low,
        "high": change.high,
        "verdict": change.verdict,
        "side": SIDES.get(change.verdict, "open"),
    }
