import io
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import sklearn.metrics
from hypothesis import given
from hypothesis import strategies as st
from scoretable.competition.description import COMPETITIONS, Competition, load_competition
from scoretable.kaggle.local_scoring import _cut, score_submission
from scoretable.sandbox.blade import LABELS
from scoretable.workspace.errors import InputError

ANSWERS = """image_id,label,usage
200001.jpg,blast,Public
200002.jpg,hispa,Public
200003.jpg,normal,Private
200004.jpg,tungro,Public
200005.jpg,blast,Private
"""


SANDBOX = load_competition("sandbox", Path(__file__).parents[3] / COMPETITIONS)
BY_LOG_LOSS = load_competition("sandbox-log-loss", Path(__file__).parents[3] / COMPETITIONS)
SAMPLE = pd.DataFrame({"image_id": ["200001.jpg"], "label": [""]})
COLUMNS = ",".join(LABELS)
TRUE_PLACES = [LABELS.index(line.split(",")[1]) for line in ANSWERS.splitlines()[1:]]
PUBLIC = [line.endswith("Public") for line in ANSWERS.splitlines()[1:]]


def score(
    folder: Path, submission: str, answers: str = ANSWERS, competition: Competition = SANDBOX, columns: str = "label"
) -> dict[str, Any]:
    (folder / "submission.csv").write_text(submission)
    (folder / "answers.csv").write_text(answers)
    sample = pd.DataFrame({name: [""] for name in ["image_id", *columns.split(",")]})
    return score_submission(folder / "submission.csv", folder / "answers.csv", sample, competition)


def submission(*labels: str) -> str:
    return "image_id,label\n" + "".join(f"20000{i + 1}.jpg,{label}\n" for i, label in enumerate(labels))


def test_accuracies_are_cut_to_five_decimals_and_counted_by_usage(tmp_path: Path) -> None:
    scored = score(tmp_path, submission("blast", "hispa", "normal", "blast", "hispa"))
    assert scored == {
        "public_score": 0.66666, "public_correct": 2, "public_images": 3,
        "private_score": 0.5, "private_correct": 1, "private_images": 2,
    }  # fmt: skip


def test_the_order_of_rows_and_columns_is_free(tmp_path: Path) -> None:
    shuffled = (
        "label,image_id\ntungro,200004.jpg\nblast,200001.jpg\nhispa,200002.jpg\nblast,200005.jpg\nnormal,200003.jpg\n"
    )
    scored = score(tmp_path, shuffled)
    assert (scored["public_score"], scored["private_score"]) == (1.0, 1.0)


def test_an_unknown_label_counts_as_wrong(tmp_path: Path) -> None:
    assert score(tmp_path, submission("rust", "rust", "rust", "rust", "rust"))["public_correct"] == 0


def probabilities() -> tuple[np.ndarray, str]:
    """Rows that sum to 1, and the submission that holds them."""
    drawn = np.random.default_rng(0).dirichlet(np.ones(len(LABELS)), len(TRUE_PLACES))
    table = pd.DataFrame(drawn, columns=list(LABELS))
    table.insert(0, "image_id", [f"20000{number}.jpg" for number in range(1, 6)])
    return drawn, table[["image_id", *reversed(LABELS)]].to_csv(index=False)


def test_probabilities_are_scored_by_the_competitions_own_metric_and_not_counted(tmp_path: Path) -> None:
    drawn, text = probabilities()
    scored = score(tmp_path, text, competition=BY_LOG_LOSS, columns=COLUMNS)
    assert set(scored) == {"public_score", "public_images", "private_score", "private_images"}
    for name, rows in (("public", np.array(PUBLIC)), ("private", ~np.array(PUBLIC))):
        truth = np.array(TRUE_PLACES)[rows]
        expected = sklearn.metrics.log_loss(truth, drawn[rows], labels=range(len(LABELS)))
        assert 0 <= expected - scored[f"{name}_score"] < 1e-5
    assert scored["public_images"] == 3


@pytest.mark.parametrize("cell", ["1.5", "-0.1", "nan", "blast"])
def test_a_cell_that_is_no_probability_is_refused_by_its_row(tmp_path: Path, cell: str) -> None:
    table = pd.read_csv(io.StringIO(probabilities()[1]), dtype=str)
    table.loc[1, "tungro"] = cell
    with pytest.raises(InputError, match=r"200002\.jpg"):
        score(tmp_path, table.to_csv(index=False), competition=BY_LOG_LOSS, columns=COLUMNS)


@pytest.mark.parametrize("positive", ["sick", "healthy"])
def test_the_probability_of_one_of_two_classes_is_scored_for_the_labels_that_are_learned(
    tmp_path: Path, positive: str
) -> None:
    layout = BY_LOG_LOSS.submission.model_copy(update={"form": "probability"})
    names = {"normal": "healthy", "*": "sick"}
    competition = BY_LOG_LOSS.model_copy(
        update={
            "task": "binary", "positive_class": positive, "submission": layout, "metric": "auc",
            "train": BY_LOG_LOSS.train.model_copy(update={"label_map": names}),
        }
    )  # fmt: skip
    answers = ANSWERS.replace("hispa,Public", "normal,Public")
    cells = ["0.9", "0.2", "0.4", "0.8", "0.5"] if positive == "sick" else ["0.1", "0.8", "0.6", "0.2", "0.5"]
    scored = score(tmp_path, submission(*cells), answers, competition)
    assert (scored["public_score"], scored["private_score"]) == (1.0, 1.0)


REFUSED = {
    "another column": ("image_id,label,extra\n200001.jpg,blast,1\n", "columns"),
    "no label column": ("image_id\n200001.jpg\n", "columns"),
    "a missing label": (submission("blast", "", "normal", "tungro", "blast"), "200002.jpg"),
    "a blank label": (submission("blast", " ", "normal", "tungro", "blast"), "200002.jpg"),
    "a missing id": (submission("blast", "hispa", "normal", "tungro"), "200005.jpg"),
    "an unknown id": (submission("blast", "hispa", "normal", "tungro", "blast", "blast"), "200006.jpg"),
    "a repeated id": (submission("blast", "hispa", "normal", "tungro", "blast") + "200001.jpg,blast\n", "200001.jpg"),
    "an empty file": ("", "read as CSV"),
    "a row too long": (submission("blast", "hispa,x", "normal", "tungro", "blast"), "read as CSV"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_submission_that_kaggle_would_refuse_is_refused(tmp_path: Path, case: str) -> None:
    text, named = REFUSED[case]
    with pytest.raises(InputError, match=named):
        score(tmp_path, text)


def test_a_submission_that_is_not_there_is_refused(tmp_path: Path) -> None:
    (tmp_path / "answers.csv").write_text(ANSWERS)
    with pytest.raises(InputError, match=r"absent\.csv"):
        score_submission(tmp_path / "absent.csv", tmp_path / "answers.csv", SAMPLE, SANDBOX)


@pytest.mark.parametrize("usage", ["Public", "Hidden"])
def test_answers_without_both_usages_are_refused(tmp_path: Path, usage: str) -> None:
    with pytest.raises(InputError, match="usage"):
        score(tmp_path, submission("blast"), f"image_id,label,usage\n200001.jpg,blast,{usage}\n")


@given(st.integers(1, 3000).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total))))
def test_a_score_never_exceeds_the_accuracy_and_misses_less_than_a_hundred_thousandth(counts: tuple[int, int]) -> None:
    correct, total = counts
    shown = round(_cut(correct / total) * 100_000)
    assert shown * total <= correct * 100_000 < (shown + 1) * total
