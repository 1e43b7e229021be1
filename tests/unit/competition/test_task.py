"""Each pair of the table trains and learns, and a pair outside of it is refused with the reason."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from scoretable.competition.metric import Score
from scoretable.competition.targets import rate_places
from scoretable.competition.task import (
    TASKS,
    Form,
    Task,
    check_softening,
    count_outputs,
    describe_score,
    has_one_label,
    headline,
    is_number,
    resolve_head,
    resolve_metrics,
    resolve_score,
    task_of_further,
)
from scoretable.evaluation.classification import summarise
from scoretable.evaluation.multilabel import summarise_label_sets
from scoretable.evaluation.regression import summarise_columns
from scoretable.experiments.plan import Plan
from scoretable.images.image_cache import ImageCache
from scoretable.models.classifier import load_model, save_model
from scoretable.prediction.inference import predict_answers
from scoretable.rows.params import parse_params
from scoretable.steps.train import recipe_of
from scoretable.training.folds import split_fold
from scoretable.training.loop import Trained, train
from scoretable.workspace.errors import InputError
from unit.small_training import draw_cache

PAIRS = [(task, activation, loss) for task in TASKS for activation in TASKS[task].losses
         for loss in TASKS[task].losses[activation]]  # fmt: skip
pytestmark = pytest.mark.usefixtures("one_block")


def fit(cache: ImageCache, folder: Path, **params: object) -> Trained:
    small = {"model": "SmallCNN", "weights": None, "epochs": 10, "batch_size": 8, "validation": 0.25, "dropout": 0.0}
    rest = {"batch_norm_momentum": 0.5, "learning_rate": 0.07, "precision": "float32"}
    recipe = recipe_of(parse_params(small | rest | params, "test"), cache.task, fold=0)
    return train(cache, recipe, folder / "checkpoint.npz")


def evaluate(cache: ImageCache, model: keras.Model) -> dict[str, float]:
    _, rows = split_fold(cache.labels, 4, 0, 0)
    answers = predict_answers(model, cache.train_images, rows, task=cache.task)
    if cache.task == "ordinal":
        answers = rate_places(answers, len(cache.classes))
    if has_one_label(cache.task):
        return summarise(cache.labels[rows], answers)
    if cache.task == "multilabel":
        return summarise_label_sets(cache.targets[rows], answers)
    return summarise_columns(cache.targets[rows], answers)


@pytest.mark.turns(3)
@pytest.mark.parametrize(("task", "activation", "loss"), PAIRS)
def test_each_pair_of_the_table_learns(task: Task, activation: str, loss: str, tmp_path: Path) -> None:
    cache = draw_cache(task)
    trained = fit(cache, tmp_path, activation=activation, loss=loss)
    figures = evaluate(cache, trained.model)
    last = trained.history[-1]
    if is_number(task):
        # Of several numbers the loss counts the one of the largest unit most.
        assert figures["r2"] > (0.6 if task == "multi_regression" else 0.8)
        assert last["val_mae"] == pytest.approx(figures["mae"], rel=1e-3)
        assert trained.history[-1]["loss"] < trained.history[0]["loss"]
    elif task == "ordinal":
        assert figures["accuracy"] > 0.6
    else:
        assert figures["accuracy"] > 0.85
        assert last["val_accuracy"] == pytest.approx(figures["accuracy"], abs=1e-6)
    assert trained.model.output_shape == (None, count_outputs(task, len(cache.classes)))


def test_several_numbers_are_answered_each_in_its_units_after_saving_and_loading(tmp_path: Path) -> None:
    cache = draw_cache("multi_regression")
    model = fit(cache, tmp_path, epochs=2).model
    save_model(model, tmp_path / "model.keras")
    rows = np.arange(len(cache.labels))
    answers = predict_answers(model, cache.train_images, rows, task="multi_regression")
    again = predict_answers(load_model(tmp_path / "model.keras"), cache.train_images, rows, task="multi_regression")
    np.testing.assert_array_equal(answers, again)
    first, second = answers.mean(axis=0)
    assert 250 < first < 450
    assert -1 < second < 2


@pytest.mark.parametrize("key", [{"class_weights": "balanced"}, {"label_smoothing": 0.1}])
def test_ordered_classes_have_no_weights_and_no_smooth_labels(key: dict[str, object]) -> None:
    with pytest.raises(InputError, match="does not fit task: ordinal"):
        check_softening("ordinal", **({"class_weights": "none", "label_smoothing": 0.0} | key))


def test_a_number_far_from_zero_is_answered_in_its_units_after_saving_and_loading(tmp_path: Path) -> None:
    cache = draw_cache("regression")
    model = fit(cache, tmp_path, epochs=2).model
    save_model(model, tmp_path / "model.keras")
    rows = np.arange(len(cache.labels))
    answers = predict_answers(model, cache.train_images, rows, task="regression")
    again = predict_answers(load_model(tmp_path / "model.keras"), cache.train_images, rows, task="regression")
    np.testing.assert_array_equal(answers, again)
    assert 250 < answers.mean() < 450


@pytest.mark.parametrize(
    ("task", "activation", "loss", "expected"),
    [
        ("multiclass", None, None, ("softmax", "categorical_crossentropy")),
        ("multiclass", "sigmoid", None, ("sigmoid", "binary_crossentropy")),
        ("multiclass", None, "binary_focal_crossentropy", ("sigmoid", "binary_focal_crossentropy")),
        ("binary", None, None, ("sigmoid", "binary_crossentropy")),
        ("multilabel", None, None, ("sigmoid", "binary_crossentropy")),
        ("regression", None, None, ("linear", "mse")),
        ("regression", None, "huber", ("linear", "huber")),
        ("unit_regression", None, None, ("sigmoid", "mse")),
        ("unit_regression", "sigmoid", "binary_crossentropy", ("sigmoid", "binary_crossentropy")),
    ],
)
def test_what_is_left_open_follows_from_the_task(
    task: Task, activation: str | None, loss: str | None, expected: tuple[str, str]
) -> None:
    assert resolve_head(task, activation, loss) == expected


@pytest.mark.parametrize(
    ("task", "activation", "loss", "sentence"),
    [
        ("multiclass", "softmax", "binary_crossentropy", "one distribution over all classes"),
        ("multiclass", "sigmoid", "categorical_crossentropy", "a separate probability"),
        ("multiclass", None, "mse", "one label of several classes"),
        ("multiclass", "linear", None, "softmax or sigmoid"),
        ("binary", "softmax", None, "the probability of the second of two classes"),
        ("binary", None, "categorical_crossentropy", "binary_crossentropy or binary_focal_crossentropy"),
        ("multilabel", "softmax", None, "several can be true at once"),
        ("multilabel", None, "categorical_crossentropy", "several can be true at once"),
        ("regression", "sigmoid", None, "a number without bounds"),
        ("regression", None, "binary_crossentropy", "mse or mae or huber"),
        ("unit_regression", "linear", None, "a number from 0 to 1"),
        ("unit_regression", None, "huber", "mse or binary_crossentropy"),
    ],
)
def test_a_pair_that_does_not_fit_is_refused_with_the_reason(
    task: Task, activation: str | None, loss: str | None, sentence: str
) -> None:
    pair = r"^params\.yaml: (activation|loss): \w+ does not fit (task|activation): \w+ \("
    with pytest.raises(InputError, match=pair) as caught:
        resolve_head(task, activation, loss)
    assert sentence in str(caught.value)


def test_metrics_start_with_those_of_the_task_and_others_are_refused() -> None:
    assert resolve_metrics("multilabel", ("auc",)) == ("accuracy", "auc")
    assert resolve_metrics("regression", ()) == ("mae",)
    with pytest.raises(InputError, match=r"metrics: accuracy does not fit task: regression \(its one output is a"):
        resolve_metrics("regression", ("accuracy",))


@pytest.mark.parametrize(("figures", "expected"), [({"micro_f1": 0.5}, 0.5), ({"f1": 0.6, "micro_f1": 0.5}, 0.6)])
def test_the_f1_of_an_older_row_is_read_from_its_old_name(figures: dict[str, float], expected: float) -> None:
    assert headline(figures, "f1") == expected


def test_a_row_that_was_not_measured_by_the_metric_has_no_headline() -> None:
    assert headline({"accuracy": 0.5}, "auc") is None


def test_only_an_accuracy_is_told_with_the_images_that_are_right() -> None:
    figures = {"accuracy": 0.6875, "log_loss": 0.5, "correct": 66, "images": 96}
    assert describe_score(figures, "accuracy") == ("accuracy 0.6875", "66 of 96 images")
    assert describe_score(figures, "log_loss") == ("log_loss 0.5000", "96 images")
    assert describe_score(figures, "auc") == ("auc unknown", "96 images")


def test_the_plan_refuses_what_does_not_fit_before_anything_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "workflow/competitions"
    folder.mkdir(parents=True)
    (folder / "ages.yaml").write_text(
        "title: Ages\nsource: archive\ntask: regression\n"
        "train: {table: train.csv, images: 'train/{id}'}\ntest: {images: 'test/{id}'}\nsubmission: {}\n"
    )
    (tmp_path / "params.yaml").write_text("competition: ages\nactivation: softmax\n")
    (tmp_path / "session.yaml").write_text("train_on: here\n")
    with pytest.raises(InputError, match="activation: softmax does not fit task: regression"):
        Plan.read(Path("params.yaml"))
    (tmp_path / "params.yaml").write_text("competition: ages\nsecond_target: height\n")
    with pytest.raises(InputError, match=r"second_target: height needs train\.further_columns"):
        Plan.read(Path("params.yaml"))


@pytest.mark.parametrize(
    ("further", "sentence"),
    [
        ({}, r"age needs train.further_columns .* add it there, as in train: \{further_columns: \{age: multiclass\}\}"),
        (
            {"variety": "multiclass", "ages": "regression"},
            r"age is none of .* \(variety, ages\) \(did you mean ages\?\)",
        ),
    ],
)
def test_a_second_target_that_is_no_further_column_is_refused(further: dict[str, Any], sentence: str) -> None:
    assert task_of_further("ages", {"ages": "regression"}) == "regression"
    with pytest.raises(InputError, match=f"second_target: {sentence}"):
        task_of_further("age", further)


@pytest.mark.parametrize(
    ("task", "class_weights", "label_smoothing", "sentence"),
    [
        ("multilabel", "balanced", 0.0, "class_weights: balanced does not fit task: multilabel"),
        ("regression", "balanced", 0.0, "class_weights: balanced does not fit task: regression"),
        ("unit_regression", "none", 0.1, "label_smoothing: 0.1 does not fit task: unit_regression"),
    ],
)
def test_softening_that_a_task_does_not_know_is_refused(
    task: Task, class_weights: str, label_smoothing: float, sentence: str
) -> None:
    with pytest.raises(InputError, match=sentence):
        check_softening(task, class_weights, label_smoothing)


def test_classes_of_a_binary_task_can_be_balanced(tmp_path: Path) -> None:
    check_softening("binary", "balanced", 0.1)
    trained = fit(draw_cache("binary"), tmp_path, class_weights="balanced", label_smoothing=0.1)
    assert trained.history[-1]["val_accuracy"] > 0.85


@pytest.mark.parametrize(
    ("task", "number", "one_label", "outputs"),
    [
        ("multiclass", False, True, 5),
        ("binary", False, True, 1),
        ("multilabel", False, False, 5),
        ("ordinal", False, True, 1),
        ("regression", True, False, 1),
        ("unit_regression", True, False, 1),
        ("multi_regression", True, False, 5),
    ],
)
def test_a_task_says_what_its_labels_are_and_how_many_outputs_they_need(
    task: Task, number: bool, one_label: bool, outputs: int
) -> None:
    assert (is_number(task), has_one_label(task), count_outputs(task, 5)) == (number, one_label, outputs)


def test_a_task_is_scored_by_its_first_metric_or_by_another_one_that_fits() -> None:
    assert (resolve_score("ordinal", None), resolve_score("regression", None)) == ("accuracy", "rmse")
    assert resolve_score("ordinal", "quadratic_weighted_kappa") == "quadratic_weighted_kappa"


@pytest.mark.parametrize(
    ("task", "metric", "form", "mend"),
    [
        ("multilabel", "auc", None, "set task: binary, or metric: accuracy or error or log_loss or mean_auc or f1"),
        ("multilabel", "auc", "labels", "set task: binary, or metric: accuracy or error or f1 or macro_f1 or mean_f1"),
        ("binary", "map_at_k", "ranked", "set task: multiclass or multilabel, or metric: accuracy or error or"),
        ("regression", "mean_f1", "numbers", "set task: multilabel, or metric: rmse or mae or rmsle or r2"),
        ("binary", "mean_auc", "probability", "set task: multiclass, or metric: log_loss or auc or weighted_auc or"),
    ],
)
def test_a_metric_that_does_not_fit_is_refused_with_the_tasks_and_the_metrics_that_do(
    task: Task, metric: Score, form: Form | None, mend: str
) -> None:
    with pytest.raises(ValueError, match=f"^metric: {metric} does not fit task: {task}: {mend}"):
        resolve_score(task, metric, form)


def test_balanced_classes_and_smooth_labels_are_taken_where_each_image_has_one_label() -> None:
    for task in ("multiclass", "binary"):
        check_softening(task, "balanced", 0.1)
    check_softening("multilabel", "none", 0.1)
    for task in TASKS:
        check_softening(task, "none", 0.0)
