"""The plots of the score table's page, as SVG that needs no other file."""

import io
import re
from collections.abc import Mapping, Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from scoretable.competition.metric import METRICS
from scoretable.evaluation.plots import BLUE, VERMILION

FACTORS = (("seconds", "training time, hours"), ("image_size", "image size, pixels"), ("epochs", "epochs"),
           ("batch_size", "batch size"))  # fmt: skip
WIDTH, HEIGHT = 10.0, 6.5  # inches; the page scales the picture to its width
STYLES = ("-", "--", ":", "-.")

Point = Mapping[str, float]


def draw_factors(reported: Sequence[Point], rerun: Sequence[Point], metric: str) -> str:
    """Draw the score against time, size, epochs and batch size; a point has `score`, `row` and what it has of these.

    metric: what all of the scores are.
    """
    figure = Figure(figsize=(WIDTH, HEIGHT), layout="constrained")
    for axes, (factor, label) in zip(figure.subplots(2, 2).flat, FACTORS, strict=True):
        for points, colour, mark, name in ((reported, BLUE, "o", "reported"), (rerun, VERMILION, "x", "rerun")):
            if points:
                _scatter(axes, [point for point in points if factor in point], factor, colour, mark, name)
        axes.set_xlabel(label)
        axes.set_ylabel(_with_direction(f"public {metric}", metric))
        axes.grid(alpha=0.3)
    if reported or rerun:
        figure.axes[0].legend()
    return _to_svg(figure)


def draw_curves(curves: Mapping[str, Sequence[float | None]], metric: str) -> str:
    """Draw what `metric` each row had on its validation images against the epoch, overlaid."""
    figure = Figure(figsize=(WIDTH, HEIGHT), layout="constrained")
    axes = figure.subplots()
    for number, (name, values) in enumerate(curves.items()):
        axes.plot(
            range(1, len(values) + 1), np.array(values, float), STYLES[number // 10 % len(STYLES)],
            color=f"C{number % 10}", label=name, marker="." if len(values) < 3 else None,
        )  # fmt: skip
    axes.set_xlabel("epoch")
    axes.set_ylabel(_with_direction(f"validation {metric}", metric))
    axes.grid(alpha=0.3)
    for text in axes.legend(fontsize=7).get_texts() if curves else ():
        text.set_parse_math(False)
    return _to_svg(figure)


def _with_direction(title: str, metric: str) -> str:
    is_smaller = metric == "loss" or (metric in METRICS and not METRICS[metric].larger_is_better)
    return f"{title} (smaller is better)" if is_smaller else title


def _scatter(axes: Axes, points: Sequence[Point], factor: str, colour: str, mark: str, name: str) -> None:
    unit = 3600 if factor == "seconds" else 1
    places = [point[factor] / unit for point in points]
    axes.scatter(places, [point["score"] for point in points], color=colour, marker=mark, label=name)
    for point, place in zip(points, places, strict=True):
        axes.annotate(
            f"{point['row']:g}", (place, point["score"]), xytext=(4, 3), textcoords="offset points", fontsize=7
        )


def _to_svg(figure: Figure) -> str:
    """Return the figure's svg element, without the date and with ids that do not change from call to call."""
    target = io.StringIO()
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "scoretable"}):
        figure.savefig(target, format="svg", metadata={"Date": None, "Creator": None})
    text = target.getvalue()
    return re.sub(r' (width|height)="[\d.]+pt"', "", text[text.index("<svg") :], count=2)
