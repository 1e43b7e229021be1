"""Weights and cuts are found on some images and answer others."""

from dataclasses import replace

import numpy as np
import pytest
from scoretable.blending import fitting
from scoretable.blending.fitting import Fitted, Way, cross_fit, fit, mark, settle_rule, targets_of
from scoretable.scoring.choices import PLAIN, Cut
from scoretable.scoring.decision import deal
from unit.blending.small_blend import drawn


@pytest.mark.parametrize("way", ["greedy", "nnls"])
@pytest.mark.parametrize("metric", ["accuracy", "log_loss", "map_at_k"])
def test_a_row_that_guesses_has_next_to_no_weight(way: Way, metric: str) -> None:
    shared = drawn(300, (2.0, 2.0, 0.0), metric)  # type: ignore[arg-type]
    weights = fit(shared, way, np.arange(300)).weights
    assert weights.sum() == pytest.approx(1)
    assert weights[2] < 0.2 < min(weights[:2])


def test_the_plain_mean_has_equal_weights() -> None:
    assert fit(drawn(60, (1, 2, 3)), "mean", np.arange(60)).weights.tolist() == [1 / 3] * 3


def test_of_blends_with_as_many_right_answers_the_one_nearer_to_the_truth_is_taken() -> None:
    shared = drawn(60, (9.0, 9.0))  # both always right
    sure = replace(shared, terms=np.stack([0.6 * shared.terms[1] + 0.4 / 3, shared.terms[0]]))
    assert fit(sure, "greedy", np.arange(60)).weights.tolist() == [0, 1]


def test_no_image_has_a_say_in_how_it_is_answered() -> None:
    shared = drawn(100, (1.0, 1.2, 0.8), "log_loss")
    nested = cross_fit(shared, "greedy", 5, deals=2)
    for seed, mixed in enumerate(nested.deals):
        parts = deal(shared.truth, 5, seed)
        inside, others = (np.flatnonzero(chosen) for chosen in (parts == 2, parts != 2))
        np.testing.assert_array_equal(
            mixed.answers[inside], mark(shared, fit(shared, "greedy", others), inside).answers
        )


def test_the_score_is_the_mean_over_the_deals() -> None:
    nested = cross_fit(drawn(60, (1.0, 1.5)), "greedy", deals=3)
    right = nested.correct()
    assert right is not None
    assert nested.score() == pytest.approx(np.mean([mixed.score() for mixed in nested.deals]))
    assert nested.score() == pytest.approx(right.mean())


def test_a_threshold_is_found_on_the_other_images_too(monkeypatch: pytest.MonkeyPatch) -> None:
    shared = replace(drawn(120, (0.5, 0.7), "f1", classes=2, task="binary"), rule="found")
    seen = []

    def watched(measure: object, truth: np.ndarray, answers: np.ndarray) -> Cut:
        seen.append(len(truth))
        return Cut(0.9)

    monkeypatch.setattr(fitting, "find_cut", watched)
    (mixed,) = cross_fit(shared, "mean", 4, deals=1).deals
    assert seen == [90] * 4
    assert mixed.choices is not None
    assert mixed.choices.chosen.tolist() == (mixed.answers[:, 1] > 0.9).tolist()


@pytest.mark.parametrize(("shift", "rule"), [(0.0, "half"), (0.25, "found")])
def test_a_cut_is_found_where_the_mean_gains_from_one(shift: float, rule: str) -> None:
    second = np.repeat([0.3, 0.7], 50) - shift
    answers = np.column_stack([1 - second, second]).astype(np.float32)
    shared = replace(drawn(100, (0.0,), "f1", classes=2, task="binary"), rule="found", terms=answers[None])
    assert settle_rule(replace(shared, truth=np.repeat([0, 1], 50))).rule == rule


def test_the_score_of_all_images_is_that_of_the_measure() -> None:
    shared = drawn(80, (1.0, 1.5), "macro_f1")
    marked = mark(shared, Fitted(np.array([0.5, 0.5]), PLAIN), np.arange(80))
    assert marked.score() == pytest.approx(shared.measure.score(shared.truth, marked.answers))
    assert marked.correct() is None


def test_the_positive_class_may_come_first() -> None:
    shared = drawn(120, (1.0, 1.5), "f1", classes=2, task="binary")
    turned = replace(shared, measure=replace(shared.measure, positive=0))
    marked = mark(turned, Fitted(np.array([0.5, 0.5]), PLAIN), np.arange(120))
    assert marked.score() == pytest.approx(turned.measure.score(turned.truth, marked.answers))


def test_each_part_has_its_share_of_each_class_and_of_large_numbers() -> None:
    truth = np.repeat([0, 1, 2], [50, 30, 20])
    counts = [np.bincount(truth[deal(truth, 10) == part]).tolist() for part in range(10)]
    assert counts == [[5, 3, 2]] * 10
    numbers = np.arange(40.0)[:, None]
    assert [(numbers[deal(numbers, 4) == part] >= 20).sum() for part in range(4)] == [5] * 4


def test_perfect_answers_are_one_hot_or_the_numbers_themselves() -> None:
    assert targets_of(np.array([1, 0]), 3).tolist() == [[0, 1, 0], [1, 0, 0]]
    assert targets_of(np.array([3, 1]), 1).tolist() == [[3], [1]]
    assert targets_of(np.array([[0.5]]), 1).tolist() == [[0.5]]
