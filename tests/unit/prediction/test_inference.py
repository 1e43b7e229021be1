"""Test-time augmentation is the mean over the views that it names."""

import cv2
import keras
import numpy as np
import pytest
from scoretable.competition.task import Task
from scoretable.prediction.inference import predict_answers

# Multiples of 46, whose middle 1.15 times as large has whole pixels: 3 go at each end of 46, 6 of 92.
HEIGHT, WIDTH = 46, 92
ROWS = np.array([3, 0, 4])


@pytest.fixture
def images() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (5, HEIGHT, WIDTH, 3), dtype=np.uint8)


def random_model(activation: str, outputs: int = 3) -> keras.Model:
    """A head with random weights on the pixels, so that no two views have the same answers."""
    pixels = keras.Input((HEIGHT, WIDTH, 3))
    flat = keras.layers.Flatten()(keras.layers.Rescaling(1 / 255)(pixels))
    start = keras.initializers.RandomNormal(stddev=0.05, seed=1)
    return keras.Model(pixels, keras.layers.Dense(outputs, activation, kernel_initializer=start)(flat))


def closer(images: np.ndarray) -> np.ndarray:
    return np.stack([cv2.resize(image[3:-3, 6:-6], (WIDTH, HEIGHT)) for image in images])


def mean_answers(model: keras.Model, views: list[np.ndarray]) -> np.ndarray:
    return np.mean([model.predict_on_batch(view[ROWS]) for view in views], axis=0)


@pytest.mark.parametrize(("task", "activation"), [("multiclass", "softmax"), ("multilabel", "sigmoid")])
def test_without_augmentation_the_answers_are_the_models(images: np.ndarray, task: Task, activation: str) -> None:
    model = random_model(activation)
    answers = predict_answers(model, images, ROWS, (), 2, task)
    np.testing.assert_allclose(answers, mean_answers(model, [images]), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(("task", "activation"), [("multiclass", "softmax"), ("multilabel", "sigmoid")])
def test_flip_is_the_mean_over_image_and_mirror_image(images: np.ndarray, task: Task, activation: str) -> None:
    model = random_model(activation)
    answers = predict_answers(model, images, ROWS, ("flip",), 2, task)
    expected = mean_answers(model, [images, images[:, :, ::-1]])
    np.testing.assert_allclose(answers, expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(("task", "activation"), [("multiclass", "softmax"), ("multilabel", "sigmoid")])
def test_flip_scales_is_the_mean_over_both_and_both_closer(images: np.ndarray, task: Task, activation: str) -> None:
    model = random_model(activation)
    answers = predict_answers(model, images, ROWS, ("flip_scales",), 2, task)
    views = [images, images[:, :, ::-1], closer(images), closer(images)[:, :, ::-1]]
    np.testing.assert_allclose(answers, mean_answers(model, views), rtol=1e-4, atol=1e-6)


def test_views_by_name_are_the_mean_over_the_image_and_each_of_them_once(images: np.ndarray) -> None:
    model = random_model("softmax")
    answers = predict_answers(model, images, ROWS, ("flip", "flip_vertical", "rotate_180", "flip", "identity"), 2)
    views = [images, images[:, :, ::-1], images[:, ::-1], images[:, ::-1, ::-1]]
    np.testing.assert_allclose(answers, mean_answers(model, views), rtol=1e-4, atol=1e-6)


def test_the_answers_of_a_sigmoid_are_shared_out_where_one_class_is_right(images: np.ndarray) -> None:
    model = random_model("sigmoid")
    answers = predict_answers(model, images, ROWS, ("flip",), 2)
    expected = mean_answers(model, [images, images[:, :, ::-1]])
    np.testing.assert_allclose(answers, expected / expected.sum(axis=1, keepdims=True), rtol=1e-4)


def test_the_one_answer_of_two_classes_becomes_two_columns(images: np.ndarray) -> None:
    model = random_model("sigmoid", outputs=1)
    answers = predict_answers(model, images, ROWS, ("flip",), 2, "binary")
    (expected,) = mean_answers(model, [images, images[:, :, ::-1]]).T
    np.testing.assert_allclose(answers, np.stack([1 - expected, expected], axis=1), rtol=1e-4)


def test_a_batch_that_does_not_fit_is_halved_until_it_does(images: np.ndarray) -> None:
    class Narrow:
        def predict_on_batch(self, pixels: np.ndarray) -> np.ndarray:
            if len(pixels) > 1:
                raise RuntimeError("RESOURCE_EXHAUSTED: out of memory")
            return pixels[:, 0, 0, :2] + 1.0

    answers = predict_answers(Narrow(), images, np.arange(5), batch_size=5)  # type: ignore[arg-type]
    expected = images[:, 0, 0, :2] + 1.0
    np.testing.assert_allclose(answers, expected / expected.sum(axis=1, keepdims=True), rtol=1e-6)
