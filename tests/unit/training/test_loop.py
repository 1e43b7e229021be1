"""A small real training learns, repeats itself, and goes on where it stopped."""

import os
import signal
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from scoretable.devices.device import Device
from scoretable.devices.replicas import Replicas
from scoretable.evaluation.classification import summarise
from scoretable.images.image_cache import ImageCache
from scoretable.models import backbones
from scoretable.models.classifier import save_model
from scoretable.prediction.inference import predict_answers
from scoretable.scoring.measure import Measure
from scoretable.session.stopping import StopRequest
from scoretable.training import loop as training
from scoretable.training.augmentation import AUGMENTATIONS
from scoretable.training.checkpoint import CheckpointFile
from scoretable.training.folds import split_fold
from scoretable.training.loop import Trained, train
from scoretable.training.recipe import Session
from scoretable.training.tensorflow_step import TensorFlowStep
from scoretable.workspace.errors import InputError, TrainingStopped
from unit.small_training import RECIPE, small_cache, with_further

pytestmark = pytest.mark.usefixtures("one_block")


@pytest.fixture(scope="module")
def cache() -> ImageCache:
    return with_further(small_cache())


@pytest.fixture(scope="module")
def whole(cache: ImageCache, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """The training of `RECIPE` that nothing disturbed."""
    return train(cache, RECIPE, tmp_path_factory.mktemp("whole") / "a.npz")


@pytest.fixture(scope="module")
def plain(cache: ImageCache, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """Six epochs of `RECIPE` as it is."""
    return train(cache, replace(RECIPE, epochs=6), tmp_path_factory.mktemp("plain") / "a.npz")


def same_weights(one: keras.Model, other: keras.Model) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(one.get_weights(), other.get_weights(), strict=True))


ACCURACY = Measure("accuracy", "multiclass", 2)

# XLA draws other numbers for dropout. Rotation is what XLA has no kernel for.
WITHOUT_DROPOUT = replace(
    RECIPE, epochs=2, steps_per_epoch=12, dropout=0.0, augment=("flip", "crop", "rotate"), optimizer="sgd"
)


class _Killed(Exception):
    pass


def test_equal_recipes_give_equal_weights_and_another_seed_gives_others(
    cache: ImageCache, whole: Trained, tmp_path: Path
) -> None:
    again = train(cache, RECIPE, tmp_path / "b.npz")
    assert same_weights(whole.model, again.model)
    files = tmp_path / "whole.keras", tmp_path / "again.keras"
    for trained, file in zip((whole, again), files, strict=True):
        save_model(trained.model, file)
    assert files[0].read_bytes() == files[1].read_bytes()  # layers without a name of their own are numbered anew
    assert whole.history == again.history
    assert not same_weights(whole.model, train(cache, replace(RECIPE, seed=2), tmp_path / "c.npz").model)


@pytest.mark.turns(4, seconds=35)
def test_two_trainings_of_the_default_network_end_in_equal_weights(cache: ImageCache, tmp_path: Path) -> None:
    default = replace(RECIPE, model="EfficientNetLite0", weights="imagenet", epochs=1, steps_per_epoch=2)
    first, second = (train(cache, default, tmp_path / f"{name}.npz") for name in "ab")
    assert same_weights(first.model, second.model)


def kill_after(saves: int, patch: pytest.MonkeyPatch) -> None:
    """Let the process die, as far as training can tell, when so many checkpoints are written."""
    save, counted = CheckpointFile.save, iter(range(1, 10_000))

    def save_and_die(file: CheckpointFile, *values: Any, **options: bool) -> None:
        save(file, *values, **options)
        if next(counted) == saves:
            raise _Killed

    patch.setattr(CheckpointFile, "save", save_and_die)


@pytest.mark.turns(2)
@pytest.mark.parametrize(
    ("saves", "change"),
    [
        (5, {"epochs": 2, "optimizer": "adamw", "ema": 0.8, "augment": AUGMENTATIONS}),
        (6, {"epochs": 2, "freeze_epochs": 1, "layer_decay": 0.5, "accumulate": 2, "metrics": ("accuracy", "auc")}),
        (16, {"epochs": 5, "swa": 0.6, "schedule": "constant"}),  # before the second of three is averaged
        (9, {"early_sizes": ((16, 16),), "ema": 0.8}),  # in its first step with images of the last size
        (6, {"epochs": 2, "second_target": "age", "ema": 0.8, "augment": AUGMENTATIONS}),
        (9, {"early_sizes": ((16, 16),), "second_target": "hue", "early_stopping": 3}),
        (6, {"epochs": 3, "early_stopping": 1, "precision": "mixed_float16"}),
        (20, {"epochs": 6, "schedule": "reduce_on_plateau"}),
    ],
)
def test_a_training_killed_between_two_steps_ends_with_the_weights_of_one_that_was_not(
    cache: ImageCache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, saves: int, change: dict[str, Any]
) -> None:
    recipe = replace(RECIPE, **change)
    whole = train(cache, recipe, tmp_path / "whole.npz")
    with monkeypatch.context() as patch:
        kill_after(saves, patch)
        with pytest.raises(_Killed):
            train(cache, recipe, tmp_path / "cut.npz", Session(checkpoint_minutes=0))
    resumed = train(cache, recipe, tmp_path / "cut.npz")
    assert resumed.history == whole.history
    assert same_weights(resumed.model, whole.model)
    assert resumed.progress.sessions == 2


def test_images_in_device_memory_and_several_steps_a_call_change_no_weight(cache: ImageCache, tmp_path: Path) -> None:
    recipe = replace(RECIPE, epochs=2, augment=AUGMENTATIONS)
    streamed = train(cache, recipe, tmp_path / "a.npz", Session(placement="stream", steps_per_call=1))
    resident = train(cache, recipe, tmp_path / "b.npz", Session(placement="device", steps_per_call=3))
    assert (streamed.placement, resident.placement) == ("stream", "device")
    assert streamed.history == resident.history
    assert same_weights(streamed.model, resident.model)


def test_the_next_batches_are_on_the_device_before_anyone_asks_what_a_call_gave(
    cache: ImageCache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    placed, changed, ready = [0], threading.Condition(), []
    put, make_call = Replicas.put, TensorFlowStep.train

    def count(replicas: Replicas, feed: dict[str, np.ndarray]) -> Any:
        found = put(replicas, feed)
        with changed:
            placed[0] += "weights" not in feed  # which only those of a validation have
            changed.notify_all()
        return found

    def call_and_look(step: TensorFlowStep, resident: Any, feeds: list[Any]) -> None:
        make_call(step, resident, feeds)
        wanted = min(2 * (len(ready) + 2), 6)
        with changed:
            ready.append(changed.wait_for(lambda: placed[0] >= wanted, 30))

    monkeypatch.setattr(Replicas, "put", count)
    monkeypatch.setattr(TensorFlowStep, "train", call_and_look)
    train(cache, replace(RECIPE, epochs=1, steps_per_epoch=6), tmp_path / "a.npz", Session(steps_per_call=2))
    assert ready == [True, True, True]


@pytest.fixture(scope="module")
def on_gpu(cache: ImageCache, tmp_path_factory: pytest.TempPathFactory) -> training.Training:
    """The training of `WITHOUT_DROPOUT` on a CPU that says it is a GPU, in calls that are measured."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training, "find_device", lambda: Device("pretended", is_gpu=True, memory=10**12))
        loop = training.Training(cache, WITHOUT_DROPOUT, tmp_path_factory.mktemp("gpu") / "a.npz", Session())
        loop.run(StopRequest(), lambda history: None)
    return loop


def test_a_gpu_trains_as_a_cpu_does(cache: ImageCache, on_gpu: training.Training, tmp_path: Path) -> None:
    on_cpu = train(cache, WITHOUT_DROPOUT, tmp_path / "a.npz")
    assert (on_cpu.placement, on_gpu.source.placement) == ("stream", "device")
    for one, other in zip(on_gpu.progress.history, on_cpu.history, strict=True):
        assert one == pytest.approx(other, rel=1e-4)


def test_what_is_measured_is_kept_and_the_rest_of_the_training_goes_by_it(on_gpu: training.Training) -> None:
    assert list(on_gpu.calls.seconds) == [1, 4]  # three calls of 16 steps are more than an epoch
    assert on_gpu.calls.steps in on_gpu.calls.seconds


def test_no_bit_of_the_weights_depends_on_how_many_steps_a_call_makes(on_gpu: training.Training) -> None:
    before = [variable.numpy() for variable in on_gpu.variables]
    ends = []
    for steps in (1, 4, 5, 12):
        for variable, value in zip(on_gpu.variables, before, strict=True):
            variable.assign(value)
        for first in range(0, 12, steps):
            feeds = [on_gpu.replicas.put(on_gpu.source.feed(step)) for step in range(first, min(first + steps, 12))]
            on_gpu.step.train(on_gpu.source.resident, feeds)
        ends.append([variable.numpy().tobytes() for variable in on_gpu.variables])
    assert ends[0] == ends[1] == ends[2] == ends[3]
    assert ends[0] != [value.tobytes() for value in before]


def test_calls_of_fewer_steps_are_not_compiled_anew(on_gpu: training.Training) -> None:
    assert on_gpu.step._train.experimental_get_tracing_count() == 1
    assert on_gpu.step._evaluate.experimental_get_tracing_count() == 1


def test_what_xla_compiles_for_a_gpu_can_be_deterministic_and_does_no_more_than_it_did(
    on_gpu: training.Training,
) -> None:
    feeds = [on_gpu.replicas.put(on_gpu.source.feed(step)) for step in range(12)]
    explain = on_gpu.step._train.experimental_get_compiler_ir(on_gpu.source.resident, feeds, np.array(12, np.int32))
    program = explain(stage="hlo")
    assert "convolution" in program
    assert "scatter" not in program  # select-and-scatter, the gradient of Keras' max pooling, is refused
    operations = program.split("ENTRY")[0].count(" = ")  # of the loop's body, without what stacks the feeds before it
    assert operations <= 1264  # lower it with them


def test_a_gpu_evaluates_more_images_at_a_time_than_it_trains_on(on_gpu: training.Training) -> None:
    assert (on_gpu.batches.batch_size, on_gpu.validation.batches.batch_size) == (8, 10)  # which are all that there are


@pytest.mark.parametrize("limit", ["max_hours", "max_total_hours"])
def test_a_time_limit_stops_with_a_checkpoint_and_the_next_run_goes_on(
    cache: ImageCache, whole: Trained, tmp_path: Path, limit: str
) -> None:
    with pytest.raises(TrainingStopped, match=f"{limit}: stopped after .* 0 of 4 epochs and 1 step done and saved"):
        train(cache, RECIPE, tmp_path / "limited.npz", Session(**{limit: 1e-9}))
    resumed = train(cache, RECIPE, tmp_path / "limited.npz")
    assert same_weights(resumed.model, whole.model)


def test_sigterm_stops_with_a_checkpoint_and_the_next_run_goes_on(
    cache: ImageCache, whole: Trained, tmp_path: Path
) -> None:
    def ask_to_stop(history: list[dict[str, float]]) -> None:
        if len(history) == 2:
            os.kill(os.getpid(), signal.SIGTERM)

    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(TrainingStopped, match=r"SIGTERM: .* 2 of 4 epochs and 1 step done"):
        train(cache, RECIPE, tmp_path / "stopped.npz", watch=ask_to_stop)
    assert signal.getsignal(signal.SIGTERM) == before
    resumed = train(cache, RECIPE, tmp_path / "stopped.npz")
    assert same_weights(resumed.model, whole.model)


def test_a_training_learns_what_can_be_learnt(cache: ImageCache, tmp_path: Path) -> None:
    recipe = replace(RECIPE, epochs=12, metrics=("accuracy", "auc"), schedule="constant")
    history = train(cache, recipe, tmp_path / "x.npz").history
    assert history[-1]["loss"] < history[0]["loss"] * 0.5
    assert {"loss", "accuracy", "auc", "val_loss", "val_accuracy", "val_auc", "learning_rate"} < set(history[0])


def test_the_recorded_figures_are_those_of_all_images(cache: ImageCache, tmp_path: Path) -> None:
    trained = train(cache, replace(RECIPE, epochs=1, batch_size=7), tmp_path / "x.npz")
    _, held_out = split_fold(cache.labels, RECIPE.folds, RECIPE.fold, RECIPE.seed)
    probabilities = predict_answers(trained.model, cache.train_images, held_out)
    expected = summarise(cache.labels[held_out], probabilities)
    assert trained.history[0]["val_accuracy"] == pytest.approx(expected["accuracy"], abs=1e-6)
    assert trained.history[0]["val_loss"] == pytest.approx(expected["loss"], rel=1e-4)
    assert trained.history[0]["accuracy"] * 35 == pytest.approx(round(trained.history[0]["accuracy"] * 35), abs=1e-4)


def test_the_moving_average_is_what_is_validated_and_kept(cache: ImageCache, tmp_path: Path) -> None:
    trained = train(cache, replace(RECIPE, epochs=2, ema=0.9), tmp_path / "x.npz")
    _, held_out = split_fold(cache.labels, RECIPE.folds, RECIPE.fold, RECIPE.seed)
    loss = summarise(cache.labels[held_out], predict_answers(trained.model, cache.train_images, held_out))["loss"]
    plain = train(cache, replace(RECIPE, epochs=2), tmp_path / "y.npz")
    assert trained.history[-1]["val_loss"] == pytest.approx(loss, rel=1e-4, abs=1e-6)
    assert trained.history[-1]["loss"] == plain.history[-1]["loss"]
    assert not same_weights(trained.model, plain.model)


def test_early_stopping_keeps_the_weights_of_the_best_epoch(cache: ImageCache, tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 255, cache.train_images.shape, np.uint8)  # there is nothing to learn
    recipe = replace(RECIPE, epochs=30, early_stopping=2, learning_rate=0.02, schedule="constant")
    trained = train(replace(cache, train_images=noise), recipe, tmp_path / "x.npz")
    losses = [entry["val_loss"] for entry in trained.history]
    assert len(losses) == losses.index(min(losses)) + 3
    assert min(losses[-2:]) > 1.01 * min(losses), "the last epochs are as good as the best"
    _, held_out = split_fold(cache.labels, RECIPE.folds, RECIPE.fold, RECIPE.seed)
    loss = summarise(cache.labels[held_out], predict_answers(trained.model, noise, held_out))["loss"]
    assert loss == pytest.approx(min(losses), rel=1e-3)


def test_early_stopping_by_the_accuracy_keeps_the_weights_of_the_most_accurate_epoch(
    cache: ImageCache, tmp_path: Path
) -> None:
    noise = np.random.default_rng(0).integers(0, 255, cache.train_images.shape, np.uint8)  # there is nothing to learn
    recipe = replace(RECIPE, epochs=30, early_stopping=2, measure=ACCURACY, learning_rate=0.05, schedule="constant")
    recipe = replace(recipe, seed=6)  # one whose most accurate epoch has not the smallest loss
    trained = train(replace(cache, train_images=noise), recipe, tmp_path / "x.npz")
    accuracies, losses = ([entry[f"val_{name}"] for entry in trained.history] for name in ("accuracy", "loss"))
    assert accuracies[losses.index(min(losses))] < max(accuracies)
    assert max(accuracies[-2:]) < max(accuracies)
    _, held_out = split_fold(cache.labels, RECIPE.folds, RECIPE.fold, recipe.seed)
    figures = summarise(cache.labels[held_out], predict_answers(trained.model, noise, held_out))
    assert figures["accuracy"] == pytest.approx(max(accuracies))


def test_a_frozen_backbone_stays_as_it_was_until_it_is_opened(cache: ImageCache, tmp_path: Path) -> None:
    def backbone_after(epochs: int) -> list[np.ndarray]:
        recipe = replace(RECIPE, epochs=epochs, freeze_epochs=2, schedule="constant")
        return train(cache, recipe, tmp_path / f"{epochs}.npz").model.get_layer("backbone").get_weights()

    one, two, three = backbone_after(1), backbone_after(2), backbone_after(3)
    assert all(np.array_equal(a, b) for a, b in zip(one, two, strict=True))
    assert not all(np.array_equal(a, b) for a, b in zip(two, three, strict=True))


def test_parts_of_a_batch_are_refused_where_tensorflow_shares_it_among_devices(
    cache: ImageCache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "open_replicas", lambda asked, size: Replicas(2, strategy=object()))
    with pytest.raises(InputError, match="accumulate: 2 needs one device with TensorFlow: set devices to 1"):
        train(cache, replace(RECIPE, accumulate=2), tmp_path / "x.npz")


def test_a_loss_that_is_no_number_ends_the_training_with_what_to_do(cache: ImageCache, tmp_path: Path) -> None:
    recipe = replace(
        RECIPE, optimizer="sgd", learning_rate=10.0, warmup=0.5, loss="binary_crossentropy", activation="sigmoid"
    )
    images = cache.train_images.copy()
    broken = replace(cache, train_images=images)
    model_weights = tmp_path / "broken.weights.h5"
    network = backbones._constructor("SmallCNN")(
        include_top=False, weights=None, input_shape=(32, 32, 3), pooling="avg"
    )
    network.set_weights([np.full_like(weight, np.nan) for weight in network.get_weights()])
    network.save_weights(model_weights)
    with pytest.raises(InputError, match=r"the loss became nan in epoch 1: lower learning_rate \(10\)"):
        train(broken, replace(recipe, weights=str(model_weights)), tmp_path / "x.npz")


@pytest.mark.turns(3)
@pytest.mark.parametrize(
    "change",
    [
        {"activation": "sigmoid", "loss": "binary_crossentropy"},
        {"loss": "categorical_focal_crossentropy"},
        {"label_smoothing": 0.1},
        {"precision": "mixed_bfloat16"},
        {"precision": "mixed_float16"},
        {"augment": ("flip", "crop")},
        {"optimizer": "sgd", "learning_rate": None},
        {"schedule": "one_cycle"},
        {"weight_decay": 0.01},
        {"warmup": 0.5},
    ],
)
def test_each_kind_of_recipe_learns_in_its_own_way(
    cache: ImageCache, plain: Trained, tmp_path: Path, change: dict[str, object]
) -> None:
    trained = train(cache, replace(RECIPE, epochs=6, **change), tmp_path / "x.npz")
    assert trained.history[-1]["loss"] < trained.history[0]["loss"]
    assert trained.history[-1]["val_accuracy"] > 0.8
    assert not same_weights(trained.model, plain.model), "the change reached no step"
