"""A further column is learned beside the label of the images that are trained on, and leaves no trace in the model."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest
from scoretable.competition.task import FurtherTask
from scoretable.images.image_cache import ImageCache
from scoretable.models.classifier import build_classifier, save_model
from scoretable.session.stopping import deferred_signals
from scoretable.training.augmentation import AUGMENTATIONS
from scoretable.training.folds import split_fold
from scoretable.training.loop import Training, train
from scoretable.training.objective import Objective
from scoretable.training.recipe import Recipe, Session
from scoretable.training.second_target import JoinedTargets, SecondTarget
from scoretable.workspace.errors import InputError
from unit.small_training import RECIPE, small_cache, with_further

pytestmark = pytest.mark.usefixtures("one_block")
SHORT = replace(RECIPE, epochs=1, second_target="age")
AGES = ["10", "", "20", "90", "30"]  # of which the fourth is not trained on
TRAINED = np.array([0, 1, 2, 4])


def told(cells: list[str], task: FurtherTask) -> ImageCache:
    """The small cache's first images, with a further column."""
    cache = small_cache()
    table = cache.train[: len(cells)].assign(**{"further age": cells})
    return replace(cache, train_images=cache.train_images[: len(cells)], train=table, further_columns={"age": task})


def second(cells: list[str], task: FurtherTask, images: int | None = None, rows: np.ndarray = TRAINED) -> SecondTarget:
    chosen = SecondTarget.of(told(cells, task), SHORT, images or len(cells), rows)
    assert chosen is not None
    return chosen


def test_classes_are_those_of_the_rows_that_are_trained_on_and_a_blank_cell_is_none() -> None:
    targets = second(["b", "", "a", "c", "b"], "multiclass").targets
    assert targets[:].tolist() == [[0, 1], [0, 0], [1, 0], [0, 0], [0, 1]]


def test_numbers_are_in_deviations_of_the_rows_that_are_trained_on_and_a_blank_cell_is_not_known() -> None:
    deviation = np.std([10, 20, 30])
    expected = [[-10 / deviation, 1], [0, 0], [0, 1], [70 / deviation, 1], [10 / deviation, 1]]
    np.testing.assert_allclose(second(AGES, "regression").targets[:], expected, rtol=1e-6)


@pytest.mark.parametrize("task", ["multiclass", "regression"])
def test_of_test_images_with_pseudo_labels_nothing_is_known(task: FurtherTask) -> None:
    targets = second(AGES, task, 7, np.array([*TRAINED, 5, 6])).targets
    assert len(targets) == 7
    assert not targets[np.array([5, 6])].any()
    np.testing.assert_array_equal(targets[:5], second(AGES, task).targets[:])


@pytest.mark.parametrize(
    ("cells", "task"),
    [
        (["a", "", "a", "b", "a"], "multiclass"),
        (["", "", "", "1", ""], "regression"),
        (["1", "", "1.0", "2", "1"], "regression"),
    ],
)
def test_fewer_than_two_values_are_refused(cells: list[str], task: FurtherTask) -> None:
    with pytest.raises(InputError, match="second_target: age has fewer than two values in the images that are trained"):
        second(cells, task)


def test_a_column_that_the_cache_lacks_is_refused() -> None:
    with pytest.raises(InputError, match="second_target: the table of the training images has no column age"):
        SecondTarget.of(small_cache(), SHORT, 40, np.arange(30))


def test_joined_targets_read_as_one_array_of_both() -> None:
    main, beside = np.eye(5, dtype=np.float32), second(["b", "", "a", "c", "b"], "multiclass").targets
    whole, rows = np.concatenate([main, beside[:]], axis=1), np.array([4, 0, 3])
    joined = JoinedTargets(main, beside)
    np.testing.assert_array_equal(joined[rows], whole[rows])
    np.testing.assert_array_equal(joined.take(rows, axis=0)[np.array([2, 1])], whole[[3, 0]])


def test_a_number_that_is_known_of_one_of_two_mixed_images_counts_by_the_share_of_that_image() -> None:
    chosen = replace(second(AGES, "regression"), weight=0.5)
    both = np.array([[2.0, 1.0], [-1.0, 1.0], [0.0, 0.0]], np.float32)
    mixed = np.stack([0.75 * both[0] + 0.25 * both[1], 0.75 * both[0] + 0.25 * both[2], both[2]])
    answers = np.array([[1.0], [0.5], [7.0]], np.float32)
    expected = 0.5 * ((1.0 - (0.75 * 2 - 0.25)) ** 2 + 0.75 * (0.5 - 2) ** 2 + 0) / 3
    assert float(chosen.loss(mixed, answers)) == pytest.approx(expected)


def objective(chosen: SecondTarget, recipe: Recipe) -> tuple[Objective, Any]:
    keras.utils.set_random_seed(0)
    model = chosen.add_head(build_classifier("SmallCNN", None, 32, 32, 2, "softmax", 0.0))
    labels = np.eye(2, dtype=np.float32)[[0, 1, 0, 1, 0]]
    return Objective.of(model, recipe, labels, "multiclass", chosen), np.concatenate([labels, chosen.targets[:]], 1)


@pytest.mark.parametrize("task", ["multiclass", "regression"])
def test_the_loss_is_that_of_the_labels_and_the_weighted_one_of_the_second_target(task: FurtherTask) -> None:
    chosen = second(AGES, task)
    computed, targets = objective(chosen, replace(SHORT, label_smoothing=0.1, class_weights="balanced"))
    pixels = small_cache().train_images[:5]
    loss, predictions = computed.training_loss(pixels, keras.ops.convert_to_tensor(targets))
    answers, beside = (np.asarray(part) for part in computed.model(pixels, training=True))
    np.testing.assert_allclose(predictions, answers, atol=1e-6)
    smooth, weights = targets[:, :2] * 0.9 + 0.05, targets[:, :2] @ [5 / 6, 5 / 4]
    own = np.mean(weights * -(smooth * np.log(answers)).sum(axis=1))
    other = (
        np.mean(targets[:, 3] * (beside[:, 0] - targets[:, 2]) ** 2)
        if task == "regression"
        else np.mean(-(targets[:, 2:] * np.log(beside)).sum(axis=1))
    )
    assert float(loss) == pytest.approx(own + 0.3 * other, rel=1e-4)
    computed.count(loss, targets, predictions)
    right = (answers.argmax(axis=1) == targets[:, :2].argmax(axis=1)).mean()
    assert computed.figures() == pytest.approx({"loss": float(loss), "accuracy": right})


def test_an_evaluation_knows_the_labels_alone() -> None:
    computed, targets = objective(second(AGES, "multiclass"), SHORT)
    feed = {"pixels": small_cache().train_images[:5], "targets": targets[:, :2], "weights": np.ones(5, np.float32)}
    predictions = np.asarray(computed.evaluate(feed))
    assert predictions.shape == (5, 2)
    expected = np.mean(-(targets[:, :2] * np.log(predictions)).sum(axis=1))
    assert computed.figures()["loss"] == pytest.approx(expected, rel=1e-4)


def weights_of(cache: ImageCache, folder: Path, name: str, **changes: Any) -> list[np.ndarray]:
    trained = train(cache, replace(SHORT, **changes), folder / f"{name}.npz", Session())
    return trained.model.get_weights()


def differ(some: list[np.ndarray], others: list[np.ndarray]) -> bool:
    return any(not np.array_equal(one, other) for one, other in zip(some, others, strict=True))


def test_a_second_target_changes_the_weights_and_none_leaves_them_as_they_are(tmp_path: Path) -> None:
    told, untold = with_further(small_cache()), small_cache()
    plain = weights_of(untold, tmp_path, "plain", second_target=None)
    assert not differ(plain, weights_of(told, tmp_path, "none", second_target=None))
    assert differ(plain, weights_of(told, tmp_path, "age"))


def test_the_model_is_that_of_a_training_without_it_but_for_the_values(tmp_path: Path) -> None:
    cache, sizes = with_further(small_cache()), []
    for name, changes in {"without": {"second_target": None}, "ema": {"ema": 0.5}}.items():
        model = train(cache, replace(SHORT, **changes), tmp_path / f"{name}.npz").model
        save_model(model, tmp_path / f"{name}.keras")
        sizes.append((tmp_path / f"{name}.keras").stat().st_size)
        assert model.output_shape == (None, 2)
    assert sizes[0] == sizes[1]
    assert b"second" not in (tmp_path / "ema.keras").read_bytes()


@pytest.mark.parametrize("change", [{"ema": 0.5}, {"early_stopping": 1}])
def test_the_average_or_the_best_epoch_is_what_is_cut_back(tmp_path: Path, change: dict[str, Any]) -> None:
    training = Training(with_further(small_cache()), replace(SHORT, **change), tmp_path / "a.npz", Session())
    with deferred_signals() as request:
        training.run(request, lambda history: None)
    kept = zip(training.model.variables, training.progress.best, strict=False)
    if training.average is not None:
        kept = zip(training.average.followed, map(keras.ops.convert_to_numpy, training.average.variables), strict=True)
    values = {id(variable): np.array(value) for variable, value in kept}
    for variable in training.finish().model.trainable_variables:
        np.testing.assert_array_equal(variable.numpy(), values[id(variable)])


@pytest.mark.parametrize("name", ["age", "hue"])
def test_what_is_known_of_held_out_images_has_no_influence(tmp_path: Path, name: str) -> None:
    cache = with_further(small_cache())
    _, held_out = split_fold(cache.labels, RECIPE.folds, RECIPE.fold, RECIPE.seed, None)
    changed = cache.train.copy()
    changed.loc[held_out, f"further {name}"] = "1000"
    one = weights_of(cache, tmp_path, "one", second_target=name)
    assert not differ(one, weights_of(replace(cache, train=changed), tmp_path, "other", second_target=name))


@pytest.mark.parametrize("placement", ["stream", "device"])
def test_a_feed_has_both_targets_of_its_images(tmp_path: Path, placement: str) -> None:
    cache = with_further(small_cache())
    training = Training(cache, replace(SHORT, augment=()), tmp_path / "a.npz", Session(placement=placement))
    rows = training.rows[training.batches.batch(0)["positions"]]
    assert training.second is not None
    expected = np.concatenate([cache.targets[rows], training.second.targets[rows]], axis=1)
    np.testing.assert_array_equal(training.source.feed(0)["targets"], expected)


def test_all_random_changes_and_parts_of_a_batch_go_with_it(tmp_path: Path) -> None:
    trained = train(
        with_further(small_cache()), replace(SHORT, augment=AUGMENTATIONS, accumulate=2), tmp_path / "a.npz"
    )
    assert np.isfinite(trained.history[-1]["loss"])


def stripes(shares: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Noisy pictures of any colour, striped as much as their share says: uint8 (n, 16, 16, 3)."""
    n, lines = len(shares), np.where(np.arange(16) % 2 == 0, 1, -1)[:, None]
    plain = generator.integers(60, 190, (n, 1, 1, 3)) + generator.integers(-30, 31, (n, 16, 16, 3))
    return np.clip(plain + 25 * shares[:, None, None, None] * lines, 0, 255).astype(np.uint8)


def accuracy_of_stripes(folder: Path, seed: int, column: str | None) -> float:
    """The share of new pictures that are told apart by few or many stripes, after 108 of which 20% have wrong labels.

    The further column `level` says how many stripes there are, in four steps, and `noise` says nothing.
    """
    generator = np.random.default_rng(seed)
    shares = generator.random(120)
    wrong = generator.random(120) < 0.2
    labels = (shares > 0.5) ^ wrong
    levels = {"level": shares, "noise": generator.random(120)}
    table = pd.DataFrame({"id": [f"{number}.jpg" for number in range(120)], "label": np.where(labels, "many", "few")})
    table = table.assign(**{f"further {name}": (4 * of).astype(int).astype(str) for name, of in levels.items()})
    tasks: dict[str, FurtherTask] = dict.fromkeys(levels, "multiclass")
    images = stripes(shares, generator)
    cache = ImageCache(
        images, images[:4], table, table[["id"]][:4], labels.astype(np.int64), ["few", "many"], "none",
        further_columns=tasks,
    )  # fmt: skip
    recipe = replace(
        RECIPE, epochs=10, learning_rate=0.02, schedule="constant", batch_size=9, folds=10, dropout=0.0, seed=seed,
        second_target=column, second_weight=5.0,
    )  # fmt: skip
    model = train(cache, recipe, folder / f"{seed}-{column}.npz").model
    new = generator.random(300)
    return float(((np.asarray(model(stripes(new, generator)))[:, 1] > 0.5) == (new > 0.5)).mean())


@pytest.mark.turns(4, seconds=12)
def test_a_clean_column_helps_to_learn_from_wrong_labels_and_one_of_noise_does_not(tmp_path: Path) -> None:
    plain, level, noise = (
        np.mean([accuracy_of_stripes(tmp_path, seed, column) for seed in range(4)])
        for column in (None, "level", "noise")
    )
    assert level > plain + 0.02
    assert noise < plain
