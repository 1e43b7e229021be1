"""The curve of a study: each run's score, and how the best so far rose."""

from pathlib import Path

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from scoretable.evaluation.plots import BLUE, GREEN, VERMILION
from scoretable.study.trials import BASE, Step, Study
from scoretable.workspace.atomic import replacing

WIDTH, HEIGHT = 8.0, 4.0  # inches


def draw_curve(study: Study, target: Path) -> None:
    """Draw the scores of a study's runs in their order, and the mean of the best setting so far, as SVG."""
    figure = Figure(figsize=(WIDTH, HEIGHT), layout="constrained")
    axes = figure.subplots()
    runs = list(enumerate(study.steps, 1))
    kinds = (
        ("base", BLUE, "o", [run for run in runs if not run[1].is_fresh and run[1].label == BASE]),
        ("other settings", VERMILION, "o", [run for run in runs if not run[1].is_fresh and run[1].label != BASE]),
        ("base, fresh seeds", BLUE, "x", [run for run in runs if run[1].is_fresh and run[1].label == BASE]),
        ("winner, fresh seeds", VERMILION, "x", [run for run in runs if run[1].is_fresh and run[1].label != BASE]),
    )
    for name, colour, mark, found in kinds:
        if found:
            places, scores = zip(*((place, step.score) for place, step in found), strict=True)
            axes.scatter(places, scores, color=colour, marker=mark, label=name)
    choosing = [(place, step.mean) for place, step in runs if not step.is_fresh]
    if choosing:
        axes.step(*zip(*choosing, strict=True), where="post", color=GREEN, label="best so far, its mean")
    axes.set_xlabel("run")
    way = "" if study.larger_is_better else " (smaller is better)"
    axes.set_ylabel(f"validation {study.metric}{way}")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(alpha=0.3)
    if runs:
        axes.legend(fontsize="small")
    with replacing(target) as temporary:
        figure.savefig(temporary, format="svg", metadata={"Date": None})


def rises(study: Study) -> list[tuple[int, Step]]:
    """Return the runs, numbered from 1, after which another setting was the best, or its mean was another one."""
    found: list[tuple[int, Step]] = []
    for place, step in enumerate(study.steps, 1):
        known = (found[-1][1].best, found[-1][1].mean) if found else None
        if not step.is_fresh and (step.best, step.mean) != known:
            found.append((place, step))
    return found
