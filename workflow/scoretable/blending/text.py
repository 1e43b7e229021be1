"""What is said of a blend: its weights, and what it is worth beside its rows."""

from collections.abc import Iterator, Sequence

from tabulate import tabulate

from scoretable.blending.blend import Blend
from scoretable.blending.estimate import Estimate
from scoretable.blending.fitting import PARTS
from scoretable.experiments.experiment import Experiment
from scoretable.experiments.score_file import SCORES
from scoretable.rows.layout import Layout
from scoretable.table.effect_lines import QUIET, show_chance, show_interval
from scoretable.table.figure import Figure
from scoretable.workspace.errors import how_many


def describe_blend(blend: Blend) -> str:
    """Return the blend in words and figures."""
    rows = how_many(len(blend.names), "row")
    if blend.worth is None or blend.shared is None:
        return (
            f"The plain mean of {rows}, {', '.join(blend.names)}. No better weights are known, nor what the blend is "
            f"worth: {blend.reason}"
        )
    metric = blend.shared.measure.metric
    table = tabulate(
        list(_lines(blend.worth, metric, blend.way)), headers="keys", tablefmt="simple", disable_numparse=True
    )
    return (
        f"{_how(blend)} of {rows}: {describe_weights(blend.names, blend.weights)}\n\n{table}\n\n{_verdict(blend.worth)}"
    )


def describe_weights(names: Sequence[str], weights: Sequence[float]) -> str:
    """Return '0.62 row-a + 0.38 row-b', the heaviest first, without rows of no weight.

    >>> describe_weights(["a", "b", "c"], [0.25, 0.75, 0.0])
    '0.75 b + 0.25 a'
    """
    there = [(weight, name) for name, weight in zip(names, weights, strict=True) if weight]
    return " + ".join(f"{weight:.4g} {name}" for weight, name in sorted(there, key=lambda pair: -pair[0]))


def _how(blend: Blend) -> str:
    names = {"mean": "The plain mean", "greedy": "A greedy blend", "nnls": "A blend by non-negative least squares"}
    return names[blend.way] + (", on logits," if blend.mixing.on == "logits" else "")


def _lines(worth: Estimate, metric: str, way: str) -> Iterator[dict[str, str]]:
    plainly = f"of {how_many(worth.images, 'image')}"
    if way != "mean":
        yield _line("the blend", worth.blend, metric, f"{plainly}, each part of {PARTS} by weights from the others")
        yield _line(
            "the blend", Figure(worth.naive, None, None), metric, "too good: of the images that chose its weights"
        )
    yield _line("the plain mean", worth.mean, metric, plainly)
    name, figure = worth.best
    yield _line(f"{name}, the best row", figure, metric, "if anything too good: of the images that chose the row")


def _line(what: str, figure: Figure, metric: str, how: str) -> dict[str, str]:
    interval = figure.interval or "-"
    return {"score of": what, metric: f"{figure.score:.5f}", "other images": interval, "known": how}


def _verdict(worth: Estimate) -> str:
    change, (name, _) = worth.change, worth.best
    told = f"{change.value:+.5f} against {name}, 95% interval {show_interval(change)}"
    if change.chance is None:
        return f"These images do not tell whether the blend is better than its best row ({told})."
    if change.verdict in QUIET:
        chance = show_chance(change.chance).replace(" in ", " of ")
        return f"Not shown to be better than its best row: other images alone give as much in {chance} cases ({told})."
    better = "better" if change.verdict in ("larger", "smaller (better)") else "worse"
    return f"{better.capitalize()} than its best row by more than the noise of images ({told})."


def explain_blend(experiment: Experiment) -> str:
    """Return what a saved blend was made of, its score, and how it is made again."""
    blend, figures = experiment.blend, experiment.read_json(Layout.evaluation.as_posix())
    interval = blend.get("interval")
    metric = next(iter(figures), "score")
    other = f"; other images: {interval[0]:.4f} to {interval[1]:.4f}" if interval else ""
    return "\n".join(
        [
            f"{experiment.name}, made {experiment.committed}",
            f"blend       weights: {blend['weights']}, on {blend['on']}, of {how_many(blend['images'], 'image')}",
            *(
                f"part        {part['weight']:.4g} {part['name']}, commit {part['revision'][:12]}, submission SHA-256 "
                f"{part['submission'][:12] or 'unknown'}"
                for part in blend["parts"]
            ),
            *(f"result      {path}, MD5 {digest}" for path, digest in experiment.outputs.items()),
            f"validation  {metric} {figures.get(metric)} by nested cross-validation{other}",
            *(f"score       {which} {value}" for which in SCORES if (value := experiment.score.get(which)) is not None),
            f"made again  scoretable verify {experiment.name}",
            f"submitted   scoretable submit {experiment.name}",
        ]
    )
