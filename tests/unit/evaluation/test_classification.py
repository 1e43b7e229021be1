import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scoretable.evaluation import classification
from scoretable.evaluation.classification import confusion, confusion_pairs, per_class, summarise, worst_mistakes
from scoretable.workspace import row_blocks
from scoretable.workspace.errors import InputError
from sklearn.metrics import accuracy_score, f1_score, log_loss, precision_score, recall_score

NAMES = ["blast", "hispa", "normal"]
# Answers: blast, hispa, hispa, blast. No image is normal, and nothing is answered normal.
LABELS = np.array([0, 0, 1, 1])
PROBABILITIES = np.array([[0.7, 0.2, 0.1], [0.3, 0.6, 0.1], [0.1, 0.8, 0.1], [0.9, 0.05, 0.05]], dtype=np.float32)


@st.composite
def answers(draw):
    classes = draw(st.integers(2, 7))
    count = draw(st.integers(1, 30))
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    labels = generator.integers(0, classes, count)
    return labels, generator.dirichlet(np.full(classes, 0.5), count).astype(np.float32)


def names_of(probabilities):
    return [f"class {index}" for index in range(probabilities.shape[1])]


def test_the_summary_holds_the_numbers_worked_out_by_hand():
    assert summarise(LABELS, PROBABILITIES) == {
        "accuracy": 0.5,
        "loss": round(-float(np.mean(np.log([0.7, 0.3, 0.8, 0.05]))), 6),
        "macro_precision": 0.5,
        "macro_recall": 0.5,
        "macro_f1": 0.5,
        "largest_class_share": 0.5,
        "images": 4,
        "correct": 2,
    }


@settings(deadline=None, max_examples=15)
@given(answers())
def test_the_summary_agrees_with_scikit_learn(case):
    labels, probabilities = case
    summary = summarise(labels, probabilities)
    predicted = probabilities.argmax(axis=1)
    macro = {"average": "macro", "zero_division": 0.0}
    assert summary["accuracy"] == pytest.approx(accuracy_score(labels, predicted), abs=1e-6)
    assert summary["macro_precision"] == pytest.approx(precision_score(labels, predicted, **macro), abs=1e-6)
    assert summary["macro_recall"] == pytest.approx(recall_score(labels, predicted, **macro), abs=1e-6)
    assert summary["macro_f1"] == pytest.approx(f1_score(labels, predicted, **macro), abs=1e-6)
    rows = np.clip(probabilities.astype(np.float64), 1e-7, 1)
    rows /= rows.sum(axis=1, keepdims=True)
    expected = log_loss(labels, rows, labels=np.arange(probabilities.shape[1]))
    assert summary["loss"] == pytest.approx(expected, abs=1e-4)


def test_a_certain_wrong_answer_costs_the_clipped_logarithm_and_not_infinity():
    assert summarise(np.array([1]), np.array([[1.0, 0.0]]))["loss"] == round(float(-np.log(1e-7)), 6)


def test_the_loss_of_a_sigmoid_divides_each_row_by_its_sum():
    doubled = summarise(np.array([0, 1]), np.array([[0.8, 0.8], [0.5, 0.5]]))
    assert doubled["loss"] == pytest.approx(np.log(2), abs=1e-6)


def test_a_sigmoid_that_answers_zero_everywhere_has_a_finite_loss():
    assert summarise(np.array([0]), np.zeros((1, 3), dtype=np.float32))["loss"] == round(float(-np.log(1e-7)), 6)


@pytest.mark.filterwarnings("error")  # of the macro averages, which are undefined here
def test_the_largest_class_share_is_that_of_the_labels():
    assert summarise(np.array([2, 2, 2, 0]), PROBABILITIES)["largest_class_share"] == 0.75


def test_a_single_image_can_be_evaluated():
    summary = summarise(LABELS[:1], PROBABILITIES[:1])
    assert (summary["images"], summary["correct"], summary["accuracy"], summary["macro_f1"]) == (1, 1, 1.0, 1.0)


@settings(deadline=None, max_examples=15)
@given(answers())
def test_the_four_counts_of_each_class_add_up_to_all_images(case):
    labels, probabilities = case
    table = per_class(labels, probabilities, names_of(probabilities))
    four = table[["true_positive", "false_positive", "false_negative", "true_negative"]]
    assert (four.sum(axis=1) == len(labels)).all()
    assert (table["true_positive"] + table["false_negative"] == table["images"]).all()
    assert table["true_positive"].sum() == summarise(labels, probabilities)["correct"]


def test_a_probability_above_one_by_rounding_gains_nothing():
    assert summarise(np.array([0]), np.array([[1.0005, -0.0005]]))["loss"] == 0


@pytest.mark.filterwarnings("error")
def test_the_row_of_a_class_holds_the_numbers_worked_out_by_hand():
    table = per_class(np.array([0, 0, 0, 1]), PROBABILITIES, NAMES)  # answers: blast, hispa, hispa, blast
    assert table.to_dict("list") == {
        "class": NAMES,
        "images": [3, 1, 0],
        "true_positive": [1, 0, 0],
        "false_positive": [1, 2, 0],
        "false_negative": [2, 1, 0],
        "true_negative": [0, 1, 4],
        "precision": [0.5, 0, 0],
        "recall": [0.333333, 0, 0],
        "f1": [0.4, 0, 0],
    }


def test_answers_that_were_chosen_count_in_place_of_the_likeliest_ones():
    chosen = np.array([0, 0, 1, 2])  # of which the last is wrong
    assert summarise(LABELS, PROBABILITIES, chosen)["correct"] == 3
    assert per_class(LABELS, PROBABILITIES, NAMES, chosen)["true_positive"].tolist() == [2, 1, 0]
    assert confusion(LABELS, PROBABILITIES, NAMES, chosen).to_numpy().tolist() == [[2, 0, 0], [0, 1, 1], [0, 0, 0]]
    assert confusion_pairs(LABELS, PROBABILITIES, NAMES, chosen)["predicted"].tolist() == [NAMES[k] for k in chosen]
    mistakes = worst_mistakes(LABELS, PROBABILITIES, NAMES, list("abcd"), 5, chosen)
    assert mistakes[["actual", "predicted", "probability_predicted"]].to_numpy().tolist() == [["hispa", "normal", 0.05]]


def test_mistakes_with_equal_probabilities_keep_the_order_of_the_images():
    many = PROBABILITIES[np.where(np.arange(40) % 3, 2, 1)]  # each is hispa and no blast, and a third less surely
    expected = sorted(range(40), key=lambda place: place % 3 == 0)
    assert worst_mistakes(np.zeros(40, int), many, NAMES, list(range(40)), 40)["position"].tolist() == expected


def test_confusion_has_actual_classes_as_rows_and_keeps_empty_ones():
    counts = confusion(np.array([0, 0, 0, 1]), PROBABILITIES, NAMES)
    assert list(counts.index) == list(counts.columns) == NAMES
    assert (counts.index.name, counts.columns.name) == ("actual", "predicted")
    assert counts.loc["blast", "hispa"] == 2
    assert counts.loc["hispa", "blast"] == 1
    assert counts.loc["normal"].sum() == counts["normal"].sum() == 0


@settings(deadline=None, max_examples=15)
@given(answers())
def test_the_pairs_count_up_to_the_confusion_matrix(case):
    labels, probabilities = case
    names = names_of(probabilities)
    counted = confusion_pairs(labels, probabilities, names).value_counts()
    counts = confusion(labels, probabilities, names)
    assert counts.to_numpy().sum() == counted.sum() == len(labels)
    assert all(counts.loc[actual, predicted] == number for (actual, predicted), number in counted.items())


def test_the_worst_mistake_comes_first_with_its_names_and_probabilities():
    mistakes = worst_mistakes(LABELS, PROBABILITIES, NAMES, ["a.jpg", "b.jpg", "c.jpg", "d.jpg"], count=5)
    assert mistakes.to_dict("list") == {
        "position": [3, 1],
        "image_id": ["d.jpg", "b.jpg"],
        "actual": ["hispa", "blast"],
        "predicted": ["blast", "hispa"],
        "probability_actual": [0.05, 0.3],
        "probability_predicted": [0.9, 0.6],
    }


@settings(deadline=None, max_examples=15)
@given(answers(), st.integers(0, 40))
def test_mistakes_are_wrong_sorted_and_no_more_than_asked_for(case, count):
    labels, probabilities = case
    ids = [str(index) for index in range(len(labels))]
    mistakes = worst_mistakes(labels, probabilities, names_of(probabilities), ids, count)
    wrong = len(labels) - summarise(labels, probabilities)["correct"]
    assert len(mistakes) == min(count, wrong)
    assert (mistakes["actual"] != mistakes["predicted"]).all()
    assert mistakes["probability_actual"].is_monotonic_increasing


def test_where_every_answer_is_right_the_mistakes_are_an_empty_table():
    mistakes = worst_mistakes(LABELS[:1], PROBABILITIES[:1], NAMES, ["a.jpg"], count=5)
    assert mistakes.empty
    assert "probability_actual" in mistakes


@pytest.mark.parametrize("broken", [np.nan, np.inf])
def test_probabilities_that_are_not_finite_are_refused_with_the_key_to_lower(broken):
    probabilities = PROBABILITIES.copy()
    probabilities[[1, 3], 0] = broken
    with pytest.raises(InputError, match=r"2 of 4 validation images.*training diverged: lower learning_rate"):
        summarise(LABELS, probabilities)


@pytest.mark.parametrize(
    ("labels", "probabilities", "received"),
    [
        (LABELS[:3], PROBABILITIES, r"Received: \(3,\) and \(4, 3\)"),
        (LABELS, PROBABILITIES[:, 0], r"Received: \(4,\) and \(4,\)"),
        (LABELS[:0], PROBABILITIES[:0], r"Received: \(0,\) and \(0, 3\)"),
        (LABELS + 2, PROBABILITIES, "from 0 to 2. Received: int64 from 2 to 3"),
        (LABELS - 1, PROBABILITIES, "Received: int64 from -1 to 0"),
        (LABELS * 1.0, PROBABILITIES, "Received: float64 from 0.0 to 1.0"),
        (LABELS, PROBABILITIES - 0.1, "Received: values from"),
        (LABELS, PROBABILITIES + 0.9, "Received: values from"),
    ],
)
def test_labels_and_probabilities_that_do_not_fit_are_refused(labels, probabilities, received):
    with pytest.raises(ValueError, match=received):
        summarise(labels, probabilities)


@pytest.mark.parametrize("table", [per_class, confusion, confusion_pairs])
def test_a_missing_class_name_is_refused(table):
    with pytest.raises(ValueError, match=r"3 class names.*Received: 2"):
        table(LABELS, PROBABILITIES, NAMES[:2])


def test_a_missing_class_name_of_a_mistake_is_refused():
    with pytest.raises(ValueError, match=r"3 class names.*Received: 2"):
        worst_mistakes(LABELS, PROBABILITIES, NAMES[:2], list("abcd"), count=3)


def test_a_missing_image_id_is_refused():
    with pytest.raises(ValueError, match="Received: 1 ids, 4 labels"):
        worst_mistakes(LABELS, PROBABILITIES, NAMES, ["a.jpg"], count=3)


def test_of_many_classes_the_matrix_has_those_with_the_most_mistakes_and_all_others_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(classification, "MOST_CONFUSED", 2)
    labels = np.array([0, 1, 1, 2, 3, 3])
    counts = confusion(labels, np.eye(4)[[0, 3, 3, 2, 1, 3]], ["a", "b", "c", "d"])
    assert counts.index.tolist() == counts.columns.tolist() == ["b", "d", "(all others)"]
    assert counts.to_numpy().tolist() == [[0, 2, 0], [1, 1, 0], [0, 0, 2]]


def test_as_many_classes_as_the_matrix_has_room_for_are_all_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(classification, "MOST_CONFUSED", 3)
    assert confusion(LABELS, PROBABILITIES, NAMES).index.tolist() == NAMES
    four = np.pad(PROBABILITIES, ((0, 0), (0, 1)))
    assert confusion(LABELS, four, [*NAMES, "rust"]).index.tolist() == [*NAMES, "(all others)"]


def test_of_classes_with_equally_many_mistakes_the_matrix_has_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(classification, "MOST_CONFUSED", 10)
    mistaken = np.arange(1, 40, 2)  # each once, and taken for the one before
    kept = classification._most_confused(mistaken, np.roll(mistaken, 1), 40)
    assert kept.tolist() == mistaken[:10].tolist()


def test_a_summary_in_blocks_of_rows_is_that_of_all_rows_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(0)
    labels, probabilities = random.integers(0, 30, 50), random.random((50, 30)).astype(np.float32)
    at_once = summarise(labels, probabilities)
    monkeypatch.setattr(row_blocks, "ROWS", 7)
    assert summarise(labels, probabilities) == at_once
