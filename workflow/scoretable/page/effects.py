"""The effects that the page draws as intervals."""

from collections.abc import Iterator
from typing import Any

from scoretable.table.statistics import Difference
from scoretable.table.table import ScoreTable, reported_effects, rerun_effects

MOST = 40  # that a chart can show apart


def describe_effects(table: ScoreTable) -> list[dict[str, Any]]:
    """Return the effects with their intervals, and to which side each is: 'better', 'worse', or 'open'."""
    return list(_effects(table))[:MOST]


def _effects(table: ScoreTable) -> Iterator[dict[str, Any]]:
    for name, change in reported_effects(table):
        yield {"label": name, "where": "as reported", **_figures(change)}
    for name, where, change in rerun_effects(table, "public"):
        yield {"label": name, "where": where, **_figures(change)}


def _figures(change: Difference) -> dict[str, Any]:
    sides = {"larger": "better", "smaller": "worse", "larger (worse)": "worse", "smaller (better)": "better"}
    return {
        "value": change.value, "low": change.low, "high": change.high, "verdict": change.verdict,
        "side": sides.get(change.verdict, "open"),
    }  # fmt: skip
