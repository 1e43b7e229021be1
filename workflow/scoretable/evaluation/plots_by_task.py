"""The figures that stand in place of the confusion matrix where an image has several labels or a number."""

from pathlib import Path

import numpy as np
import pandas as pd

from scoretable.evaluation.plots import (
    BLUE,
    DARK,
    FADED,
    FEW_CLASSES,
    MOST_BARS,
    PALE,
    VERMILION,
    new_figure,
    save_figure,
    shorten,
    text_size,
)

COUNTS = {
    "true_positive": "answered,\ntrue",
    "false_positive": "answered,\nnot true",
    "false_negative": "not answered,\ntrue",
    "true_negative": "not answered,\nnot true",
}


def draw_label_counts(counts: pd.DataFrame, target: Path, title: str = "") -> None:
    """Draw a row per label with the numbers of images that were right and wrong, coloured by their share.

    Of more than `MOST_BARS` labels the commonest are drawn. `counts` comes from evaluation_multilabel.count_answers.
    """
    which = "each label" if len(counts) <= MOST_BARS else f"the {MOST_BARS} commonest of {len(counts)} labels"
    commonest = (counts["true_positive"] + counts["false_negative"]).nlargest(MOST_BARS).index
    counts = counts[counts.index.isin(commonest)]
    cells = counts[list(COUNTS)].to_numpy()
    shares = cells / cells.sum(axis=1, keepdims=True)
    labels = len(cells)
    few = labels <= FEW_CLASSES
    height = float(np.clip(2.5 + (0.5 if few else 0.17) * labels, 4.0, 48))
    figure = new_figure(height, f"Right and wrong answers to {which}\n{title}")
    axes = figure.add_subplot()
    drawn = axes.imshow(shares, cmap="Blues", vmin=0, vmax=1, interpolation="nearest", aspect="auto")
    figure.colorbar(drawn, ax=axes, label="Share of all images", shrink=0.8, pad=0.02)
    axes.set_xticks(range(len(COUNTS)), list(COUNTS.values()))
    axes.set_yticks(range(labels), [shorten(name) for name in counts.index], parse_math=False)
    axes.tick_params(axis="y", labelsize=text_size(labels))
    for (row, column), number in np.ndenumerate(cells):
        colour = "white" if shares[row, column] > 0.5 else DARK if number else FADED
        axes.text(column, row, str(number), ha="center", va="center", fontsize=text_size(labels), color=colour)
    save_figure(figure, target)


def draw_scatter(answers: pd.DataFrame, target: Path, title: str = "") -> None:
    """Draw the predicted number of each image against the true one; on the line they are equal.

    `answers` has the columns actual and predicted, one row per image.
    """
    figure = new_figure(9.0, f"Predicted against true numbers\n{title}")
    axes = figure.add_subplot()
    numbers = answers[["actual", "predicted"]].to_numpy()
    low, high = float(numbers.min()), float(numbers.max())
    axes.plot([low, high], [low, high], color=FADED, zorder=1, label="predicted = true")
    axes.scatter(answers["actual"], answers["predicted"], s=25, color=BLUE, alpha=0.6, linewidths=0, label="image")
    axes.set(xlabel="True number", ylabel="Predicted number")
    axes.grid(color=PALE)
    axes.set_axisbelow(True)
    axes.legend(frameon=False)
    save_figure(figure, target)


def draw_errors_by_range(table: pd.DataFrame, target: Path, title: str = "") -> None:
    """Draw the mean absolute error and the mean error of each range of true numbers as horizontal bars.

    `table` comes from evaluation_regression.per_range.
    """
    figure = new_figure(2.0 + 0.7 * len(table), f"Errors in each range of true numbers\n{title}")
    axes = figure.add_subplot()
    places = np.arange(len(table))
    axes.barh(places - 0.18, table["mae"], height=0.36, color=BLUE, label="mean absolute error")
    axes.barh(places + 0.18, table["bias"], height=0.36, color=VERMILION, label="mean error (predicted - true)")
    axes.axvline(0, color=DARK, linewidth=0.8)
    names = [f"{name} ({number})" for name, number in zip(table["class"], table["images"], strict=True)]
    axes.set_yticks(places, names, parse_math=False)
    axes.invert_yaxis()
    axes.set(xlabel="Error", ylabel="True number (images)")
    axes.grid(axis="x", color=PALE)
    axes.set_axisbelow(True)
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, frameon=False)
    save_figure(figure, target)
