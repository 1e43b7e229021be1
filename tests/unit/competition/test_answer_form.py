"""The sample says in which form an answer is handed in, and refuses one that it does not want."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scoretable.competition.answer_form import AnswerForm, check_sample
from scoretable.workspace.errors import InputError
from unit.archives import competition

SHOWN_CHARACTERS = 300


def check(classes: str, sample: dict[str, object], submission: dict[str, object] | None = None, **changes: object):
    described = competition(submission={"id_column": "id", **(submission or {})}, **changes)
    return check_sample(pd.DataFrame({"id": ["1", "2"], **sample}, dtype=str), described, classes.split())


def refuse(*arguments: object, **changes: object) -> str:
    with pytest.raises(InputError) as refusal:
        check(*arguments, **changes)
    assert len(str(refusal.value)) <= SHOWN_CHARACTERS
    return str(refusal.value)


@pytest.mark.parametrize("cell", ["", "cat", "dog"])
def test_a_sample_of_classes_or_empty_cells_wants_a_label(cell: str) -> None:
    assert check("cat dog", {"label": cell}) == AnswerForm("label", ("label",), ranks=1)


def test_a_number_that_is_no_class_stands_for_one_where_classes_are_numbers() -> None:
    assert check("1 196", {"class": "0"}).form == "label"


@pytest.mark.parametrize(
    ("classes", "cell", "line"), [("0.0 1.0 2.0", "1", "'1.0': '1'"), ("0 1 2", "1.0", "'1': '1.0'")]
)
def test_answers_that_spell_the_numbers_of_classes_otherwise_are_refused_with_the_map(
    classes: str, cell: str, line: str
) -> None:
    message = refuse(classes, {"label": cell})
    assert message.endswith(f"spell them alike by train.label_map, such as {{{line}}}, for each.")


def test_a_sample_may_have_numbers_with_decimal_commas() -> None:
    assert check("", {"label": "0,5"}, task="regression").form == "numbers"


def test_a_sample_of_a_half_wants_the_probability_of_the_class_one() -> None:
    assert check("0 1", {"label": "0.5"}) == AnswerForm("probability", ("label",), (1,))


def test_a_probability_of_cat_or_dog_asks_for_the_positive_class() -> None:
    assert "set positive_class: dog (or cat)" in refuse("cat dog", {"label": "0.5"}, task="binary")


@pytest.mark.parametrize(("given_class", "place"), [("cat", 0), ("dog", 1)])
def test_the_positive_class_that_is_given_is_taken(given_class: str, place: int) -> None:
    assert check("cat dog", {"label": "0.5"}, positive_class=given_class).places == (place,)


def test_a_positive_class_that_yaml_reads_as_true_is_found() -> None:
    assert check("False True", {"label": "0.5"}, positive_class=False).places == (0,)


def test_a_positive_class_that_is_no_class_is_refused() -> None:
    assert "is none of the classes: set it to one of cat, dog" in refuse(
        "cat dog", {"label": "0.5"}, positive_class="cow"
    )


def test_a_label_where_the_sample_has_a_half_is_refused_with_the_form_to_set() -> None:
    assert "set submission.form: probability" in refuse("cat dog", {"label": "0.5"}, {"form": "label"})


def test_a_label_where_the_sample_has_zero_and_classes_are_names_is_refused() -> None:
    assert "has the number 0" in refuse("Cover JMiPOD JUNIWARD UERD", {"Label": "0"})


def test_a_label_of_many_classes_where_the_sample_has_a_half_is_refused() -> None:
    assert "task: regression" in refuse("0 1 2", {"label": "0.5"})


def test_a_label_where_the_metric_needs_probabilities_is_refused() -> None:
    message = refuse("0 1", {"label": "0"}, {"form": "label"}, task="binary", metric="auc")
    assert "metric: auc needs: set submission.form: probability" in message


def test_the_forms_that_a_refusal_offers_are_those_that_are_then_taken() -> None:
    keys = {"task": "binary", "metric": "auc"}
    assert refuse("0 1", {"label": "0"}, {"form": "columns"}, **keys).endswith(
        "set submission.form: probability in the competition's file."
    )
    assert check("0 1", {"label": "0"}, {"form": "probability"}, **keys).form == "probability"


@pytest.mark.parametrize(
    ("classes", "columns", "form", "metric", "mend"),
    [
        ("a b c", "label", "columns", "log_loss", "set a metric that fits submission.form: label or ranked in"),
        ("a b c", "label", "columns", "map_at_k", "set submission.form: ranked in"),
        ("a b c", "label", "probability", "accuracy", "set submission.form: label."),
        ("a b c", "a b c", "label", "accuracy", "set submission.form: columns in"),
        ("a b c", "a b c", "probability", "log_loss", "set submission.form: columns."),
        ("0 1", "label", "columns", None, "set submission.form: label or ranked or probability in"),
    ],
)
def test_only_forms_that_fit_the_columns_the_classes_and_the_metric_are_offered(
    classes: str, columns: str, form: str, metric: str | None, mend: str
) -> None:
    assert mend in refuse(classes, dict.fromkeys(columns.split(), ""), {"form": form}, metric=metric)


@pytest.mark.parametrize(("sample", "metric"), [({"label": "dog"}, "auc"), ({"cat": "x", "dog": "x"}, None)])
def test_a_sample_of_text_names_no_form_that_the_metric_or_the_columns_refuse(
    sample: dict[str, object], metric: str | None
) -> None:
    said = refuse("cat dog", sample, task="binary", metric=metric, positive_class="dog")
    assert said.endswith("set another submission.sample, metric or task in the competition's file.")


def test_ranks_where_the_metric_counts_one_answer_are_refused() -> None:
    assert "set metric: map_at_k" in refuse("a b", {"label": "a"}, {"form": "ranked"}, metric="accuracy")


def test_a_positive_class_of_many_is_refused() -> None:
    assert "is for two classes, but there are 3" in refuse("a b c", {"label": "a"}, positive_class="a")


def test_a_sample_of_unknown_labels_is_refused() -> None:
    assert "has the answer rust, none of the classes (cat, dog)" in refuse("cat dog", {"label": "rust"})


def test_a_sample_of_unknown_labels_is_refused_although_the_file_says_label() -> None:
    assert "set submission.placeholder: ? if that is no answer" in refuse("cat dog", {"label": "?"}, {"form": "label"})


def test_a_placeholder_that_the_file_names_is_no_answer() -> None:
    assert check("cat dog", {"label": "?"}, {"form": "label", "placeholder": "?"}).form == "label"
    assert check("a b", {"label": "0"}, {"form": "label", "placeholder": 0}).form == "label"


def test_whole_numbers_of_which_none_is_a_class_are_refused() -> None:
    assert "has the answer 100, 101, none of the classes (0, 1, 2)" in refuse(
        "0 1 2", {"label": ["100 101", "101 100"]}, {"form": "ranked"}, metric="map_at_k"
    )


def test_a_probability_where_the_sample_has_only_zeros_is_taken_where_the_file_says_so() -> None:
    assert check("0 1", {"label": "0"}, {"form": "probability"}).places == (1,)


def test_a_probability_where_the_sample_has_labels_is_refused() -> None:
    assert "set submission.form: label" in refuse("cat dog", {"label": "dog"}, {"form": "probability"})


def test_a_probability_where_the_sample_has_numbers_above_one_is_refused() -> None:
    described = competition(submission={"id_column": "id", "form": "probability"})
    sample = pd.DataFrame({"id": ["1", "2"], "label": ["0.5", "3"]})
    with pytest.raises(InputError, match=r"has the number 3 where .* a probability from 0 to 1"):
        check_sample(sample, described, ["0", "1"])


def test_a_probability_of_three_classes_is_refused() -> None:
    assert "needs two classes" in refuse("a b c", {"label": "0.5"}, {"form": "probability"})


def test_several_columns_are_matched_to_the_classes_by_name() -> None:
    assert check("a b c", {"c": "0", "a": "0", "b": "0"}) == AnswerForm("columns", ("c", "a", "b"), (2, 0, 1))


def test_several_columns_are_matched_by_the_mapping() -> None:
    mapping = {"columns": {"0": "healthy", "1": "rust"}}
    assert check("0 1", {"rust": "0.5", "healthy": "0.5"}, mapping).places == (1, 0)


def test_a_class_without_a_column_is_refused() -> None:
    assert "no column for c: set submission.columns" in refuse("a b c", {"a": "0", "b": "0"})


def test_a_column_without_a_class_is_refused() -> None:
    assert "no class for the column d" in refuse("a b", {"a": "0", "b": "0", "d": "0"})


def test_two_classes_with_the_same_column_are_refused() -> None:
    assert "the same column" in refuse("a b", {"a": "0", "c": "0"}, {"columns": {"b": "a"}})


def test_a_mapping_of_no_class_is_refused() -> None:
    assert "submission.columns names z" in refuse("a b", {"a": "0", "b": "0"}, {"columns": {"z": "a"}})


def test_a_column_that_would_stay_as_in_the_sample_is_refused() -> None:
    assert "would stay as in the sample (c1)" in refuse("c0 c1", {"c0": "0.5", "c1": "0.5"}, {"label_column": "c0"})


def test_the_boxes_of_the_test_images_are_no_answer() -> None:
    sides = dict(zip(("x1", "y1", "x2", "y2"), "ltrb", strict=True))
    sample = {"label": "", "l": "0", "t": "0", "r": "9", "b": "9"}
    assert check("cat dog", sample, test={"images": "{id}", "box": sides}).columns == ("label",)


def test_labels_in_several_columns_are_refused_with_the_form_to_set() -> None:
    assert "set submission.form: columns" in refuse("a b", {"a": "0", "b": "0"}, {"form": "label"})


def test_columns_in_one_column_are_refused() -> None:
    assert "set submission.form: label" in refuse("a b", {"label": "a"}, {"form": "columns"})


def test_a_column_that_the_sample_lacks_is_refused() -> None:
    assert "no column answer" in refuse("a b", {"label": ""}, {"label_column": "answer"})


def test_a_sample_of_several_labels_wants_them_ranked_and_as_many() -> None:
    assert check("100 101 102 103 104", {"hotel": "100 101 102"}) == AnswerForm("ranked", ("hotel",), ranks=3)


def test_there_are_no_more_ranks_than_classes() -> None:
    assert check("x y", {"label": ""}, {"form": "ranked"}).ranks == 2


def test_more_ranks_in_the_sample_than_in_the_file_are_refused() -> None:
    assert "set submission.ranks: 3" in refuse("1 2 3 4", {"label": "1 2 3"}, {"form": "ranked", "ranks": 2})


def test_ranked_classes_with_a_space_are_refused() -> None:
    described = competition(submission={"form": "ranked"})
    sample = pd.DataFrame({"image_id": ["1"], "label": [""]})
    with pytest.raises(InputError, match="has inside"):
        check_sample(sample, described, ["brown spot", "normal"])


def test_several_labels_are_read_by_their_separator() -> None:
    assert check("a b", {"label": "a|b"}, task="multilabel", label_separator="|").form == "labels"


def test_numbers_where_the_sample_has_text_are_refused() -> None:
    assert "has the answer dog" in refuse("", {"label": "dog"}, task="regression")


def test_one_number_for_two_columns_is_refused() -> None:
    assert "does not fill" in refuse("", {"a": "1", "b": "2"}, task="regression")


def test_the_form_is_told_in_words() -> None:
    form = check("0 1", {"label": "0.5"})
    assert form.describe(["0", "1"]) == "the probability of 1 in column label (submission.form: probability)"


CELLS = st.text(max_size=40) | st.sampled_from(["", "0", "0.5", "1", "a", "a b", "1e3", "nan"])
NAMES = st.text(min_size=1, max_size=60)


@given(st.data())
def test_any_sample_is_taken_or_refused_in_one_short_sentence(data: st.DataObject) -> None:
    task = data.draw(st.sampled_from(["multiclass", "binary", "multilabel", "regression"]))
    forms = {"multilabel": ["labels", "ranked", "columns"], "regression": ["numbers"]}
    form = data.draw(st.sampled_from([None, *forms.get(task, ["label", "ranked", "probability", "columns"])]))
    columns = data.draw(st.lists(NAMES.filter(lambda name: name != "id"), min_size=1, max_size=4, unique=True))
    classes = data.draw(st.lists(NAMES, min_size=2, max_size=4, unique=True))
    sample = pd.DataFrame({"id": ["1", "2"], **{name: data.draw(st.tuples(CELLS, CELLS)) for name in columns}})
    described = competition(task=task, submission={"id_column": "id", "form": form})
    try:
        answer = check_sample(sample, described, classes)
    except InputError as refusal:
        assert len(str(refusal)) <= SHOWN_CHARACTERS
    else:
        assert answer.columns == tuple(columns)


@pytest.mark.parametrize(
    ("form", "columns", "told"),
    [
        (AnswerForm("probability", ("label",), (1,)), "cat dog", "the probability of dog in column label"),
        (AnswerForm("columns", ("cat", "dog"), (0, 1)), "cat dog", "a probability for each class in 2 columns"),
        (AnswerForm("numbers", ("age",), (0,)), "", "the number in column age"),
        (AnswerForm("numbers", ("x", "y"), (0, 1)), "x y", "the numbers in 2 columns"),
    ],
)
def test_each_form_is_told_with_its_columns(form: AnswerForm, columns: str, told: str) -> None:
    assert form.describe(columns.split()) == f"{told} (submission.form: {form.form})"


def test_one_number_is_the_models_first() -> None:
    assert check("", {"age": "20.5"}, task="regression") == AnswerForm("numbers", ("age",), (0,))
    assert check("x y", {"y": "1", "x": "2"}, task="multi_regression") == AnswerForm("numbers", ("y", "x"), (1, 0))


def test_a_positive_class_is_found_as_it_is_written_before_its_capitals_are_left_out() -> None:
    assert check("dog Dog", {"label": "0.5"}, positive_class="Dog").places == (1,)
    assert check("CAT DOG", {"label": "0.5"}, positive_class="dog").places == (1,)
    assert "positive_class: cow is none" in refuse("cat dog", {"label": "0.5"}, positive_class="cow")


@pytest.mark.parametrize(
    ("classes", "metric", "form"),
    [
        ("cat dog", "auc", "probability"),
        ("cat dog", "log_loss", "probability"),
        ("cat dog", "accuracy", "label"),
        ("cat dog cow", "accuracy", "label"),
        ("cat dog cow", "map_at_k", "ranked"),
    ],
)
def test_what_the_metric_needs_is_handed_in_where_the_sample_is_empty(classes: str, metric: str, form: str) -> None:
    task = "binary" if metric == "auc" else "multiclass"
    positive = "dog" if classes == "cat dog" else None
    assert check(classes, {"label": ""}, metric=metric, task=task, positive_class=positive).form == form


def test_two_labels_in_a_cell_are_ranked_and_as_many_as_are_allowed_fit() -> None:
    assert check("1 2 3", {"label": "1 2"}) == AnswerForm("ranked", ("label",), ranks=2)
    assert check("1 2 3", {"label": "1 2"}, {"ranks": 2}).ranks == 2


def test_a_sample_of_a_number_above_one_is_no_probability_but_may_be_a_number() -> None:
    assert check("", {"age": ["20.5", "30"]}, task="regression").form == "numbers"
    assert "has the number 20 where submission.form: probability" in refuse(
        "0 1", {"label": ["20", "0"]}, {"form": "probability"}
    )


def test_a_refusal_counts_columns_and_classes() -> None:
    assert "has 2 answer columns (a, b)" in refuse("cat dog", {"a": "", "b": ""}, {"form": "label"})
    assert "the 3 classes differ" in refuse("a b c", {"a": "0.5", "b": "0.5"})


def check_header(classes: str, column: str = "label", **changes: object) -> AnswerForm:
    header = pd.DataFrame(columns=["id", *column.split()], dtype=str)
    return check_sample(header, competition(submission={"id_column": "id"}, **changes), classes.split())


@pytest.mark.parametrize(
    ("keys", "form"),
    [
        ({"metric": "auc", "task": "binary"}, "probability"),
        ({"metric": "f1", "task": "binary"}, "label"),
        ({"metric": "accuracy"}, "label"),
        ({"task": "multilabel"}, "labels"),
    ],
)
def test_the_form_of_a_sample_without_rows_is_that_of_its_metric_or_task(keys: dict[str, str], form: str) -> None:
    assert check_header("0 1", **keys).form == form


def test_several_columns_without_rows_are_probabilities() -> None:
    assert check_header("cat dog", "dog cat", metric="log_loss").places == (1, 0)


def test_two_classes_in_a_sample_without_rows_ask_for_the_metric_or_the_form() -> None:
    with pytest.raises(InputError, match=r"has no rows, .*set metric, or submission.form: label or probability"):
        check_header("0 1")


@pytest.mark.parametrize("task", ["regression", "unit_regression"])
def test_a_sample_of_whole_numbers_alone_asks_whether_they_are_amounts(task: str) -> None:
    assert "set submission.form: numbers if these are amounts, or else task: multiclass" in refuse(
        "", {"diagnosis": ["0", "1"]}, task=task
    )
    assert check("", {"diagnosis": ["0", "1"]}, {"form": "numbers"}, task=task).form == "numbers"


def test_zeros_in_several_columns_of_numbers_are_taken() -> None:
    assert check("x y", {"x": "0", "y": "0"}, task="multi_regression").form == "numbers"


def test_a_class_in_the_column_of_another_class_is_refused() -> None:
    sample = {"c0": "0.5", "c1": "0.5"}
    message = refuse("c0 c1", sample, {"columns": {"c0": "c1", "c1": "c0"}})
    assert "submission.columns has c0: c1, but c1 is a class too" in message
    assert "remove that line, or" in message
    assert check("c0 c1", sample, {"columns": {"c0": "c0"}}).places == (0, 1)


def test_the_columns_of_renamed_classes_are_told() -> None:
    mapping = {"columns": {"0": "healthy", "1": "rust"}}
    told = check("0 1 2", {"rust": "0.5", "healthy": "0.5", "2": "0"}, mapping).describe(["0", "1", "2"])
    assert told.endswith("(submission.form: columns), 1 in column rust, 0 in column healthy")


def test_of_many_renamed_classes_three_are_told() -> None:
    places = tuple(range(4))
    told = AnswerForm("columns", tuple("wxyz"), places).describe(tuple("abcd"))
    assert told.endswith("a in column w, b in column x, c in column y, ...")


def test_more_ranks_in_the_file_than_in_the_sample_are_refused() -> None:
    message = refuse("1 2 3 4", {"label": "1 2"}, {"form": "ranked", "ranks": 3})
    assert "set submission.ranks: 2, or metric_k: 3 as well" in message
    assert check("1 2 3 4", {"label": "1 2"}, {"ranks": 3}, metric="map_at_k", metric_k=3).ranks == 3


def test_ranks_that_the_metric_does_not_count_are_refused() -> None:
    assert "as submission.ranks says, but metric: map_at_k counts 4: set metric_k: 2, or" in refuse(
        "1 2 3 4 5 6", {"label": ""}, {"ranks": 2}, metric="map_at_k", metric_k=4
    )
    assert "3 labels an image are handed in, as sample_submission.csv says, but metric: map_at_k counts 5" in refuse(
        "1 2 3 4 5 6", {"label": "1 2 3"}, metric="map_at_k"
    )


def test_fewer_ranks_than_the_sample_shows_are_no_mend() -> None:
    assert refuse("1 2 3 4", {"label": "1 2 3"}, metric="map_at_k", metric_k=2).endswith("set metric_k: 3.")


def test_as_many_ranks_are_handed_in_as_the_metric_counts_where_nothing_else_tells() -> None:
    assert check("1 2 3 4 5 6", {"label": ""}, metric="map_at_k", metric_k=2).ranks == 2


def test_ranks_of_all_classes_are_told_as_such() -> None:
    form = check("x y z", {"label": "x y z x y"}, metric="map_at_k")
    assert form.describe(["x", "y", "z"]).startswith("the 3 likeliest classes (all there are) in column label")


@pytest.mark.parametrize(("task", "mend"), [("multiclass", "submission.form: ranked and"), ("ordinal", "task: multi")])
def test_one_label_where_the_sample_has_several_in_a_cell_is_refused(task: str, mend: str) -> None:
    message = refuse("1 2 3", {"label": "1 2"}, {"form": "label"}, task=task)
    assert f"rows of 2 labels, but submission.form: label writes one: set {mend}" in message


@pytest.mark.parametrize("metric", ["accuracy", "error", "f1", "macro_f1", "quadratic_weighted_kappa"])
def test_a_metric_of_labels_for_columns_of_probabilities_is_refused_unless_the_file_names_the_form(metric: str) -> None:
    sample = {"a": "0.5", "b": "0.5"}
    message = refuse("a b", sample, metric=metric)
    assert f"metric: {metric} scores labels" in message
    assert "set metric to log_loss or mean_auc, or write submission.form: columns" in message
    assert check("a b", sample, {"form": "columns"}, metric=metric).form == "columns"


def test_a_metric_of_labels_for_a_probability_is_refused() -> None:
    assert "set metric to log_loss or auc" in refuse("0 1", {"label": "0.5"}, task="binary", metric="f1")
