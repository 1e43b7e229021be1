"""Each metric of a competition equals scikit-learn's, or its definition worked out by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scoretable.competition.metric import METRICS, Score
from scoretable.scoring.choices import choose
from scoretable.scoring.scores import score, score_choices
from scoretable.workspace import row_blocks
from scoretable.workspace.errors import InputError
from sklearn import metrics

LABELS = np.array([0, 1, 1, 0, 1, 0])
YES = np.array([0.1, 0.8, 0.35, 0.4, 0.9, 0.3])  # a share of 5/6, but an F1 of 0.8
SETS = np.array([[1, 0, 1], [0, 1, 0], [1, 1, 0], [0, 0, 1]], np.float32)
SURE = np.array([[0.9, 0.6, 0.7], [0.2, 0.8, 0.1], [0.4, 0.9, 0.3], [0.1, 0.2, 0.3]], np.float32)
NUMBERS = np.array([[1.0], [2.0], [4.0], [8.0]])
GUESSES = np.array([[1.5], [1.0], [4.0], [10.0]])
ONE_LABEL_SCORES: tuple[Score, ...] = ("accuracy", "error", "f1", "macro_f1", "quadratic_weighted_kappa", "log_loss")


def two_columns(probabilities: NDArray[np.floating]) -> NDArray[np.floating]:
    return np.column_stack([1 - probabilities, probabilities])


def draw(task: str, seed: int, images: int = 30) -> tuple[NDArray, NDArray[np.floating]]:
    """Return truth and answers of a task; each class and each label occurs and is missing somewhere."""
    generator = np.random.default_rng(seed)
    if task in ("regression", "unit_regression"):
        return generator.random((images, 1)), generator.random((images, 1))
    if task == "multi_regression":
        return generator.random((images, 3)), generator.random((images, 3))
    if task == "multilabel":
        truth = generator.integers(0, 2, (images, 4)).astype(np.float32)
        truth[0], truth[1] = 0, 1
        return truth, generator.random((images, 4)).astype(np.float32)
    classes = 2 if task == "binary" else 4
    truth = np.arange(images) % classes
    if task == "ordinal":
        return truth, generator.uniform(-1, classes, (images, 1))
    answers = generator.random((images, classes)).astype(np.float32)
    return truth, answers / answers.sum(axis=1, keepdims=True)


PAIRS = [(name, task) for name, metric in METRICS.items() for task in metric.tasks]


def perfect(task: str, truth: NDArray) -> NDArray[np.floating]:
    if task == "ordinal":
        return truth[:, None].astype(float)
    return truth.astype(float) if truth.ndim == 2 else np.eye(2 if task == "binary" else 4)[truth]


@pytest.mark.parametrize(("name", "task"), PAIRS)
@given(seed=st.integers(0, 10_000))
@settings(max_examples=10, deadline=None)
def test_a_value_lies_within_the_range_of_its_metric(name: Score, task: str, seed: int) -> None:
    assert METRICS[name].lowest <= score(name, *draw(task, seed)) <= METRICS[name].highest


@pytest.mark.parametrize(("name", "task"), PAIRS)
@given(seed=st.integers(0, 10_000))
@settings(max_examples=10, deadline=None)
def test_no_answer_is_better_than_the_truth_in_the_direction_of_the_metric(name: Score, task: str, seed: int) -> None:
    truth, answers = draw(task, seed)
    sign = 1 if METRICS[name].larger_is_better else -1
    assert sign * score(name, truth, perfect(task, truth)) >= sign * score(name, truth, answers) - 1e-9


@pytest.mark.parametrize("name", ["accuracy", "error", "log_loss", "map_at_k"])
@given(seed=st.integers(0, 10_000), image=st.integers(0, 29))
@settings(max_examples=10, deadline=None)
def test_one_more_image_that_is_answered_right_is_never_worse(name: Score, seed: int, image: int) -> None:
    truth, answers = draw("multiclass", seed)
    better = answers.copy()
    better[image] = np.eye(4)[truth[image]]
    sign = 1 if METRICS[name].larger_is_better else -1
    assert sign * score(name, truth, better) >= sign * score(name, truth, answers) - 1e-12


@pytest.mark.parametrize("name", ["auc", "weighted_auc"])
@given(seed=st.integers(0, 10_000))
@settings(max_examples=10, deadline=None)
def test_what_needs_ranks_does_not_change_where_their_order_does_not(name: Score, seed: int) -> None:
    truth, answers = draw("binary", seed)
    rising = two_columns(answers[:, 1].astype(float) ** 3)
    assert score(name, truth, rising) == pytest.approx(score(name, truth, answers.astype(float)))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("accuracy", metrics.accuracy_score(LABELS, YES > 0.5)),
        ("error", metrics.zero_one_loss(LABELS, YES > 0.5)),
        ("log_loss", metrics.log_loss(LABELS, YES)),
        ("auc", metrics.roc_auc_score(LABELS, YES)),
        ("f1", metrics.f1_score(LABELS, YES > 0.5)),
        ("macro_f1", metrics.f1_score(LABELS, YES > 0.5, average="macro")),
    ],
)
def test_two_classes_are_scored_as_scikit_learn_scores_the_second_one(name: Score, expected: float) -> None:
    assert score(name, LABELS, two_columns(YES)) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("accuracy", metrics.accuracy_score(SETS > 0, SURE >= 0.5)),
        ("f1", metrics.f1_score(SETS, SURE >= 0.5, average="micro")),
        ("macro_f1", metrics.f1_score(SETS, SURE >= 0.5, average="macro")),
        ("mean_f1", metrics.f1_score(SETS, SURE >= 0.5, average="samples")),
        ("fbeta", metrics.fbeta_score(SETS, SURE >= 0.5, beta=2, average="samples")),
        ("mean_auc", metrics.roc_auc_score(SETS, SURE)),
        ("log_loss", np.mean([metrics.log_loss(SETS[:, place], SURE[:, place].astype(float)) for place in range(3)])),
    ],
)
def test_several_labels_are_scored_as_scikit_learn_scores_them(name: Score, expected: float) -> None:
    assert score(name, SETS, SURE) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("name", ONE_LABEL_SCORES)
def test_one_label_of_several_is_scored_as_scikit_learn_scores_it(name: Score) -> None:
    truth, answers = draw("multiclass", 0)
    answers = answers.astype(np.float64) / answers.astype(np.float64).sum(axis=1, keepdims=True)
    chosen = answers.argmax(axis=1)
    expected = {
        "accuracy": metrics.accuracy_score(truth, chosen),
        "error": metrics.zero_one_loss(truth, chosen),
        "f1": metrics.f1_score(truth, chosen, average="micro"),
        "macro_f1": metrics.f1_score(truth, chosen, average="macro"),
        "quadratic_weighted_kappa": metrics.cohen_kappa_score(truth, chosen, weights="quadratic"),
        "log_loss": metrics.log_loss(truth, answers),
    }
    assert score(name, truth, answers) == pytest.approx(expected[name], abs=1e-12)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("rmse", ((0.25 + 1 + 0 + 4) / 4) ** 0.5),
        ("mae", (0.5 + 1 + 0 + 2) / 4),
        ("rmsle", metrics.root_mean_squared_log_error(NUMBERS, GUESSES)),
        ("r2", metrics.r2_score(NUMBERS, GUESSES)),
    ],
)
def test_numbers_are_scored_as_worked_out_by_hand_or_as_scikit_learn_does(name: Score, expected: float) -> None:
    assert score(name, NUMBERS, GUESSES) == pytest.approx(expected, abs=1e-12)


def test_the_rmse_of_several_numbers_an_image_is_the_root_over_all_of_them() -> None:
    assert score("rmse", np.zeros((2, 2)), np.array([[3.0, 4.0], [0.0, 5.0]])) == pytest.approx((50 / 4) ** 0.5)


@pytest.mark.parametrize(
    ("truth", "answers"),
    [
        (np.array([0]), np.array([[0.0, 0.5, 0.5]])),
        (np.array([1, 0]), two_columns(np.array([0.0, 1.0]))),
        (np.array([[1.0], [0.0]]), np.array([[0.0], [1.0]])),
    ],
)
def test_a_certain_wrong_probability_costs_the_logarithm_of_kaggles_clip(
    truth: NDArray, answers: NDArray[np.floating]
) -> None:
    assert score("log_loss", truth, answers) == pytest.approx(-np.log(1e-15), abs=1e-3)


@pytest.mark.parametrize("answers", [np.array([[1.0005, -0.0005]]), np.array([[1.0005, -0.0005, 0.0]])])
def test_a_probability_above_one_by_rounding_gains_nothing(answers: NDArray[np.floating]) -> None:
    assert 0 <= score("log_loss", np.array([0]), answers) < 1e-14


def test_answers_of_single_precision_are_summed_in_double() -> None:
    truth, answers = draw("multiclass", 3)
    shares = answers.astype(np.float64)[np.arange(len(truth)), truth] / answers.astype(np.float64).sum(axis=1)
    assert score("log_loss", truth, answers) == pytest.approx(-np.log(shares).mean(), rel=1e-13)


def test_a_loss_is_known_where_all_images_have_the_same_class() -> None:
    assert score("log_loss", np.array([1, 1]), two_columns(np.array([0.5, 0.5]))) == pytest.approx(np.log(2))


def test_rows_that_do_not_sum_to_one_are_divided_by_their_sum_before_the_logarithm() -> None:
    assert score("log_loss", np.array([1]), np.array([[0.2, 0.2, 0.4]])) == pytest.approx(np.log(4))


def test_the_first_k_answers_count_by_their_place() -> None:
    answers = np.array([[0.5, 0.3, 0.2], [0.5, 0.3, 0.2], [0.5, 0.3, 0.2]])
    assert score("map_at_k", np.array([0, 1, 2]), answers, k=2) == pytest.approx((1 + 1 / 2 + 0) / 3)


def test_the_average_precision_of_several_labels_is_worked_out_by_hand() -> None:
    truth, answers = np.array([[1.0, 0.0, 1.0, 0.0]]), np.array([[0.9, 0.8, 0.7, 0.1]])
    assert score("map_at_k", truth, answers, k=5) == pytest.approx((1 / 1 + 2 / 3) / 2)


def test_five_answers_count_where_the_file_says_nothing() -> None:
    ranked = np.linspace(1, 0.5, 6)[None]
    assert [score("map_at_k", np.array([place]), ranked) for place in (4, 5)] == [1 / 5, 0]


def test_labels_beyond_the_first_k_are_not_missed() -> None:
    truth, answers = np.array([[1.0, 1.0, 0.0], [1.0, 0.0, 0.0]]), np.array([[0.9, 0.8, 0.1], [0.2, 0.9, 0.1]])
    assert score("map_at_k", truth, answers, k=1) == (1 + 0) / 2
    assert score("map_at_k", truth, answers, k=2) == (1 + 1 / 2) / 2


def test_the_weighted_auc_counts_the_steep_part_twice() -> None:
    # The curve goes (0, 0), (0, 0.5), (0.5, 0.5), (0.5, 1), (1, 1).
    truth, answers = np.array([1, 0, 1, 0]), two_columns(np.array([0.9, 0.8, 0.7, 0.1]))
    assert score("weighted_auc", truth, answers) == pytest.approx((2 * 0.4 + (0.1 * 0.5 + 0.6 * 0.5)) / 1.4)


def test_the_weighted_auc_interpolates_where_the_curve_crosses_the_knee() -> None:
    # All answers are equal: the curve is the diagonal, and 0.32 of the area lie below 0.4, 0.18 above.
    assert score("weighted_auc", np.array([0, 1]), two_columns(np.array([0.5, 0.5]))) == pytest.approx(
        (2 * 0.32 + 0.18) / 1.4
    )


def test_the_probabilistic_f1_is_worked_out_by_hand() -> None:
    precision, recall = (0.8 + 0.35 + 0.9) / YES.sum(), (0.8 + 0.35 + 0.9) / 3
    expected = 2 * precision * recall / (precision + recall)
    assert score("probabilistic_f1", LABELS, two_columns(YES)) == pytest.approx(expected)


def test_the_probabilistic_f1_of_rare_positives_and_of_none_is_worked_out_by_hand() -> None:
    probabilities = two_columns(np.array([0.5, 0.25, 0.25]))  # of which one half is of the positive one
    assert score("probabilistic_f1", np.array([1, 0, 0]), probabilities) == pytest.approx(0.5)
    assert score("probabilistic_f1", np.array([0, 0, 0]), probabilities) == 0


def test_a_number_of_ordered_classes_is_rounded_and_cut_to_the_classes() -> None:
    truth, numbers = np.array([0, 1, 2, 3]), np.array([[-3.0], [1.4], [1.6], [9.0]])
    assert score("quadratic_weighted_kappa", truth, numbers) == 1


def test_cut_points_say_which_class_a_number_is() -> None:
    assert score("accuracy", np.array([0, 1, 1]), np.array([[0.1], [0.3], [0.4]]), cuts=(0.2,)) == 1


@given(places=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=2, max_size=20))
@settings(max_examples=20, deadline=None)
def test_a_kappa_is_that_of_scikit_learn_also_where_nobody_chose_a_class(places: list[tuple[int, int]]) -> None:
    truth, chosen = np.array([*places, (0, 1)]).T  # of one class in both scikit-learn's is not a number
    expected = metrics.cohen_kappa_score(truth, chosen, labels=range(6), weights="quadratic")
    found = score("quadratic_weighted_kappa", truth, chosen[:, None] + 0.0, cuts=np.arange(0.5, 5))
    assert found == pytest.approx(expected, abs=1e-12)


def test_a_kappa_of_one_class_in_truth_and_answers_is_one() -> None:
    assert score("quadratic_weighted_kappa", np.array([1, 1]), np.array([[0.1, 0.9], [0.2, 0.8]])) == 1


def test_a_column_with_one_class_only_is_left_out_of_the_mean_auc() -> None:
    truth = np.array([[1, 1], [0, 1]], np.float32)
    assert score("mean_auc", truth, np.array([[0.9, 0.1], [0.1, 0.9]])) == 1


@pytest.mark.parametrize(
    ("name", "truth"), [("auc", np.zeros(2, int)), ("weighted_auc", np.ones(2, int)), ("mean_auc", np.ones((2, 2)))]
)
def test_an_auc_of_one_class_only_is_refused_with_what_to_do(name: Score, truth: NDArray) -> None:
    with pytest.raises(InputError, match="needs validation images of both classes"):
        score(name, truth, np.array([[0.4, 0.6], [0.7, 0.3]]))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", ["mean_f1", "fbeta"])
def test_an_image_without_a_label_counts_nothing_and_warns_of_nothing(name: Score) -> None:
    truth, answers = np.array([[0.0, 0.0], [1.0, 0.0]]), np.array([[0.1, 0.2], [0.9, 0.1]])
    assert score(name, truth, answers) == 0.5


def test_the_likeliest_label_counts_where_each_image_has_one() -> None:
    truth, shy = np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([[0.4, 0.1], [0.1, 0.4]])
    assert [score("mean_f1", truth, shy, at_least_one=one) for one in (False, True)] == [0, 1]


def test_a_beta_below_one_weighs_precision() -> None:
    expected = metrics.fbeta_score(SETS, SURE >= 0.5, beta=0.5, average="samples")
    assert score("fbeta", SETS, SURE, beta=0.5) == pytest.approx(expected, abs=1e-12)


def test_a_metric_of_probabilities_is_none_of_labels() -> None:
    with pytest.raises(ValueError, match="auc is no metric of labels"):
        score_choices("auc", choose(LABELS, two_columns(YES)), 2.0)


def test_an_answer_below_zero_counts_as_zero_in_the_rmsle() -> None:
    assert score("rmsle", np.array([[0.0], [1.0]]), np.array([[-2.0], [1.0]])) == 0


def test_a_label_below_zero_is_refused_in_the_rmsle() -> None:
    with pytest.raises(InputError, match="rmsle needs labels of 0 or more, and one is -1"):
        score("rmsle", np.array([[-1.0]]), np.array([[1.0]]))


def test_answers_that_are_not_finite_are_refused() -> None:
    with pytest.raises(InputError, match="no finite answer for 1 of 4 validation images"):
        score("rmse", NUMBERS, np.array([[1.0], [np.nan], [1.0], [1.0]]))


@pytest.mark.parametrize(
    ("name", "truth", "answers"),
    [
        ("auc", np.array([0, 1]), np.full((2, 3), 0.3)),
        ("accuracy", np.array([0, 3]), np.full((2, 3), 0.3)),
        ("accuracy", np.array([-1, 2]), np.full((2, 3), 0.3)),
        ("accuracy", np.array([0, 1]), np.full((2, 3), 2.0)),
        ("rmse", np.array([0, 1]), np.full((2, 1), 2.0)),
        ("mean_f1", np.zeros((2, 2)), np.full((2, 3), 0.5)),
        ("mean_f1", np.zeros((2, 2), int), np.full((2, 3), 0.5)),
        ("accuracy", np.array([0.0, 1.0]), np.full((2, 2), 0.5)),
        ("rmse", np.ones(2), np.ones(2)),
        ("rmse", np.ones((0, 1)), np.ones((0, 1))),
    ],
)
def test_what_does_not_fit_the_metric_is_a_mistake_of_the_program(
    name: Score, truth: NDArray, answers: NDArray[np.floating]
) -> None:
    with pytest.raises(ValueError, match=r"Received|takes no truth"):
        score(name, truth, answers)


def test_map_at_k_in_blocks_of_rows_is_that_of_all_rows_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(0)
    truth, answers = random.integers(0, 9, 50), random.random((50, 9))
    at_once = score("map_at_k", truth, answers)
    monkeypatch.setattr(row_blocks, "ROWS", 7)
    assert score("map_at_k", truth, answers) == at_once
