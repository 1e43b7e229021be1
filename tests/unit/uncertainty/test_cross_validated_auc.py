"""The AUC of a cross-validated model is that of scikit-learn, and its interval holds the truth as often as it says."""

import numpy as np
import pytest
from scipy.stats import norm
from scoretable.uncertainty.cross_validated_auc import Auc, cross_validated_auc
from sklearn.metrics import roc_auc_score

FOLDS = 5


def test_the_value_is_the_mean_of_the_areas_of_scikit_learn() -> None:
    random = np.random.default_rng(0)
    truth, folds = random.random(200) < 0.3, np.arange(200) % FOLDS
    scores = (random.normal(size=200) + truth).round(1)  # with ties
    areas = [roc_auc_score(truth[folds == fold], scores[folds == fold]) for fold in range(FOLDS)]
    found = cross_validated_auc(truth, scores, folds)
    assert found.value == pytest.approx(np.mean(areas))
    assert found.low < found.value < found.high


def test_perfect_order_is_no_proof_of_a_perfect_model() -> None:
    truth, folds = np.repeat([True, False], 20), np.tile(np.arange(4), 10)
    found = cross_validated_auc(truth, truth, folds)
    assert (found.value, found.high) == (1.0, 1.0)
    assert 0.8 < found.low < 0.97
    turned = cross_validated_auc(truth, ~truth, folds)
    assert (turned.value, turned.low, turned.high) == pytest.approx((0.0, 0.0, 1 - found.low))


def test_a_fold_with_one_image_of_a_kind_is_refused() -> None:
    with pytest.raises(ValueError, match=r"two images of each kind\. Received: 1 and 3"):
        cross_validated_auc(np.array([True, False, False, False]), np.zeros(4), np.zeros(4, int))


def draw(ours: int, others: int, apart: float, random: np.random.Generator) -> tuple[Auc, float]:
    """The interval of folds that each learn a direction in 5 dimensions, and the true AUC of these directions."""
    kinds = np.arange(ours + others) < ours
    middle = apart * np.eye(5)[0]
    points = random.normal(size=(ours + others, 5)) + kinds[:, None] * middle
    folds = np.concatenate([random.permutation(count) % FOLDS for count in (ours, others)])
    scores, true = np.empty(len(points)), []
    for fold in range(FOLDS):
        seen = folds != fold
        direction = points[seen & kinds].mean(axis=0) - points[seen & ~kinds].mean(axis=0)
        scores[~seen] = points[~seen] @ direction
        true.append(norm.cdf(direction @ middle / np.linalg.norm(direction) / np.sqrt(2)))
    return cross_validated_auc(kinds, scores, folds), float(np.mean(true))


@pytest.mark.parametrize("apart", [0.0, 0.5, 2.5, 4.0])
def test_the_interval_holds_the_true_area_in_95_of_100(apart: float) -> None:
    random = np.random.default_rng(0)
    drawn = [draw(40, 120, apart, random) for _ in range(200)]
    assert np.mean([found.low <= true <= found.high for found, true in drawn]) >= 0.91
