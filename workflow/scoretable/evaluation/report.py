"""The files of an evaluation: one JSON of numbers, and a folder of figures and tables."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scoretable.competition.submission_layout import CutRule
from scoretable.competition.targets import rate_places
from scoretable.competition.task import Task, has_one_label, is_number
from scoretable.evaluation import classification as evaluation
from scoretable.evaluation import multilabel as evaluation_multilabel
from scoretable.evaluation import regression as evaluation_regression
from scoretable.evaluation.plots import Photos, draw_confusion, draw_learning_curves, draw_mistakes, draw_per_class
from scoretable.evaluation.plots_by_task import draw_errors_by_range, draw_label_counts, draw_scatter
from scoretable.scoring.decision import Decision, decide
from scoretable.scoring.measure import Measure
from scoretable.workspace.atomic import replacing, replacing_folder, write_json


@dataclass(frozen=True, eq=False)
class Answers:
    """A model's answers to n images whose labels are known.

    truth: int (n,) class indices where each image has one label; else float (n, outputs), as `targets.build_targets`
    makes them. answers: float, as `inference.predict_answers` returns them. class_names: one per column of `answers`,
    or of ordered classes; none where answers are numbers. image_ids: n of them. measure: what the competition is scored
    by; None: nothing. cut: see `decision.decide`.
    """

    task: Task
    truth: NDArray
    answers: NDArray[np.floating]
    class_names: Sequence[str]
    image_ids: Sequence[str]
    label_separator: str = " "
    measure: Measure | None = None
    cut: CutRule = "found"


@dataclass(frozen=True, eq=False)
class _Findings:
    """What an evaluation writes: numbers, four tables, and how two of them are drawn."""

    summary: dict[str, float]
    counts: pd.DataFrame
    pairs: pd.DataFrame
    classes: pd.DataFrame
    mistakes: pd.DataFrame
    draw_counts: Callable[[Path, str], None]
    draw_classes: Callable[[Path, str], None]


def write_evaluation(
    answers: Answers, images: Photos, history: pd.DataFrame, figures: Path, plots: Path, title: str
) -> tuple[dict[str, Any], Decision]:
    """Write the folder `plots` again as a whole, then the file `figures`; return what it holds, and what was decided.

    The figures of `decision.Decision` come first in it, with nine decimals. All tables and figures are of the labels
    that it chose, as they are handed in.
    `images`: those of `answers` in their order (uint8, height x width x 3); `history` as plots.draw_learning_curves
    takes it; `title` stands on each figure. The folder holds learning_curves.png, metric.csv (for DVC: the epoch, and
    the validation's metric, of several folds their mean), confusion_matrix.png and .csv,
    confusion.csv (actual and predicted, a row per image, for DVC), per_class.png and .csv, mistakes.png (the worst)
    and .csv (all). Where an image has several labels, the confusion matrix counts right and wrong answers to each;
    where it has a number, it is one of ranges, drawn as a scatter of single images, and per_class tells the error in
    each range. Raises InputError for answers that are not finite, ValueError for shapes that do not fit.
    """
    if len(images) != len(answers.truth):
        raise ValueError(
            f"There must be one image per label. Received: {len(images)} images, {len(answers.truth)} labels"
        )
    decision = decide(answers.measure, answers.truth, answers.answers, answers.cut) if answers.measure else Decision()
    findings = _examine(answers, decision.chosen)
    with replacing_folder(plots) as folder:
        draw_learning_curves(history, folder / "learning_curves.png", title)
        findings.draw_counts(folder / "confusion_matrix.png", title)
        findings.draw_classes(folder / "per_class.png", title)
        draw_mistakes(findings.mistakes, images, folder / "mistakes.png", title)
        _write_table(_watched(history, answers.measure), folder / "metric.csv")
        _write_table(findings.counts, folder / "confusion_matrix.csv", index=True)
        _write_table(findings.pairs, folder / "confusion.csv")
        _write_table(findings.classes, folder / "per_class.csv")
        _write_table(findings.mistakes, folder / "mistakes.csv")
    others = {name: value for name, value in findings.summary.items() if name not in decision.figures}
    summary = decision.figures | others
    write_json(figures, summary)
    return summary, decision


def _examine(answers: Answers, chosen: NDArray | None) -> _Findings:
    if is_number(answers.task):
        return _examine_numbers(answers)
    examine = _examine_labels if has_one_label(answers.task) else _examine_label_sets
    return examine(answers, chosen)


def _examine_labels(answers: Answers, chosen: NDArray | None) -> _Findings:
    given = answers.answers
    if answers.task == "ordinal":
        given = rate_places(given if chosen is None else chosen[:, None], len(answers.class_names))
    arguments = (answers.truth, given, answers.class_names)
    counts, classes = evaluation.confusion(*arguments, chosen), evaluation.per_class(*arguments, chosen)
    return _Findings(
        summary=_summarise_labels(answers, given, chosen),
        counts=counts,
        pairs=evaluation.confusion_pairs(*arguments, chosen),
        classes=classes,
        mistakes=evaluation.worst_mistakes(*arguments, answers.image_ids, len(answers.truth), chosen),
        draw_counts=lambda target, title: draw_confusion(counts, target, title),
        draw_classes=lambda target, title: draw_per_class(classes, target, title),
    )


def _summarise_labels(answers: Answers, given: NDArray, chosen: NDArray | None) -> dict[str, float]:
    """Return the figures of the labels; of ordered classes errors of the numbers take the place of the loss."""
    figures = evaluation.summarise(answers.truth, given, chosen)
    if answers.task == "ordinal":
        del figures["loss"]  # the cross-entropy of a single class each, which says nothing
        errors = evaluation_regression.summarise_numbers(answers.truth, answers.answers[:, 0])
        figures |= {"mse": errors["mse"], "mae": errors["mae"]}
    return figures


def _examine_label_sets(answers: Answers, chosen: NDArray | None) -> _Findings:
    arguments = (answers.truth, answers.answers, answers.class_names)
    counts = evaluation_multilabel.count_answers(*arguments, chosen)
    classes = evaluation_multilabel.per_label(*arguments, chosen)
    return _Findings(
        summary=evaluation_multilabel.summarise_label_sets(answers.truth, answers.answers, chosen),
        counts=counts,
        pairs=evaluation_multilabel.label_set_pairs(*arguments, answers.label_separator, chosen),
        classes=classes,
        mistakes=evaluation_multilabel.worst_label_sets(*arguments, answers.image_ids, answers.label_separator, chosen),
        draw_counts=lambda target, title: draw_label_counts(counts, target, title),
        draw_classes=lambda target, title: draw_per_class(classes, target, title),
    )


def _examine_numbers(answers: Answers) -> _Findings:
    several = answers.truth.shape[1]
    arguments = (answers.truth.ravel(), answers.answers.ravel())
    names = [
        f"{id_} {name}" if several > 1 else id_ for id_ in answers.image_ids for name in answers.class_names or [""]
    ]
    ranges = evaluation_regression.per_range(*arguments)
    errors = evaluation_regression.largest_errors(*arguments, names)
    errors["position"] //= several
    return _Findings(
        summary=evaluation_regression.summarise_columns(answers.truth, answers.answers),
        counts=evaluation_regression.confusion_of_ranges(*arguments),
        pairs=evaluation_regression.range_pairs(*arguments),
        classes=ranges,
        mistakes=errors,
        draw_counts=lambda target, title: draw_scatter(errors, target, title),
        draw_classes=lambda target, title: draw_errors_by_range(ranges, target, title),
    )


def _watched(history: pd.DataFrame, measure: Measure | None) -> pd.DataFrame:
    """Return the columns epoch and the metric, or loss without one; epochs without a finite value are left out."""
    name = measure.metric if measure else "loss"
    return history.groupby("epoch")[f"val_{name}"].mean().dropna().rename(name).reset_index()


def _write_table(table: pd.DataFrame, target: Path, index: bool = False) -> None:
    with replacing(target) as temporary:
        table.to_csv(temporary, index=index, lineterminator="\n")
