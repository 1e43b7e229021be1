"""A sheet of a competition's images with their labels, as the pipeline will see them."""

import textwrap
from collections.abc import Iterable
from math import ceil
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from scoretable.archive.archive import Archive
from scoretable.competition.description import Competition
from scoretable.competition.targets import parse_number_rows, split_labels
from scoretable.competition.task import is_number
from scoretable.decoding.decode import decode_image
from scoretable.decoding.image_files import read_pixels
from scoretable.decoding.unreadable import UnreadableImage
from scoretable.decoding.value_range import Extent, Range, join, measure
from scoretable.evaluation.plots import new_figure, save_figure, shorten
from scoretable.manifest.manifest import BOX, Manifest
from scoretable.rows.params import Params
from scoretable.workspace.errors import how_many

_CLASSES, _IMAGES = 7, 6  # rows of the sheet above the test images, and images a row
_FEW = 3  # classes left out that the title names
_LINES, _WIDTH = 3, 24  # of a caption with several labels, and characters a line


def draw_contact_sheet(
    manifest: Manifest, archive: Archive, competition: Competition, params: Params, target: Path
) -> None:
    """Write a PNG: some images of each class, or from the smallest number to the largest, and some of the test.

    Each is decoded as `params` says: image_size, aspect, box and box_margin.
    """
    shown = pd.concat([choose_images(manifest.train, manifest.classes, competition), _choose_test(manifest.test)])
    values = competition.value_range or _measure_range(manifest, archive, shown["member"])
    rows = ceil(len(shown) / _IMAGES)
    what = describe_shown(manifest.classes, set(shown["row"]), competition)
    size = f"{params.height}x{params.width} pixels, aspect: {params.aspect}"
    figure = new_figure(2.2 * rows + 0.8, f"{competition.title}{what}\nas the pipeline sees them: {size}")
    for place, image in enumerate(shown.to_dict("records")):
        axes = figure.add_subplot(rows, _IMAGES, place + 1)
        axes.set(xticks=[], yticks=[], frame_on=False)
        axes.set_xlabel(image["caption"], fontsize=9, parse_math=False)
        if competition.task == "multilabel" and place % _IMAGES == 0:
            axes.set_ylabel(shorten(image["row"]), fontsize=9, parse_math=False)
        with_box = params.box == "crop" and competition.train.box is not None
        box = tuple(float(image[side]) for side in BOX) if with_box and image["member"] else None
        _draw(axes, manifest, archive, image["member"], params, box, values)
    save_figure(figure, target)


def _measure_range(manifest: Manifest, archive: Archive, members: Iterable[str]) -> Range | None:
    """Return the range of what is shown; the pipeline measures all training images."""

    def extent(member: str) -> Extent | None:
        try:
            return measure(read_pixels(manifest.read(archive, member)))
        except UnreadableImage:
            return None

    return join(extent(member) for member in members if member)


def describe_shown(classes: list[str], shown: set[str], competition: Competition) -> str:
    """Return what the title says of the labels: how many numbers, or which classes the sheet shows."""
    if not classes:
        return ""
    if competition.task == "multi_regression":
        return f", {how_many(len(classes), 'number')}, spread over {shorten(classes[0])}"
    left = [name for name in classes if name not in shown]
    if not left:
        return f", {how_many(len(classes), 'class')}"
    names = ", ".join(map(shorten, left)) if len(left) <= _FEW else str(len(left))
    return f", {len(classes) - len(left)} of {how_many(len(classes), 'class')}\nnot shown: {names}"


def choose_images(train: pd.DataFrame, classes: list[str], competition: Competition) -> pd.DataFrame:
    """Return rows of `train` with the columns row (its class) and caption; '' is the member of a gap.

    They are 6 of each of up to 7 classes, or up to 42 from the smallest number, of several the first, to the largest.
    """
    train = train.reset_index(drop=True)
    if is_number(competition.task):
        numbers = parse_number_rows(train["label"], competition.task)[:, 0]
        order = train.assign(number=numbers).sort_values("number")
        chosen = order.iloc[_spread(len(order), _CLASSES * _IMAGES)]
        several = [f"{shorten(classes[0])} {number:.3g}" for number in chosen["number"]] if classes else None
        return _fill(chosen.assign(caption=several or chosen["label"].map(shorten)), "")
    labels = split_labels(train["label"], competition.task, competition.label_separator)
    counts = labels.value_counts()
    names = [name for name in classes if name in counts]
    names = [names[place] for place in _spread(len(names), _CLASSES)]
    rows: dict[str, pd.DataFrame] = {}
    used: list[int] = []
    for name in sorted(names, key=lambda name: counts[name]):  # the rarest has the fewest images to choose from
        places = _prefer_others([int(place) for place in labels.index[labels == name]], used)
        used += places
        rows[name] = train.loc[places]
    captions = {name: [_caption(cell, competition) for cell in rows[name]["label"]] for name in names}
    return pd.concat([_fill(rows[name].assign(caption=captions[name]), name) for name in names])


def _prefer_others(places: list[int], used: list[int]) -> list[int]:
    """Return up to a row of `places` in their order, those in `used` only where there are too few others."""
    others = [place for place in places if place not in used]
    again = [place for place in places if place in used][: max(_IMAGES - len(others), 0)]
    return sorted([others[place] for place in _spread(len(others), _IMAGES)] + again)


def _caption(cell: str, competition: Competition) -> str:
    """Return the label of an image, or its labels on a few lines."""
    if competition.task != "multilabel":
        return shorten(cell)
    separator = competition.label_separator
    text = f"{separator.strip()} ".join(cell.split(separator))
    return "\n".join(textwrap.wrap(text, _WIDTH, max_lines=_LINES, placeholder=" \N{HORIZONTAL ELLIPSIS}"))


def _choose_test(test: pd.DataFrame) -> pd.DataFrame:
    chosen = test.iloc[_spread(len(test), _IMAGES)]
    return chosen.assign(caption="test: " + chosen["id"].map(shorten), row="")


def _spread(count: int, most: int) -> list[int]:
    """Return up to `most` places among `count`, from the first to the last."""
    return [int(place) for place in np.unique(np.linspace(0, count - 1, min(count, most)).round())] if count else []


def _fill(chosen: pd.DataFrame, row: str) -> pd.DataFrame:
    """Add gaps, so that the row is full, and what it shows."""
    gaps = pd.DataFrame({"member": [""] * (-len(chosen) % _IMAGES), "caption": ""}, dtype=str)
    return pd.concat([chosen, gaps]).assign(row=row)


def _draw(
    axes: Axes,
    manifest: Manifest,
    archive: Archive,
    member: str,
    params: Params,
    box: tuple[float, ...] | None,
    values: Range | None,
) -> None:
    """Show an image, or white in its size where there is none or it cannot be read."""
    height, width = params.height, params.width
    pixels = np.full((height, width, 3), 255, np.uint8)
    try:
        sides = None if box is None else (box[0], box[1], box[2], box[3])
        if member:
            data = manifest.read(archive, member)
            pixels = decode_image(data, height, width, params.aspect, sides, params.box_margin, values).pixels
    except UnreadableImage as error:
        reason = axes.text(0.5, 0.5, shorten(error), ha="center", fontsize=8, transform=axes.transAxes)
        reason.set(in_layout=False, parse_math=False)
    axes.imshow(pixels, interpolation="nearest")
