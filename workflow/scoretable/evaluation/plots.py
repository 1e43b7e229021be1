"""The figures of an evaluation, as PNG files about 1200 pixels wide. Equal inputs give equal bytes."""

from math import ceil
from pathlib import Path
from typing import Any, Protocol
from warnings import catch_warnings, filterwarnings

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from scoretable.competition.metric import METRICS
from scoretable.evaluation.fonts import use_installed_fonts
from scoretable.workspace.atomic import replacing

# Masataka Okabe and Kei Ito, "Color Universal Design", https://jfly.uni-koeln.de/color/
BLUE, VERMILION, GREEN = "#0072B2", "#D55E00", "#009E73"
PALE, FADED, DARK = "#DDDDDD", "#999999", "#333333"
WIDTH = 12.0  # inches, which at 100 dots per inch is 1200 pixels
DOTS_PER_INCH = 100
FEW_CLASSES = 25  # above this, cells hold no text and labels are thinned out
MOST_LABELS = 40  # that find room beside a side of the matrix
MOST_BARS = 270  # classes that find room in the longest figure
LEVEL_LABELS = 4  # that find room below the matrix without being turned
LARGE_POINTS = 40  # epochs that can have a large point without hiding the line
DARK_SHARE = 0.5  # above this, a cell is so dark that its text is white
LONGEST_NAME = 24  # characters
SHEET_COLUMNS, SHEET_PHOTOS = 4, 24
NOT_METRICS = ("epoch", "learning_rate", "seconds")
ACRONYMS = ("auc", "mae", "mse", "rmse")
LOWER_IS_BETTER = ("loss", "mse", *(name for name, metric in METRICS.items() if not metric.larger_is_better))


class Photos(Protocol):
    """Rows of uint8 images of shape (height, width, 3): an array, a memory map or anything indexed alike."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int, /) -> Any: ...


def draw_learning_curves(history: pd.DataFrame, target: Path, title: str = "") -> None:
    """Draw each metric of `history`, for training and validation, and the learning rate against the epoch.

    `history` has a row per epoch: the column `epoch` (from 1), metric columns with or without a twin `val_...`, such
    columns alone, and perhaps `learning_rate`. Raises ValueError where the column `epoch`, every metric or every row is
    missing.
    """
    names = dict.fromkeys(str(name).removeprefix("val_") for name in history)
    metrics = [name for name in names if name not in NOT_METRICS]
    if "epoch" not in history or history.empty or not metrics:
        raise ValueError(
            f"history must have the column epoch, a metric and a row. "
            f"Received: {len(history)} rows of {list(map(str, history))}"
        )
    metrics.sort(key=lambda name: name != "loss")
    shown = [*metrics, *(name for name in ("learning_rate",) if name in history)]
    rows = ceil(len(shown) / 2)
    figure = new_figure(4.0 * rows + 0.6, f"Learning curves\n{title}")
    for place, name in enumerate(shown, start=1):
        last_alone = place == len(shown) and place % 2 == 1
        _draw_curve(figure.add_subplot(rows, 2, (place, place + 1) if last_alone else place), history, name)
    save_figure(figure, target)


def draw_confusion(counts: pd.DataFrame, target: Path, title: str = "") -> None:
    """Draw counts of images (rows actual, columns predicted), coloured by the share of each row.

    A row without an image is grey. Raises ValueError where `counts` is not square.
    """
    cells = counts.to_numpy()
    classes = len(cells)
    if cells.shape != (classes, classes):
        raise ValueError(f"counts must have as many rows as columns. Received: {cells.shape}")
    images = cells.sum(axis=1)
    shares = np.divide(cells, images[:, None], out=np.full(cells.shape, np.nan), where=images[:, None] > 0)
    few = classes <= FEW_CLASSES
    figure = new_figure(
        float(np.clip(3.5 + 0.6 * classes, 5.5, 10.5)), f"Confusion matrix: which class is mistaken for which\n{title}"
    )
    axes = figure.add_subplot()
    axes.set_facecolor(PALE)
    # The root makes one confused image visible where cells are too small for a number.
    scale = PowerNorm(1.0 if few else 0.5, vmin=0, vmax=1)
    drawn = axes.imshow(shares, cmap="Blues", norm=scale, interpolation="nearest", aspect="auto" if few else "equal")
    figure.colorbar(drawn, ax=axes, label="Share of the images of the actual class", shrink=0.8, pad=0.02)
    axes.set(xlabel="Predicted class", ylabel="Actual class (number of images)")
    names = [shorten(name) for name in counts.index]
    _label_classes(axes, "x", [shorten(name) for name in counts.columns])
    _label_classes(axes, "y", [f"{name} ({number})" for name, number in zip(names, images, strict=True)])
    if few:
        _write_cells(axes, cells, shares)
    save_figure(figure, target)


def draw_per_class(table: pd.DataFrame, target: Path, title: str = "") -> None:
    """Draw precision, recall and F1 of each class as horizontal bars, the weakest F1 first, empty classes last.

    Of more than `MOST_BARS` classes the weakest are drawn. `table` has the columns class, images, precision, recall
    and f1 (shares from 0 to 1).
    """
    order = table.assign(empty=table["images"] == 0).sort_values(["empty", "f1"], kind="stable").head(MOST_BARS)
    classes = len(order)
    which = "each class" if classes == len(table) else f"the {classes} weakest of {len(table)} classes"
    height = 0.5 if classes <= FEW_CLASSES else 0.17
    figure = new_figure(
        float(np.clip(1.8 + height * classes, 3.5, 48)), f"Precision, recall and F1 of {which}\n{title}"
    )
    axes = figure.add_subplot()
    places = np.arange(classes)
    bars = (("precision", BLUE, -0.27), ("recall", VERMILION, 0.0), ("f1", GREEN, 0.27))
    for column, colour, shift in bars:
        label = "F1" if column == "f1" else column
        axes.barh(places + shift, order[column], height=0.27, color=colour, label=label)
    names = [f"{shorten(name)} ({number})" for name, number in zip(order["class"], order["images"], strict=True)]
    axes.set_yticks(places, names, parse_math=False, fontsize=text_size(classes))
    axes.set(xlim=(0, 1), ylim=(classes - 0.5, -0.5), xlabel="Share (1 is best)", ylabel="Class (number of images)")
    axes.tick_params(axis="x", top=True, labeltop=True)
    axes.grid(axis="x", color=PALE)
    axes.set_axisbelow(True)
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), borderaxespad=2, ncols=3, frameon=False)
    save_figure(figure, target)


def draw_mistakes(mistakes: pd.DataFrame, images: Photos, target: Path, title: str = "") -> None:
    """Draw a sheet of the first 24 rows of `mistakes`, or one that says that there is none.

    `mistakes` has the columns of evaluation.worst_mistakes, or those of evaluation_regression.largest_errors; its
    column position says which rows of `images` to read, and no other is touched. Raises ValueError where a position
    lies outside `images`.
    """
    if mistakes.empty:
        figure = new_figure(3.0, f"Worst mistakes\n{title}")
        figure.text(0.5, 0.4, "No mistake to show: every image was answered correctly.", ha="center", fontsize=14)
        return save_figure(figure, target)
    if mistakes["position"].max() >= len(images):
        raise ValueError(f"There is no image {mistakes['position'].max()}. Received: {len(images)} images")
    shown = mistakes.head(SHEET_PHOTOS)
    rows = ceil(len(shown) / SHEET_COLUMNS)
    order = "the largest error" if "error" in mistakes else "the least probable true class"
    heading = f"Worst mistakes: {len(shown)} of {len(mistakes)}, {order} first"
    figure = new_figure(3.6 * rows + 0.8, f"{heading}\n{title}", space=0.12)
    for place, mistake in enumerate(shown.to_dict("records"), start=1):
        axes = figure.add_subplot(rows, SHEET_COLUMNS, place)
        axes.imshow(np.asarray(images[int(mistake["position"])]))
        axes.set(xticks=[], yticks=[], frame_on=False)
        axes.set_title(_caption(mistake), fontsize=9, loc="left", parse_math=False)
    return save_figure(figure, target)


def new_figure(height: float, heading: str, space: float = 0.06) -> Figure:
    """Return an empty figure of `height` inches and the common width, with `heading` above."""
    use_installed_fonts()
    layout = ConstrainedLayoutEngine(h_pad=space, w_pad=0.06)
    figure = Figure(figsize=(WIDTH, height), dpi=DOTS_PER_INCH, layout=layout)
    figure.suptitle(heading.strip(), fontsize=13, parse_math=False)
    return figure


def save_figure(figure: Figure, target: Path) -> None:
    """Write `figure` as a PNG file, whole or not at all."""
    # matplotlib would write its version into the file, which changes the bytes with every upgrade.
    with replacing(target) as temporary, catch_warnings():
        filterwarnings("ignore", "Glyph .* missing from font")  # it is drawn as a box
        figure.savefig(temporary, format="png", metadata={"Software": None})


def _draw_curve(axes: Axes, history: pd.DataFrame, name: str) -> None:
    size = 5 if len(history) <= LARGE_POINTS else 2
    lines = [(name, "training", BLUE, "o-"), (f"val_{name}", f"validation{_best(history, name)}", VERMILION, "s--")]
    if name == "learning_rate":
        lines = [(name, "learning rate", GREEN, "o-")]
    for column, label, colour, style in lines:
        if column in history:
            axes.plot(history["epoch"], history[column], style, color=colour, markersize=size, label=label)
    axes.set(xlabel="Epoch", title=name.upper() if name in ACRONYMS else name.replace("_", " ").capitalize())
    axes.xaxis.set_major_locator(MaxNLocator(steps=[1, 2, 5, 10], integer=True, min_n_ticks=1))
    axes.grid(color=PALE)
    if name == "learning_rate":
        _scale_rate(axes, history[name])
    else:
        axes.legend(frameon=False)


def _scale_rate(axes: Axes, rates: pd.Series) -> None:
    if rates.min() > 0 and rates.max() >= 10 * rates.min():
        axes.set_yscale("log")
    else:
        axes.set_ylim(bottom=0)
        axes.ticklabel_format(axis="y", style="sci", scilimits=(0, 0))


def _best(history: pd.DataFrame, name: str) -> str:
    if f"val_{name}" not in history or history[f"val_{name}"].isna().all():
        return ""
    values = history[f"val_{name}"].to_numpy(dtype=float)
    row = int(np.nanargmin(values) if name in LOWER_IS_BETTER else np.nanargmax(values))
    return f" (best {values[row]:.4f} in epoch {history['epoch'].iloc[row]})"


def _label_classes(axes: Axes, side: str, names: list[str]) -> None:
    step = 1 if len(names) <= FEW_CLASSES else ceil(len(names) / MOST_LABELS)
    axis = axes.xaxis if side == "x" else axes.yaxis
    axis.set_ticks(range(0, len(names), step), names[::step], parse_math=False, fontsize=text_size(len(names)))
    if side == "x" and len(names) > LEVEL_LABELS:
        axes.tick_params(axis="x", rotation=90)


def _write_cells(axes: Axes, cells: NDArray[np.integer], shares: NDArray[np.floating]) -> None:
    for (row, column), number in np.ndenumerate(cells):
        colour = "white" if shares[row, column] > DARK_SHARE else DARK if number else FADED
        axes.text(column, row, str(number), ha="center", va="center", fontsize=text_size(len(cells)), color=colour)


def text_size(classes: int) -> int:
    """Return the size of text in points that leaves room for as many classes."""
    return 10 if classes <= FEW_CLASSES // 2 else 8


def _caption(mistake: dict[Any, Any]) -> str:
    if "error" in mistake:
        numbers = f"actual {mistake['actual']:.5g}\npredicted {mistake['predicted']:.5g} ({mistake['error']:+.3g})"
        return f"{shorten(mistake['image_id'])}\n{numbers}"
    return (
        f"{shorten(mistake['image_id'])}\n"
        f"actual {shorten(mistake['actual'])} ({mistake['probability_actual']:.2f})\n"
        f"predicted {shorten(mistake['predicted'])} ({mistake['probability_predicted']:.2f})"
    )


def shorten(name: object) -> str:
    """Return `name` on one line, its middle left out where it is long."""
    text = " ".join(str(name).split())
    # The end stays: names of cars differ in the year, ids of images in the number.
    return text if len(text) <= LONGEST_NAME else f"{text[: LONGEST_NAME - 12]}\N{HORIZONTAL ELLIPSIS}{text[-11:]}"
