"""A measure is the metric of a competition's file with all that the file says of it."""

from dataclasses import replace

import numpy as np
import pytest
from scoretable.competition.metric import Score
from scoretable.competition.task import Task
from scoretable.scoring.choices import Cut
from scoretable.scoring.measure import Measure, finish_answers
from scoretable.workspace.errors import InputError
from unit.archives import competition


def test_it_has_what_the_competitions_file_says() -> None:
    asked = competition(task="multilabel", metric="fbeta", metric_beta=0.5)
    assert Measure.of(asked, ["a", "b", "c"], True) == Measure("fbeta", "multilabel", 3, 1, 5, 0.5, True)
    assert not Measure.of(asked, ["a", "b", "c"]).at_least_one
    assert Measure.of(competition(metric="map_at_k", metric_k=3), ["a", "b"]).k == 3


def test_the_positive_class_is_the_second_one_or_the_one_that_the_file_names() -> None:
    classes = ["healthy", "sick"]
    assert Measure.of(competition(task="binary"), classes).positive == 1
    assert Measure.of(competition(task="binary", positive_class="healthy"), classes).positive == 0
    first = Measure("f1", "binary", 2, positive=0)
    truth = np.array([0, 1, 1, 1])
    answers = np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.3, 0.7]], np.float32)
    assert first.score(truth, answers) == pytest.approx(2 / 3)  # that of the second class is 0.8


@pytest.mark.parametrize(("k", "value"), [(1, 0), (2, 1 / 4), (3, (1 / 2 + 2 / 3) / 2)])
def test_its_value_depends_on_how_many_answers_count(k: int, value: float) -> None:
    truth, answers = np.array([[1.0, 1.0, 0.0]]), np.array([[0.1, 0.3, 0.4]])
    assert Measure("map_at_k", "multilabel", 3, k=k).score(truth, answers) == pytest.approx(value)


def test_its_value_depends_on_beta_the_threshold_and_the_likeliest_label() -> None:
    truth, answers = np.array([[1.0, 1.0, 0.0]]), np.array([[0.4, 0.3, 0.1]])
    measure = Measure("fbeta", "multilabel", 3, beta=0.5)  # precision 1 and recall r: 1.25 r / (0.25 + r)
    assert measure.score(truth, answers) == 0
    assert measure.score(truth, answers, Cut(0.35)) == pytest.approx(1.25 * 0.5 / (0.25 + 0.5))
    assert measure.score(truth, answers, Cut(0.3)) == 1
    assert replace(measure, at_least_one=True).score(truth, answers) == pytest.approx(1.25 * 0.5 / (0.25 + 0.5))


def test_numbers_of_ordered_classes_are_cut_at_the_halves_of_all_classes_or_at_the_points() -> None:
    measure = Measure("accuracy", "ordinal", 4)
    truth, answers = np.array([0, 1, 2]), np.array([[0.4], [0.6], [2.6]])  # 3, which no image here has
    assert measure.score(truth, answers) == pytest.approx(2 / 3)
    assert measure.score(truth, answers, Cut(points=(0.5, 1.5, 2.7))) == 1


@pytest.mark.parametrize(
    ("metric", "task", "classes", "truth"),
    [
        ("auc", "binary", 2, np.zeros(3, int)),
        ("mean_auc", "multiclass", 3, np.full(3, 2)),
        ("rmsle", "regression", 0, np.array([[-1.0]])),
    ],
)
def test_a_truth_of_which_the_metric_has_no_value_is_refused(
    metric: Score, task: Task, classes: int, truth: np.ndarray
) -> None:
    with pytest.raises(InputError, match=r"needs validation images of both|rmsle needs labels of 0 or more"):
        Measure(metric, task, classes).refuse_undefined(truth)


@pytest.mark.parametrize(
    ("metric", "task", "classes", "truth"),
    [
        ("auc", "binary", 2, np.array([0, 1])),
        ("log_loss", "multiclass", 3, np.array([0, 2])),
        ("mean_auc", "multilabel", 2, np.eye(2)),
        ("accuracy", "ordinal", 3, np.array([0, 2])),
        ("rmse", "regression", 0, np.ones((2, 1))),
        ("r2", "multi_regression", 2, np.eye(2)),
    ],
)
def test_any_other_truth_passes(metric: Score, task: Task, classes: int, truth: np.ndarray) -> None:
    Measure(metric, task, classes).refuse_undefined(truth)


def test_outputs_become_answers_by_their_task() -> None:
    def finished(outputs: list[list[float]], task: Task) -> list[list[float]]:
        answers = finish_answers(np.array(outputs, np.float16), task)
        assert answers.dtype == np.float32
        return answers.tolist()

    assert finished([[1, 1, 2], [2, 0, 0]], "multiclass") == [[0.25, 0.25, 0.5], [1, 0, 0]]
    assert finished([[0.25], [1]], "binary") == [[0.75, 0.25], [0, 1]]
    assert finished([[0.5, 0.75]], "multilabel") == [[0.5, 0.75]]
