"""Each epoch is scored by the competition's own metric, on all held-out images."""

import threading
import weakref
from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from scoretable.competition.metric import METRICS, Score
from scoretable.competition.task import TASKS, Task, resolve_head, resolve_metrics
from scoretable.devices.replicas import Replicas
from scoretable.prediction.inference import predict_answers
from scoretable.scoring.measure import Measure
from scoretable.training.folds import split_fold
from scoretable.training.loop import Trained, train
from scoretable.training.validation import Validation, choose_evaluation_batch
from scoretable.workspace.errors import InputError
from unit.small_training import RECIPE, draw_cache, small_cache

ONE_PER_TASK: list[tuple[Task, Score]] = [
    ("multiclass", "map_at_k"), ("binary", "weighted_auc"), ("multilabel", "mean_f1"),
    ("ordinal", "quadratic_weighted_kappa"), ("regression", "rmse"), ("unit_regression", "r2"),
    ("multi_regression", "rmsle"),
]  # fmt: skip
pytestmark = pytest.mark.usefixtures("one_block")


def fit(task: Task, folder: Path, measure: Measure, **changes: object) -> Trained:
    activation, loss = resolve_head(task, None, None)
    recipe = replace(RECIPE, activation=activation, loss=loss, metrics=resolve_metrics(task, ()), measure=measure)
    return train(draw_cache(task), replace(recipe, **changes), folder / "a.npz")


@pytest.mark.turns(2)
@pytest.mark.parametrize(("task", "metric"), ONE_PER_TASK)
def test_the_score_of_the_last_epoch_is_that_of_the_models_answers(task: Task, metric: Score, tmp_path: Path) -> None:
    cache = draw_cache(task)
    measure = Measure(metric, task, len(cache.classes), positive=0, k=2) if task == "binary" else Measure(
        metric, task, len(cache.classes), k=2)  # fmt: skip
    trained = fit(task, tmp_path, measure, epochs=2)
    _, rows = split_fold(cache.labels, RECIPE.folds, RECIPE.fold, RECIPE.seed)
    assert len(rows) % RECIPE.batch_size  # so the last batch is filled up
    answers = predict_answers(trained.model, cache.train_images, rows, task=task)
    expected = measure.score(cache.truth[rows], answers)
    assert trained.history[-1][f"val_{metric}"] == pytest.approx(expected, rel=1e-6, abs=1e-6)


def test_with_early_stopping_the_kept_weights_have_the_best_score_of_all_epochs(tmp_path: Path) -> None:
    measure = Measure("mean_auc", "multilabel", 3)
    trained = fit("multilabel", tmp_path, measure, epochs=6, early_stopping=3, learning_rate=2.0)  # which goes astray
    cache = draw_cache("multilabel")
    _, rows = split_fold(cache.labels, RECIPE.folds, RECIPE.fold, RECIPE.seed)
    answers = predict_answers(trained.model, cache.train_images, rows, task=cache.task)
    reached = measure.score(cache.truth[rows], answers)
    scores = [entry["val_mean_auc"] for entry in trained.history]
    assert scores[-1] < max(scores)
    assert reached == pytest.approx(max(scores), abs=1e-6)


@pytest.mark.parametrize(
    ("metric", "task"), [(metric, task) for metric in METRICS for task in TASKS if metric in TASKS[task].scores]
)
def test_each_metric_has_a_value_for_whatever_a_model_answers(metric: Score, task: Task) -> None:
    cache = draw_cache(task)
    Measure(metric, task, len(cache.classes)).refuse_undefined(cache.truth[np.arange(len(cache.train))])


def test_an_auc_of_one_class_is_refused_before_anything_is_trained() -> None:
    cache = small_cache()
    green = np.flatnonzero(cache.labels == 0)
    with pytest.raises(InputError, match="an AUC needs validation images of both classes"):
        Validation(replace(cache, task="binary"), green, 8, Replicas(), Measure("auc", "binary", 2))


def test_a_device_keeps_the_answers_to_few_batches_however_many_there_are() -> None:
    class Watched:
        def __init__(self) -> None:
            self.batches: list[weakref.ref[np.ndarray]] = []
            self.most = 0

        def reset_figures(self) -> None:
            """Nothing."""

        def evaluate(self, feed: dict[str, np.ndarray]) -> np.ndarray:
            answers = np.full((len(feed["targets"]), 2), len(self.batches) + 1, np.float32)
            self.batches.append(weakref.ref(answers))
            self.most = max(self.most, sum(batch() is not None for batch in self.batches))
            return answers

        def figures(self) -> dict[str, float]:
            return {"loss": 0.0}

    step, cache = Watched(), small_cache()
    validation = Validation(cache, np.arange(len(cache.train)), 4, Replicas(), Measure("accuracy", "multiclass", 2))
    assert validation.figures(step)["val_accuracy"] == np.mean(cache.labels == 0)
    assert len(step.batches) > 4
    assert step.most <= 3


@pytest.mark.parametrize(("memory", "batch"), [(None, 16), (16 * 10**9, 32), (80 * 10**9, 64), (10**13, 512)])
def test_an_accelerator_evaluates_as_many_images_as_fit(memory: int | None, batch: int) -> None:
    assert choose_evaluation_batch(16, 448 * 448, memory) == batch


def test_batches_are_read_by_other_threads_than_the_one_that_computes() -> None:
    class Watching:
        def __init__(self, images: np.ndarray) -> None:
            self.images, self.readers = images, set[int]()

        def __getitem__(self, rows: np.ndarray) -> np.ndarray:
            self.readers.add(threading.get_ident())
            return self.images[rows]

    class Step:
        def reset_figures(self) -> None:
            """Nothing."""

        def evaluate(self, feed: dict[str, np.ndarray]) -> np.ndarray:
            return feed["targets"]

        def figures(self) -> dict[str, float]:
            return {"loss": 0.0}

    images = Watching(small_cache().train_images)
    cache = replace(small_cache(), train_images=cast(np.ndarray, images))
    figures = Validation(cache, np.arange(40), 4, Replicas(), Measure("accuracy", "multiclass", 2)).figures(Step())
    assert figures["val_accuracy"] == 1
    assert images.readers
    assert threading.get_ident() not in images.readers


def test_an_epoch_with_answers_that_are_no_numbers_has_no_score() -> None:
    class Broken:
        def reset_figures(self) -> None:
            """Nothing."""

        def evaluate(self, feed: dict[str, np.ndarray]) -> np.ndarray:
            return np.full_like(feed["targets"], np.nan)

        def figures(self) -> dict[str, float]:
            return {"loss": float("nan")}

    figures = Validation(small_cache(), np.arange(10), 8, Replicas(), Measure("log_loss", "multiclass", 2)).figures(
        Broken()
    )
    assert np.isnan(figures["val_log_loss"])
