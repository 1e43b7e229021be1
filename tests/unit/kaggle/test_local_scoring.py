from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scoretable.kaggle.local_scoring import LocalScore, _cut, score_submission
from scoretable.workspace.errors import InputError

ANSWERS = """image_id,label,usage
200001.jpg,blast,Public
200002.jpg,hispa,Public
200003.jpg,normal,Private
200004.jpg,tungro,Public
200005.jpg,blast,Private
"""


def score(folder: Path, submission: str, answers: str = ANSWERS) -> LocalScore:
    (folder / "submission.csv").write_text(submission)
    (folder / "answers.csv").write_text(answers)
    return score_submission(folder / "submission.csv", folder / "answers.csv")


def submission(*labels: str) -> str:
    return "image_id,label\n" + "".join(f"20000{i + 1}.jpg,{label}\n" for i, label in enumerate(labels))


def test_accuracies_are_cut_to_five_decimals_and_counted_by_usage(tmp_path: Path) -> None:
    scored = score(tmp_path, submission("blast", "hispa", "normal", "blast", "hispa"))
    assert scored == LocalScore(
        public=0.66666, private=0.5, public_correct=2, public_total=3, private_correct=1, private_total=2
    )


def test_the_order_of_rows_and_columns_is_free(tmp_path: Path) -> None:
    shuffled = (
        "label,image_id\ntungro,200004.jpg\nblast,200001.jpg\nhispa,200002.jpg\nblast,200005.jpg\nnormal,200003.jpg\n"
    )
    assert score(tmp_path, shuffled).public == score(tmp_path, shuffled).private == 1.0


def test_an_unknown_label_counts_as_wrong(tmp_path: Path) -> None:
    assert score(tmp_path, submission("rust", "rust", "rust", "rust", "rust")).public_correct == 0


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
        score_submission(tmp_path / "absent.csv", tmp_path / "answers.csv")


@pytest.mark.parametrize("usage", ["Public", "Hidden"])
def test_answers_without_both_usages_are_refused(tmp_path: Path, usage: str) -> None:
    with pytest.raises(InputError, match="usage"):
        score(tmp_path, submission("blast"), f"image_id,label,usage\n200001.jpg,blast,{usage}\n")


@given(st.integers(1, 3000).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total))))
def test_a_score_never_exceeds_the_accuracy_and_misses_less_than_a_hundred_thousandth(counts: tuple[int, int]) -> None:
    correct, total = counts
    shown = round(_cut(correct, total) * 100_000)
    assert shown * total <= correct * 100_000 < (shown + 1) * total
