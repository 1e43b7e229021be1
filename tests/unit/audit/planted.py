"""A competition of pictures that are drawn in a moment, with what an audit should find planted in it."""

from dataclasses import dataclass

import cv2
import numpy as np
import pandas as pd
from scoretable.audit.measures import measure_images
from scoretable.images.image_cache import ImageCache
from scoretable.prediction.validation_answers import ValidationAnswers

SIDE = 64
CLASSES = ["blast", "hispa", "normal"]
TINT = 16.0  # grey values by which a class differs in its colour; the small model of `answer` is then right for 97%
SPREAD = 5.0  # of a picture's own colour


def paint(kind: int, random: np.random.Generator) -> np.ndarray:
    """A picture with lumps, grain, and the colour of its class over one of its own."""
    scene = np.full((SIDE, SIDE, 3), random.uniform(90, 150))
    for cells, strength in ((4, 25), (12, 20), (40, 15)):
        lumps = random.normal(0, strength, (cells, cells, 1 if cells < 40 else 3)).astype(np.float32)
        scene += cv2.resize(lumps, (SIDE, SIDE)).reshape(SIDE, SIDE, -1)
    scene += random.normal(0, SPREAD, 3) + TINT * np.eye(3)[kind]
    return np.clip(scene, 0, 255).astype(np.uint8)


def copy(picture: np.ndarray, place: int) -> np.ndarray:
    """A near duplicate: saved again, made small and large again, brightened, or without its edges."""
    match place % 4:
        case 0:
            return cv2.imdecode(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 50])[1], cv2.IMREAD_COLOR)
        case 1:
            return cv2.resize(cv2.resize(picture, (40, 40), interpolation=cv2.INTER_AREA), (SIDE, SIDE))
        case 2:
            return cv2.convertScaleAbs(picture, alpha=1.1, beta=6)
        case _:
            return cv2.resize(picture[1:-1, 1:-1], (SIDE, SIDE))


def table(names: list[str], labels: list[str] | None = None) -> pd.DataFrame:
    columns: dict[str, object] = {"id": names} | ({} if labels is None else {"label": labels})
    return pd.DataFrame(columns | {"source_height": SIDE, "source_width": SIDE})


def make_cache(train: np.ndarray, test: np.ndarray, kinds: np.ndarray, classes: list[str]) -> ImageCache:
    return ImageCache(
        train, test,
        table([f"{place}.jpg" for place in range(len(train))], [classes[kind] for kind in kinds]),
        table([f"{1000 + place}.jpg" for place in range(len(test))]),
        kinds.astype(np.int64), classes, "",
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Planted:
    """copies: (original, copy) as places among all images, training images first; wrong: places of wrong labels."""

    cache: ImageCache
    answers: ValidationAnswers
    copies: list[tuple[int, int]]
    wrong: list[int]


def plant(images: int = 600, test: int = 120, copies: int = 20, wrong: int = 20, seed: int = 0) -> Planted:
    """Draw a competition, and make every tenth copy one of a training image in the test."""
    random = np.random.default_rng(seed)
    kinds = random.integers(0, len(CLASSES), images)
    pictures = np.stack([paint(kind, random) for kind in kinds])
    train = images - test
    originals, copied = np.split(random.permutation(train)[: 2 * copies], 2)
    copied[:2] = train + np.arange(2)
    for place, (one, other) in enumerate(zip(originals, copied, strict=True)):
        pictures[other], kinds[other] = copy(pictures[one], place), kinds[one]
    labels = kinds[:train].copy()
    mislabelled = random.choice(train, wrong, replace=False)
    labels[mislabelled] = (labels[mislabelled] + random.integers(1, len(CLASSES), wrong)) % len(CLASSES)
    cache = make_cache(pictures[:train], pictures[train:], labels, CLASSES)
    pairs = [(int(one), int(other)) for one, other in zip(originals, copied, strict=True)]
    return Planted(cache, answer(cache), pairs, sorted(mislabelled.tolist()))


def answer(cache: ImageCache) -> ValidationAnswers:
    """Out-of-fold answers of a logistic regression on the mean colours, which takes a quarter of a second."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import cross_val_predict
    from threadpoolctl import threadpool_limits

    grid = measure_images(cache.train_images, cache.train).grid
    colours = np.concatenate([grid, grid.reshape(-1, 16, 3).mean(axis=1) * 16], axis=1)
    with threadpool_limits(1):  # several threads would wait for each other on busy cores
        found = cross_val_predict(LogisticRegression(max_iter=300), colours, cache.labels, cv=5, method="predict_proba")
    rows = np.arange(len(cache.labels))
    return ValidationAnswers(found, cache.labels, cache.train["id"].tolist(), cache.classes, rows * 0, rows)
