"""Figures of several labels an image, worked out by hand and by scikit-learn."""

import numpy as np
import pytest
from scoretable.evaluation import multilabel as evaluation
from scoretable.workspace.errors import InputError
from sklearn.metrics import f1_score

NAMES = ["blast", "normal", "rust"]
TRUTH = np.array([[1, 0, 0], [1, 1, 0], [0, 0, 0], [0, 1, 0]], np.float32)
PROBABILITIES = np.array([[0.9, 0.2, 0.1], [0.5, 0.4, 0.1], [0.1, 0.2, 0.3], [0.7, 0.8, 0.1]], np.float32)
IDS = ["a.jpg", "b.jpg", "c.jpg", "d.jpg"]


@pytest.mark.filterwarnings("error")  # of a label without an image or an answer
def test_the_summary_holds_the_numbers_worked_out_by_hand() -> None:
    summary = evaluation.summarise_label_sets(TRUTH, PROBABILITIES)
    right = np.array([0.9, 0.8, 0.9, 0.5, 0.4, 0.9, 0.9, 0.8, 0.7, 0.3, 0.8, 0.9])
    assert summary == {
        "accuracy": 0.5,
        "loss": pytest.approx(-np.log(right).mean(), abs=1e-6),
        "micro_precision": 0.75,
        "micro_recall": 0.75,
        "micro_f1": 0.75,
        "macro_precision": pytest.approx((2 / 3 + 1 + 0) / 3, abs=1e-6),
        "macro_recall": pytest.approx((1 + 0.5 + 0) / 3, abs=1e-6),
        "macro_f1": pytest.approx((0.8 + 2 / 3 + 0) / 3, abs=1e-6),
        "images": 4,
        "correct": 2,
    }


def test_the_summary_agrees_with_scikit_learn() -> None:
    generator = np.random.default_rng(0)
    truth, probabilities = generator.integers(0, 2, (50, 6)).astype(float), generator.random((50, 6))
    summary = evaluation.summarise_label_sets(truth, probabilities)
    for average in ("micro", "macro"):
        expected = f1_score(truth, probabilities >= 0.5, average=average)
        assert summary[f"{average}_f1"] == pytest.approx(expected, abs=1e-6)


def test_the_counts_of_a_label_add_up_to_all_images() -> None:
    counts = evaluation.count_answers(TRUTH, PROBABILITIES, NAMES)
    assert counts.index.name == "label"
    assert counts.loc["blast"].tolist() == [2, 1, 0, 1]
    assert counts.loc["normal"].tolist() == [1, 0, 1, 2]
    assert (counts.sum(axis=1) == 4).all()


@pytest.mark.filterwarnings("error")
def test_a_label_without_an_image_has_zeros_in_its_row() -> None:
    table = evaluation.per_label(TRUTH, PROBABILITIES, NAMES)
    assert list(table.columns[:2]) == ["class", "images"]
    assert table.iloc[2].tolist() == ["rust", 0, 0, 0, 0, 4, 0, 0, 0]
    assert table.iloc[1].tolist() == ["normal", 2, 1, 0, 1, 2, 1, 0.5, pytest.approx(2 / 3, abs=1e-6)]


def test_the_pairs_are_the_joined_labels_of_each_image() -> None:
    pairs = evaluation.label_set_pairs(TRUTH, PROBABILITIES, NAMES, " ")
    assert pairs["actual"].tolist() == ["blast", "blast normal", "(none)", "normal"]
    assert pairs["predicted"].tolist() == ["blast", "blast", "(none)", "blast normal"]


def test_the_worst_mistake_is_the_one_with_the_least_probable_true_labels() -> None:
    mistakes = evaluation.worst_label_sets(TRUTH, PROBABILITIES, NAMES, IDS, " ")
    assert mistakes["image_id"].tolist() == ["b.jpg", "d.jpg"]
    assert mistakes["position"].tolist() == [1, 3]
    assert mistakes["probability_actual"].tolist() == pytest.approx([0.5 * 0.4 * 0.9, 0.3 * 0.8 * 0.9], abs=1e-6)
    assert mistakes["probability_predicted"].tolist() == pytest.approx([0.5 * 0.6 * 0.9, 0.7 * 0.8 * 0.9], abs=1e-6)


def test_answers_that_were_chosen_count_in_place_of_those_above_one_half() -> None:
    chosen = TRUTH > 0
    chosen[3] = [False, False, True]  # of which the last image is wrong
    assert evaluation.summarise_label_sets(TRUTH, PROBABILITIES, chosen)["correct"] == 3
    assert evaluation.count_answers(TRUTH, PROBABILITIES, NAMES, chosen).loc["rust"].tolist() == [0, 1, 0, 3]
    assert evaluation.per_label(TRUTH, PROBABILITIES, NAMES, chosen)["false_positive"].tolist() == [0, 0, 1]
    assert evaluation.per_label(TRUTH, PROBABILITIES, NAMES, chosen)["precision"].tolist() == [1, 1, 0]
    assert evaluation.label_set_pairs(TRUTH, PROBABILITIES, NAMES, "|", chosen)["predicted"].tolist() == [
        "blast", "blast|normal", "(none)", "rust",
    ]  # fmt: skip
    mistakes = evaluation.worst_label_sets(TRUTH, PROBABILITIES, NAMES, IDS, "|", chosen)
    assert mistakes[["image_id", "actual", "predicted"]].to_numpy().tolist() == [["d.jpg", "normal", "rust"]]
    assert mistakes["probability_predicted"].tolist() == [round(0.3 * 0.2 * 0.1, 6)]


def test_mistakes_with_equal_probabilities_keep_the_order_of_the_images() -> None:
    truth, probabilities = np.ones((40, 2)), np.full((40, 2), 0.25)
    probabilities[::3] = 0.125
    mistakes = evaluation.worst_label_sets(truth, probabilities, NAMES[:2], list(map(str, range(40))), " ")
    assert mistakes["position"].tolist() == sorted(range(40), key=lambda place: place % 3 > 0)


def test_a_certain_wrong_probability_costs_the_clipped_logarithm_and_not_infinity() -> None:
    assert evaluation.summarise_label_sets(np.ones((1, 1)), np.zeros((1, 1)))["loss"] == round(-np.log(1e-7), 6)
    assert evaluation.summarise_label_sets(np.zeros((1, 1)), np.ones((1, 1)))["loss"] == pytest.approx(-np.log(1e-7))


def test_probabilities_that_are_not_finite_are_refused() -> None:
    with pytest.raises(InputError, match="training diverged"):
        evaluation.summarise_label_sets(TRUTH, PROBABILITIES * np.nan)


def test_a_missing_class_name_is_refused() -> None:
    for table in (evaluation.count_answers, evaluation.per_label):
        with pytest.raises(ValueError, match="and 2 names"):
            table(TRUTH, PROBABILITIES, NAMES[:2])
    with pytest.raises(ValueError, match="and 2 names"):
        evaluation.label_set_pairs(TRUTH, PROBABILITIES, NAMES[:2], " ")
    with pytest.raises(ValueError, match="and 2 names"):
        evaluation.worst_label_sets(TRUTH, PROBABILITIES, NAMES[:2], IDS, " ")


@pytest.mark.parametrize("truth", [TRUTH[:2], TRUTH[:, 0], TRUTH[:0]])
def test_shapes_that_do_not_fit_are_refused(truth: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"must both have shape \(n, classes\)"):
        evaluation.summarise_label_sets(truth, PROBABILITIES[:0] if not len(truth) else PROBABILITIES)
