"""Test images that an earlier row is sure of are trained on with its labels, and never held out."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scoretable.images.image_cache import ImageCache
from scoretable.prediction.predictions import save_predictions
from scoretable.training.loop import Training
from scoretable.training.pseudo_labels import JoinedImages, PseudoLabels
from scoretable.training.recipe import Session
from scoretable.training.start import Start
from scoretable.workspace.errors import InputError
from unit.small_training import RECIPE, small_cache

SURE = np.array([[0.97, 0.03], [0.6, 0.4], [0.05, 0.95], [0.1, 0.9]], np.float32)
CLASSES = ["green", "red"]


def saved(folder: Path, answers: np.ndarray = SURE, ids: str = "0123", classes: list[str] = CLASSES) -> Path:
    path = folder / "predictions.npz"
    save_predictions(path, [answers], [f"{id_}.jpg" for id_ in ids], classes, "multiclass")
    return path


@pytest.mark.parametrize(
    ("threshold", "places", "labels"),
    [(0.95, [0, 2], ["green", "red"]), (0.9, [0, 2, 3], ["green", "red", "red"]), (0.97, [0], ["green"])],
)
def test_answers_that_reach_the_threshold_are_labels(
    tmp_path: Path, threshold: float, places: list[int], labels: list[str]
) -> None:
    chosen = PseudoLabels.choose(saved(tmp_path), small_cache(), threshold)
    assert (chosen.places.tolist(), chosen.labels) == (places, labels)


def test_answers_in_another_order_go_to_their_images(tmp_path: Path) -> None:
    chosen = PseudoLabels.choose(saved(tmp_path, SURE[::-1], "3210"), small_cache(), 0.95)
    assert (chosen.places.tolist(), chosen.labels) == ([0, 2], ["green", "red"])


def test_an_image_that_could_not_be_read_gets_no_label(tmp_path: Path) -> None:
    cache = small_cache()
    broken = replace(cache, test=cache.test.assign(source_height=[0, 32, 32, 32]))
    assert PseudoLabels.choose(saved(tmp_path), broken, 0.95).places.tolist() == [2]


@pytest.mark.parametrize(
    ("row", "threshold", "sentence"),
    [
        ({"classes": ["apple", "pear"]}, 0.5, "knows other classes"),
        ({"ids": "0129"}, 0.5, "has no answer to 3.jpg"),
        ({}, 0.99, "pseudo_threshold: 0.99 is reached by none of the answers to 4 test images"),
    ],
)
def test_a_row_whose_answers_are_of_no_use_is_refused(
    tmp_path: Path, row: dict[str, object], threshold: float, sentence: str
) -> None:
    with pytest.raises(InputError, match=sentence):
        PseudoLabels.choose(saved(tmp_path, **row), small_cache(), threshold)  # type: ignore[arg-type]


def with_pseudo_labels(cache: ImageCache, folder: Path, placement: str = "stream") -> Training:
    start = Start(pseudo=PseudoLabels.choose(saved(folder), cache, 0.95))
    return Training(cache, replace(RECIPE, augment=()), folder / "a.npz", Session(placement=placement), start)


@pytest.mark.parametrize("placement", ["stream", "device"])
def test_an_epoch_holds_each_training_image_and_each_labelled_test_image_once_and_validation_stays(
    tmp_path: Path, one_block: None, placement: str
) -> None:
    cache = small_cache()
    pictures = np.arange(44, dtype=np.uint8)[:, None, None, None] * np.ones((1, 32, 32, 3), np.uint8)
    cache = replace(cache, train_images=pictures[:40], test_images=pictures[40:])
    training = with_pseudo_labels(cache, tmp_path, placement)
    feeds = [training.source.feed(step) for step in range(4)]
    resident = None if training.source.resident is None else training.source.resident.numpy()
    seen = [feed["pixels"] if resident is None else resident[feed["positions"]] for feed in feeds]
    numbers = np.concatenate([pixels[:, 0, 0, 0] for pixels in seen])
    targets = dict(zip(numbers.tolist(), np.concatenate([feed["targets"] for feed in feeds]).tolist(), strict=True))
    assert sorted(numbers) == sorted([*training.rows[:30], 40, 42])
    assert (targets[40], targets[42]) == ([1, 0], [0, 1])
    assert all(targets[row][cache.labels[row]] == 1 for row in training.rows[:30])
    held_out = training.validation.batches.rows
    assert sorted([*held_out, *training.rows[:30]]) == list(range(40))


def test_joined_images_read_as_one_array_of_both() -> None:
    both = np.random.default_rng(0).integers(0, 256, (7, 4, 4, 3), dtype=np.uint8)
    joined = JoinedImages(both[:3], both[3:])
    assert joined.shape == both.shape
    np.testing.assert_array_equal(joined[np.array([6, 0, 3, 2])], both[[6, 0, 3, 2]])
    np.testing.assert_array_equal(joined[5], both[5])
