import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scoretable.evaluation.classification import summarise
from scoretable.evaluation.report import Answers, write_evaluation
from scoretable.scoring.measure import Measure
from scoretable.workspace.errors import InputError

FILES = {
    "learning_curves.png",
    "metric.csv",
    "confusion_matrix.png",
    "confusion_matrix.csv",
    "confusion.csv",
    "per_class.png",
    "per_class.csv",
    "mistakes.png",
    "mistakes.csv",
}
NAMES = ["actual", "hispa", "normal"]  # a class may be called like a column
LABELS = np.array([0, 1])
PROBABILITIES = np.array([[0.1, 0.8, 0.1], [0.2, 0.7, 0.1]], dtype=np.float32)
HISTORY = pd.DataFrame({"epoch": [1], "loss": [1.0], "accuracy": [0.5], "val_loss": [1.1], "val_accuracy": [0.4]})
SCORED = HISTORY.assign(val_log_loss=0.7, val_map_at_k=0.6, val_f1=0.5)


def write(folder, labels=LABELS, probabilities=PROBABILITIES, images=2):
    figures, _ = write_evaluation(
        Answers("multiclass", labels, probabilities, NAMES, [f"{index}.jpg" for index in range(len(labels))]),
        np.zeros((images, 8, 8, 3), dtype=np.uint8),
        HISTORY,
        figures=folder / "evaluation.json",
        plots=folder / "plots",
        title="sandbox",
    )
    return figures


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """Return the folder of a report written over an earlier one, and the numbers returned."""
    folder = tmp_path_factory.mktemp("report")
    (folder / "plots").mkdir()
    (folder / "plots" / "old.png").touch()
    return folder, write(folder)


def test_the_file_of_figures_holds_the_flat_numbers_that_are_returned(report):
    folder, returned = report
    written = json.loads((folder / "evaluation.json").read_text(encoding="utf-8"))
    assert written == returned == summarise(LABELS, PROBABILITIES)
    assert all(isinstance(value, int | float) for value in written.values())


def test_the_folder_holds_each_figure_and_table_and_nothing_old(report):
    assert {path.name for path in (report[0] / "plots").iterdir()} == FILES


def test_the_tables_can_be_read_back(report):
    plots = report[0] / "plots"
    counts = pd.read_csv(plots / "confusion_matrix.csv", index_col=0)
    pairs = pd.read_csv(plots / "confusion.csv")
    mistakes = pd.read_csv(plots / "mistakes.csv")
    assert counts.to_numpy().tolist() == [[0, 1, 0], [0, 1, 0], [0, 0, 0]]
    assert pairs.to_numpy().tolist() == [["actual", "hispa"], ["hispa", "hispa"]]
    assert mistakes["image_id"].tolist() == ["0.jpg"]


def test_a_single_image_can_be_reported(tmp_path):
    assert write(tmp_path, LABELS[1:], PROBABILITIES[1:], images=1)["accuracy"] == 1.0
    assert {path.name for path in (tmp_path / "plots").iterdir()} == FILES


def test_a_diverged_model_is_refused_and_the_earlier_report_stays(report):
    folder, _ = report
    before = {path: path.read_bytes() for path in folder.rglob("*.*")}
    with pytest.raises(InputError, match="training diverged"):
        write(folder, probabilities=PROBABILITIES * np.nan)
    assert {path: path.read_bytes() for path in folder.rglob("*.*")} == before


def test_another_number_of_images_is_refused(tmp_path):
    with pytest.raises(ValueError, match="Received: 3 images, 2 labels"):
        write(tmp_path, images=3)


def test_the_metric_of_the_competition_comes_first_and_equals_an_independent_computation(tmp_path, undrawn):
    answers = Answers(
        "multiclass", LABELS, PROBABILITIES, NAMES, ["0.jpg", "1.jpg"], measure=Measure("log_loss", "multiclass", 3)
    )
    images = np.zeros((2, 8, 8, 3), dtype=np.uint8)
    figures, _ = write_evaluation(answers, images, SCORED, tmp_path / "evaluation.json", tmp_path / "plots", "t")
    name, value = next(iter(figures.items()))
    assert name == "log_loss"
    assert value == pytest.approx(-(np.log(0.1) + np.log(0.7)) / 2, abs=1e-6)


def test_the_metric_of_each_epoch_is_told_under_its_own_name_of_folds_their_mean(tmp_path, undrawn):
    answers = Answers("multiclass", LABELS, PROBABILITIES, NAMES, ["0", "1"], measure=Measure("error", "multiclass", 3))
    history = pd.DataFrame({"fold": [0, 0, 1], "epoch": [1, 2, 1], "val_loss": 1.0, "val_error": [0.5, 0.25, 0.25]})
    images = np.zeros((2, 8, 8, 3), dtype=np.uint8)
    write_evaluation(answers, images, history, tmp_path / "e.json", tmp_path / "plots", "t")
    assert (tmp_path / "plots/metric.csv").read_text() == "epoch,error\n1,0.375\n2,0.25\n"


def test_a_value_by_k_or_beta_is_that_of_the_competition_file(tmp_path, undrawn):
    answers = Answers(
        "multiclass",
        LABELS,
        PROBABILITIES,
        NAMES,
        ["0.jpg", "1.jpg"],
        measure=Measure("map_at_k", "multiclass", 3, k=1),
    )
    images = np.zeros((2, 8, 8, 3), dtype=np.uint8)
    figures, _ = write_evaluation(answers, images, SCORED, tmp_path / "evaluation.json", tmp_path / "plots", "t")
    assert figures["map_at_k"] == 0.5


def test_tables_and_figures_are_of_the_labels_that_are_handed_in(tmp_path, undrawn):
    answers = answers_of("multilabel", 150)
    timid = replace(
        answers, answers=0.2 * answers.answers + 0.2 * answers.truth, measure=Measure("f1", "multilabel", 3)
    )
    images = np.zeros((150, 8, 8, 3), dtype=np.uint8)
    figures, decision = write_evaluation(timid, images, SCORED, tmp_path / "e.json", tmp_path / "plots", "t")
    assert list(figures)[:4] == ["f1", "threshold", "f1_at_half", "f1_at_threshold"]
    assert figures["f1_at_half"] == 0 < figures["f1"] == pytest.approx(figures["micro_f1"], abs=1e-6)
    assert figures["correct"] == (decision.chosen == (timid.truth > 0.5)).all(axis=1).sum() > 0
    counts = pd.read_csv(tmp_path / "plots/confusion_matrix.csv", index_col=0)
    assert counts["true_positive"].sum() == (decision.chosen & (timid.truth > 0.5)).sum()


def test_of_ordered_classes_the_tables_are_cut_as_the_submission_is(tmp_path, undrawn):
    truth = np.tile([0, 1, 2], 50)
    shifted = (truth + 0.7)[:, None].astype(np.float32)
    ids = [str(number) for number in range(150)]
    answers = Answers("ordinal", truth, shifted, NAMES, ids, measure=Measure("accuracy", "ordinal", 3))
    images = np.zeros((150, 8, 8, 3), dtype=np.uint8)
    figures, _ = write_evaluation(answers, images, SCORED, tmp_path / "e.json", tmp_path / "plots", "t")
    assert (figures["accuracy"], figures["correct"], figures["accuracy_at_half"]) == (1, 150, pytest.approx(1 / 3))
    assert (figures["mse"], figures["mae"]) == (pytest.approx(0.49, abs=1e-5), pytest.approx(0.7, abs=1e-5))
    assert "loss" not in figures


def answers_of(task, count):
    generator = np.random.default_rng(0)
    ids = [f"{index}.jpg" for index in range(count)]
    if task == "multilabel":
        truth = generator.integers(0, 2, (count, 3)).astype(np.float32)
        return Answers(task, truth, generator.random((count, 3)), NAMES, ids, ",")
    names = NAMES if task == "multi_regression" else []
    truth = generator.random((count, len(names) or 1)).astype(np.float32)
    return Answers(task, truth, truth + generator.normal(0, 0.1, truth.shape), names, ids)


@pytest.mark.turns(2)
@pytest.mark.parametrize("count", [1, 40])
@pytest.mark.parametrize("task", ["multilabel", "regression", "unit_regression", "multi_regression"])
def test_each_task_has_the_same_files_with_what_fits_it(tmp_path, task, count):
    answers = answers_of(task, count)
    images = np.zeros((count, 8, 8, 3), dtype=np.uint8)
    history = HISTORY.rename(columns={"accuracy": "mae", "val_accuracy": "val_mae"})
    summary, _ = write_evaluation(answers, images, history, tmp_path / "metrics.json", tmp_path / "plots", "t")
    assert {path.name for path in (tmp_path / "plots").iterdir()} == FILES
    assert json.loads((tmp_path / "metrics.json").read_text(encoding="utf-8")) == summary
    assert {"micro_f1", "accuracy"} < set(summary) if task == "multilabel" else {"rmse", "r2"} < set(summary)
    pairs = pd.read_csv(tmp_path / "plots/confusion.csv")
    assert list(pairs.columns) == ["actual", "predicted"]
    cells = count * len(NAMES) if task.startswith("multi") else count
    assert len(pairs) == (cells if task == "multi_regression" else count)
    counts = pd.read_csv(tmp_path / "plots/confusion_matrix.csv", index_col=0)
    assert counts.to_numpy().sum() == cells
    for name in ("confusion_matrix.png", "per_class.png", "mistakes.png"):
        assert (tmp_path / "plots" / name).read_bytes().startswith(b"\x89PNG")
