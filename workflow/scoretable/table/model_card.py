"""A row's model card (Mitchell et al. 2019, arXiv:1810.03993): what it was made of, how good it is, and its limits."""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml
from tabulate import tabulate

from scoretable.competition.description import Competition
from scoretable.experiments.experiment import Experiment
from scoretable.models.backbones import BACKBONES
from scoretable.models.published_weights import PUBLISHED, name_of_imagenet
from scoretable.rows.layout import Layout
from scoretable.rows.params import Params, parse_params
from scoretable.table.explanation import rerun_command, score_lines
from scoretable.table.figure import figure_of
from scoretable.table.row_answers import RowAnswers
from scoretable.table.table import find_competition

# Of the weights that keras.applications downloads for `imagenet`, as Keras 2.4's documentation states them for each
# (keras.io/api/applications), and of later networks as their publishers' repositories do.
_LICENCES = {
    **dict.fromkeys(("vgg16", "vgg19"), "CC BY 4.0 (Visual Geometry Group, Oxford)"),
    **dict.fromkeys(("resnet", "resnet_v2", "xception", "convnext"), "MIT"),
    "densenet": "BSD 3-Clause",
}
_APACHE = "Apache 2.0"
FEW = 30  # images of a class, below which its recall says little
MOST_CLASSES = 60  # of which a table is shown


def write_model_card(experiment: Experiment, root: Path) -> str:
    """Return the card as Markdown, of what DVC's cache and the competition's file tell here."""
    known = {name: experiment.params[name] for name in Params.model_fields if name in experiment.params}
    params = parse_params(known, f"params.yaml of row {experiment.name}")
    competition = find_competition(params.competition, root)
    layout = Layout.of(params)
    counts = _count_classes(experiment.read((layout.cache / "train.csv").as_posix()), competition)
    sections = {
        "Model": _as_table(_model(experiment, params, competition)),
        "Data": _data(experiment, params, counts),
        "How good it is": _scores(experiment, root),
        "Classes": _classes(experiment),
        "Limits": "\n".join(f"- {limit}" for limit in _limits(experiment, params, competition, counts)),
        "Params": f"```yaml\n{yaml.safe_dump(params.model_dump(mode='json'), sort_keys=False)}```",
        "Made again by": f"```\n{rerun_command(experiment)}\n```",
    }
    parts = [f"## {title}\n\n{text}" for title, text in sections.items() if text]
    return "\n\n".join([f"# Model card of {experiment.name}", *parts]) + "\n"


def licence_of(model: str, weights: str | None) -> str:
    """Return the licence of the weights that a training began with, as their publisher states it."""
    if weights is None:
        return "none were used: training began at random"
    module = BACKBONES[model].module.rpartition(".")[2]
    if weights == "imagenet" and module in ("swin", "vision_transformer"):
        weights = name_of_imagenet(model)
    if weights in PUBLISHED:
        return PUBLISHED[weights].licence
    return _LICENCES.get(module, _APACHE) if weights == "imagenet" else f"not known here: training began with {weights}"


def _model(experiment: Experiment, params: Params, competition: Competition | None) -> Iterator[tuple[str, str]]:
    training = experiment.read_json("models/training.json")
    versions = ", ".join(f"{name} {version}" for name, version in training.get("versions", {}).items())
    yield "answers", f"photos of competition {params.competition}{f', task {competition.task}' if competition else ''}"
    yield "network", f"{params.model}, from {params.height}x{params.width} pixels (aspect: {params.aspect})"
    yield "began with", f"weights: {'null' if params.weights is None else params.weights}"
    yield "licence of those weights", licence_of(params.model, params.weights)
    yield "made", f"{experiment.committed}, by the code of commit {experiment.baseline}"
    yield "on", "; ".join(part for part in (training.get("device", "unknown"), versions) if part)


def _data(experiment: Experiment, params: Params, counts: Counter[str]) -> str:
    rows = [(path, f"MD5 {digest}") for path, digest in experiment.outputs.items() if path.endswith(".zip")]
    held = "each image once" if params.fold == "all" else f"{params.validation:.0%} (fold {params.fold})"
    rows.append(("held out for validation", held))
    if experiment.params.get("competition", "").startswith("sandbox"):
        rows.append(("drawn", "by scoretable itself: these are no photos"))
    if counts:
        rows.append(("labels of the images", f"{counts.total()}, of {len(counts)} classes"))
    table = _as_table(rows)
    if not 0 < len(counts) <= MOST_CLASSES:
        return table
    return f"{table}\n\n{tabulate(counts.most_common(), ('class', 'labelled images'), 'github')}"


def _count_classes(table: bytes | None, competition: Competition | None) -> Counter[str]:
    """Return how many images have each label; none where labels are numbers, or their table is not here."""
    if table is None or competition is None or "regression" in competition.task:
        return Counter()
    separator = competition.label_separator if competition.task == "multilabel" else None
    labels = (row["label"] for row in csv.DictReader(io.StringIO(table.decode())))
    return Counter(part for label in labels for part in (label.split(separator) if separator else [label]))


def _scores(experiment: Experiment, root: Path) -> str:
    answers = RowAnswers.of(experiment, root)
    lines = list(score_lines(experiment))
    if answers is None:
        return "\n".join(f"- {line}" for line in lines)
    figure, metric = figure_of(answers), answers.measure.metric
    interval = f"; other images: {figure.interval} (95%)" if figure.interval else ""
    first = f"validation {metric} {figure.score:.4f} on {answers.images} images{interval}"
    return "\n".join(f"- {line}" for line in [first, *(line for line in lines if not line.startswith("validation"))])


def _classes(experiment: Experiment) -> str:
    content = experiment.read("models/plots/per_class.csv")
    rows = list(csv.DictReader(io.StringIO((content or b"").decode())))
    shown = [name for name in ("class", "images", "precision", "recall", "f1") if rows and name in rows[0]]
    if len(shown) < 5 or len(rows) > MOST_CLASSES:
        return ""
    table = [[row[name] for name in shown] for row in rows]
    return "On the validation images:\n\n" + tabulate(table, shown, "github", disable_numparse=True)


def _limits(
    experiment: Experiment, params: Params, competition: Competition | None, counts: Counter[str]
) -> Iterator[str]:
    yield (
        "The figures are of images that were held out from the same archive. Photos of another camera, place or season "
        "can be answered worse, and with as much confidence."
    )
    if competition is not None and "regression" not in competition.task:
        yield "An image of none of these classes is given one of them. Probabilities say how sure the network is."
    rare = [name for name, count in counts.items() if count < FEW]
    if rare:
        yield f"Fewer than {FEW} labelled images: {', '.join(rare[:MOST_CLASSES])}."
    if params.box == "crop":
        yield "It has seen what lies in the bounding boxes of photos only."
    if params.views:
        yield "The figures are with test-time augmentation, which an exported file leaves out."
    if not experiment.verifications:
        yield f"Nobody has made it again and compared: `scoretable verify {experiment.name}` does."


def _as_table(rows: Sequence[tuple[str, Any]] | Iterator[tuple[str, Any]]) -> str:
    return tabulate(list(rows), ("", ""), "github", disable_numparse=True)
