"""A sheet of a competition's images with their labels, as the pipeline will see them."""

from collections.abc import Iterable
from math import ceil
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from scoretable.archive.archive import Archive
from scoretable.competition.description import Competition
from scoretable.competition.targets import parse_number_rows
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


def draw_contact_sheet(
    manifest: Manifest, archive: Archive, competition: Competition, params: Params, target: Path
) -> None:
    """Write a PNG: some images of each class, or from the smallest number to the largest, and some of the test.

    Each is decoded as `params` says: image_size, aspect, box and box_margin.
    """
    shown = pd.concat([choose_images(manifest.train, manifest.classes, competition), _choose_test(manifest.test)])
    values = competition.value_range or _measure_range(manifest, archive, shown["member"])
    rows = ceil(len(shown) / _IMAGES)
    size = f"{params.height}x{params.width} pixels, aspect: {params.aspect}"
    classes = f", {min(_CLASSES, len(manifest.classes))} of {how_many(len(manifest.classes), 'class')}"
    heading = f"{competition.title}{classes if manifest.classes else ''}\nas the pipeline sees them: {size}"
    figure = new_figure(2.2 * rows + 0.8, heading)
    for place, image in enumerate(shown.to_dict("records")):
        axes = figure.add_subplot(rows, _IMAGES, place + 1)
        axes.set(xticks=[], yticks=[], frame_on=False)
        axes.set_xlabel(image["caption"], fontsize=9, parse_math=False)
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


def choose_images(train: pd.DataFrame, classes: list[str], competition: Competition) -> pd.DataFrame:
    """Return rows of `train` with a column caption, 6 of each of up to 7 classes, '' as the member of a gap."""
    if is_number(competition.task):
        order = train.assign(number=parse_number_rows(train["label"], competition.task)[:, 0]).sort_values("number")
        chosen = order.iloc[_spread(len(order), _CLASSES * _IMAGES)]
        return _fill(chosen.assign(caption=chosen["label"].map(shorten)))
    names = [classes[place] for place in _spread(len(classes), _CLASSES)]
    several = competition.task == "multilabel"
    cells = train["label"].str.split(competition.label_separator) if several else None
    parts = []
    for name in names:
        has = train["label"] == name if cells is None else cells.map(lambda labels, name=name: name in labels)
        chosen = train[has]
        chosen = chosen.iloc[_spread(len(chosen), _IMAGES)]
        parts.append(_fill(chosen.assign(caption=chosen["label"].map(shorten))))
    return pd.concat(parts)


def _choose_test(test: pd.DataFrame) -> pd.DataFrame:
    chosen = test.iloc[_spread(len(test), _IMAGES)]
    return chosen.assign(caption="test: " + chosen["id"].map(shorten))


def _spread(count: int, most: int) -> list[int]:
    """Return up to `most` places among `count`, from the first to the last."""
    return [int(place) for place in np.unique(np.linspace(0, count - 1, min(count, most)).round())] if count else []


def _fill(chosen: pd.DataFrame) -> pd.DataFrame:
    """Add gaps, so that the row is full."""
    gaps = pd.DataFrame({"member": [""] * (-len(chosen) % _IMAGES), "caption": ""}, dtype=str)
    return pd.concat([chosen, gaps])


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
