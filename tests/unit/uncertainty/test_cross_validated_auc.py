"""The AUC of a cross-validated model is that of scikit-learn; how often its interval holds, test_coverage.py tells."""

import numpy as np
import pytest
from scoretable.uncertainty.cross_validated_auc import _shared, cross_validated_auc
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


def test_the_interval_is_wider_where_nothing_was_learnt() -> None:
    """Twice the variance of independent folds while the interval made with it holds 0.5, and less from there on."""
    assert _shared(0.52, 0.0004, 0.95) == 2.0
    assert _shared(0.55, 0.0004, 0.95) == 2.0
    assert 1.5 < _shared(0.57, 0.0004, 0.95) < 2.0
    assert _shared(0.43, 0.0004, 0.95) == pytest.approx(_shared(0.57, 0.0004, 0.95))
    assert _shared(0.9, 0.0004, 0.95) < 1.1
