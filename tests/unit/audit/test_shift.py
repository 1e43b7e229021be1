"""A small model tells test images from training images where something does, and says what."""

import numpy as np
import pandas as pd
from scoretable.audit.shift import FEWEST, tell_apart


def features(count: int, seed: int) -> pd.DataFrame:
    return pd.DataFrame(np.random.default_rng(seed).normal(size=(count, 4)), columns=["width", "light", "red", "blue"])


def test_a_planted_difference_is_found_and_named() -> None:
    train, test = features(200, 0), features(100, 1)
    test["light"] -= 1.5
    found = tell_apart(train, test)
    assert found is not None
    assert found.auc.low > 0.7
    name, auc, ours, others = found.features[0]
    assert name == "light" and 0.8 < auc < 0.95
    assert ours - others > 1
    assert found.scores.shape == (300,)
    assert found.scores[200:].mean() > found.scores[:200].mean() + 0.2


def test_too_few_images_are_not_compared() -> None:
    assert tell_apart(features(100, 0), features(FEWEST - 1, 1)) is None
