"""What a blend is worth is said by images that chose nothing, with its interval, beside the best row."""

import numpy as np
import pytest
from scoretable.blending.estimate import compare, estimate
from scoretable.blending.fitting import cross_fit, fit, mark
from scoretable.table.figure import figure_of
from scoretable.uncertainty.shares import paired_interval, wilson
from unit.blending.small_blend import drawn


def test_the_naive_score_is_better_than_the_nested_one_where_rows_are_many_and_images_few() -> None:
    shared = drawn(60, (0.3,) * 12)
    found = estimate(shared, "greedy")
    assert found.naive - found.blend.score > 0.1


def test_a_share_of_images_has_wilsons_interval() -> None:
    nested = cross_fit(drawn(90, (1.0, 1.5)), "nnls")
    right = nested.correct()
    assert right is not None
    low, high = wilson(right.sum(), 90)
    assert (figure_of(nested).low, figure_of(nested).high) == (float(low), float(high))


def test_an_error_has_that_of_the_share_of_wrong_answers() -> None:
    found = figure_of(cross_fit(drawn(90, (1.0, 1.5), "error"), "mean"))
    assert found.low is not None and found.high is not None
    assert found.low < found.score < found.high
    assert found.score == pytest.approx(1 - cross_fit(drawn(90, (1.0, 1.5)), "mean").score())


def test_any_other_metric_has_one_of_a_bootstrap_that_stays_in_its_range() -> None:
    found = figure_of(cross_fit(drawn(60, (6.0, 6.0), "log_loss"), "mean"))
    assert found.low is not None and found.high is not None
    assert 0 < found.low < found.score < found.high


def test_the_blend_is_compared_with_the_row_that_scores_best_image_by_image() -> None:
    shared, everything = drawn(200, (0.5, 2.0, 2.2)), np.arange(200)
    found = estimate(shared, "nnls")
    scores = [float((terms.argmax(axis=1) == shared.truth).mean()) for terms in shared.terms]
    assert (found.best[0], found.best[1].score) == (f"row-{np.argmax(scores)}", max(scores))
    nested = cross_fit(shared, "nnls").correct()
    row = shared.terms[int(np.argmax(scores))].argmax(axis=1) == shared.truth
    assert nested is not None
    apart = nested - row  # whose squares are the images that only one answers right, in as many deals
    low, high = paired_interval(*(((apart**2).sum() + sign * apart.sum()) / 2 for sign in (-1, 1)), 200)
    assert found.change.value == pytest.approx(nested.mean() - row.mean())
    assert (found.change.low, found.change.high) == pytest.approx((float(low), float(high)), abs=0.01)
    assert found.fitted.weights.tolist() == fit(shared, "nnls", everything).weights.tolist()


def test_where_small_is_good_a_smaller_loss_is_better() -> None:
    shared, everything = drawn(200, (0.5, 3.0), "log_loss"), np.arange(200)
    worse, good = (mark(shared, fit(shared, way, everything), everything) for way in ("mean", "greedy"))  # type: ignore[arg-type]
    assert compare(worse, good).verdict == "smaller (better)"
    assert estimate(shared, "greedy").best[0] == "row-1"
