"""A competition is one YAML file."""

from pathlib import Path

import pytest
from pydantic import ValidationError
from scoretable.competition.description import Competition, load_competition
from scoretable.workspace.errors import InputError

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "workflow/competitions"


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("*.yaml")))
def test_each_file_of_the_repository_fits_the_schema(name: str) -> None:
    assert load_competition(name, FOLDER).name == name


def test_a_competition_without_a_file_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(InputError, match=r"did you mean paddy-disease-classification\?"):
        load_competition("paddy-disease", FOLDER)


@pytest.mark.parametrize("name", ["zebrafish-embryos", "paddy-disease", "x" * 200])
def test_a_competition_without_a_file_is_refused_in_a_sentence_that_can_be_read_at_once(name: str) -> None:
    with pytest.raises(InputError, match="git add") as caught:
        load_competition(name, FOLDER)
    assert len(str(caught.value).replace(str(FOLDER), "workflow/competitions")) <= 300
    assert f"competition: {name[:60]} has no file in {FOLDER}" in str(caught.value)


def refuse(tmp_path: Path, text: str) -> str:
    (tmp_path / "mine.yaml").write_text(text)
    with pytest.raises(InputError) as caught:
        load_competition("mine", tmp_path)
    assert str(caught.value).startswith(str(tmp_path / "mine.yaml"))
    return str(caught.value)


def test_an_unknown_key_is_refused_by_its_place(tmp_path: Path) -> None:
    text = (
        "title: t\nsource: kaggle\ntrain: {images: 'a/{id}', lable_column: x}\ntest: {images: 'b/{id}'}\n"
        "submission: {}\n"
    )
    assert "unknown key train.lable_column (did you mean label_column?)" in refuse(tmp_path, text)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("train: cats", "train must hold `key: value` lines"),
        ("train: {images: {id}}", "train.images must be text: put it in quotes"),
        ("sauce: kaggle", "unknown key sauce (did you mean source?)"),
        ("train:\n\timages: a", "indent with spaces, not with tabs"),
        ("title:\tA\n\ttask: one_label", "indent with spaces, not with tabs"),
        ("title: A\ntask: one_label\ntitle: B", "the key title stands there twice): delete one of the two lines"),
        ("title: Cats: the big one", "put text that contains a colon in quotes"),
    ],
)
def test_a_likely_mistake_is_refused_with_what_to_do(tmp_path: Path, line: str, sentence: str) -> None:
    lines = {
        "title": "title: t", "source": "source: kaggle", "train": "train: {images: 'a/{id}', table: t.csv}",
        "test": "test: {images: 'b/{id}'}", "submission": "submission: {}",
    }  # fmt: skip
    lines[line.split(":", maxsplit=1)[0]] = line
    assert sentence in refuse(tmp_path, "\n".join(lines.values()))


def test_an_images_pattern_without_id_is_refused(tmp_path: Path) -> None:
    text = "title: t\nsource: kaggle\ntrain: {table: t.csv, images: 'a'}\ntest: {images: 'b/{id}'}\nsubmission: {}\n"
    assert "must contain {id}" in refuse(tmp_path, text)


def test_labels_that_come_from_nowhere_are_refused(tmp_path: Path) -> None:
    text = (
        "title: t\nsource: kaggle\ntrain: {label_column: null, images: 'a/{id}'}\ntest: {images: 'b/{id}'}\n"
        "submission: {}\n"
    )
    assert "needs label_column or label_columns of a table, or {label}" in refuse(tmp_path, text)


@pytest.mark.parametrize("encoding", ["cp9999", "zip"])
def test_what_is_no_encoding_of_text_is_refused(tmp_path: Path, encoding: str) -> None:
    text = (
        f"title: t\nsource: kaggle\nencoding: {encoding}\ntrain: {{table: t.csv, images: 'a/{{id}}'}}\n"
        "test: {images: 'b/{id}'}\nsubmission: {}\n"
    )
    assert f"encoding: {encoding} is unknown: take one such as cp949, cp932," in refuse(tmp_path, text)


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    assert "does not fit the schema" in refuse(tmp_path, "")


TASK = (
    "title: t\nsource: kaggle\ntrain: {table: t.csv, images: 'a/{id}'}\ntest: {images: 'b/{id}'}\nsubmission: {}\n"
    "task: "
)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("ranking", "task: input should be 'multiclass', 'binary', 'multilabel', 'ordinal',"),
        ("regression\nmetric: accuracy", "set task: multiclass or binary or multilabel or ordinal, or metric: rmse"),
        ("regression\nmetric: auc", "does not fit task: regression: set task: binary, or metric: rmse or mae or rmsle"),
        ("multilabel\nmetric: f2", "metric: f2 is unknown (did you mean fbeta with metric_beta: 2?)"),
        ("binary\nclasses: 3", "remove classes, or set task: multiclass or ordinal"),
        ("regression\nclasses: 2", "remove classes, or set task: binary"),
        ("multiclass\nmetric: mean_ac", "metric: mean_ac is unknown (did you mean mean_auc?): take accuracy, error,"),
        ("multiclass\nmetric: accuracy\nmetric_k: 3", "metric_k does not fit metric: accuracy: remove it: it is for"),
        ("multilabel\nmetric: fbeta\nmetric_beta: 0", "metric_beta: input should be greater than 0"),
        ("binary\nclasses: 3", "classes: 3 does not fit task: binary"),
        ("regression\nclasses: 3", "classes: 3 does not fit task: regression"),
        ("binary\nlabel_separator: '|'", "label_separator does not fit task: binary"),
    ],
)
def test_what_does_not_fit_the_task_is_refused(tmp_path: Path, text: str, sentence: str) -> None:
    assert sentence in refuse(tmp_path, TASK + text)


def test_a_metric_that_does_not_fit_the_task_is_refused_with_those_of_the_form_that_the_file_gives(
    tmp_path: Path,
) -> None:
    text = TASK.replace("submission: {}", "submission: {form: probability}") + "binary\nmetric: mean_auc"
    said = refuse(tmp_path, text)
    assert said.endswith("set task: multiclass, or metric: log_loss or auc or weighted_auc or probabilistic_f1.")


def test_a_misspelt_metric_is_refused_in_a_sentence_that_can_be_read_at_once(tmp_path: Path) -> None:
    assert "did you mean macro_f1?" in refuse(tmp_path, TASK + "multiclass\nmetric: marco_f1")
    assert len(refuse(tmp_path, TASK + "multiclass\nmetric: marco_f1").replace(str(tmp_path), "")) <= 300


@pytest.mark.parametrize(("metric", "larger"), [("auc", True), ("log_loss", False), ("error", False), ("f1", True)])
def test_the_direction_is_that_of_the_metric(tmp_path: Path, metric: str, larger: bool) -> None:
    (tmp_path / "mine.yaml").write_text(TASK + f"binary\nmetric: {metric}")
    assert load_competition("mine", tmp_path).larger_is_better is larger


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("binary", "accuracy"),
        ("multilabel\nmetric: f1", "f1"),
        ("regression", "rmse"),
        ("regression\nmetric: mae", "mae"),
    ],
)
def test_a_competition_is_scored_by_what_it_says_or_by_what_fits_its_task(
    tmp_path: Path, text: str, score: str
) -> None:
    (tmp_path / "mine.yaml").write_text(TASK + text)
    assert load_competition("mine", tmp_path).score == score


@pytest.mark.parametrize(
    ("keys", "reason"),
    [
        ("task: regression\nsubmission: {form: label}", "form: label does not fit task: regression: set it to numbers"),
        ("submission: {label_column: a, label_columns: [b]}", "both label_column and label_columns"),
        ("submission: {empty: likeliest}", "submission.empty is for submission.form: labels: remove it"),
        (
            "task: multilabel\nsubmission: {form: ranked, empty: empty}",
            "submission.empty is for submission.form: labels",
        ),
        ("submission: {form: label, ranks: 3}", "submission.ranks does not fit submission.form: label"),
        ("submission: {form: label, columns: {a: b}}", "submission.columns does not fit submission.form: label"),
        ("task: multilabel\npositive_class: 1\nsubmission: {}", "positive_class does not fit task: multilabel"),
    ],
)
def test_keys_of_a_submission_that_contradict_each_other_are_refused(tmp_path: Path, keys: str, reason: str) -> None:
    rest = "title: t\nsource: kaggle\ntrain: {table: t.csv, images: 'a/{id}'}\ntest: {images: 'b/{id}'}\n"
    assert reason in refuse(tmp_path, f"{rest}{keys}\n")


def test_classes_that_yaml_reads_as_numbers_are_names_of_columns(tmp_path: Path) -> None:
    rest = "title: t\nsource: kaggle\ntrain: {table: t.csv, images: 'a/{id}'}\ntest: {images: 'b/{id}'}\n"
    (tmp_path / "c.yaml").write_text(f"{rest}submission: {{columns: {{0: healthy, 1: rust}}}}\n")
    assert load_competition("c", tmp_path).submission.column_of == {"0": "healthy", "1": "rust"}


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ("train: {table: t.csv, images: 'a/{id}', label_column: b, label_columns: [b, c]}", "keep one of them"),
        (
            "train: {images: 'a/{label}/{id}', group_column: b}",
            "train.group_column: b is no field of train.images",
        ),
        ("train: {table: t.csv, images: 'a/{id}', classes: [b]}", "the images pattern has no {label}"),
        ("test: {images: 'a/{label}/{id}'}", "test.images: a/{label}/{id} may not contain {label}"),
        ("task: binary\ntrain: {table: t.csv, images: 'a/{id}', label_columns: [b, c]}", "does not fit task: binary"),
        ("task: regression\ntrain: {table: t.csv, images: 'a/{id}', label_map: {b: c}}", "whose labels are numbers"),
        ("policies: {repeated_rows: join}", "join does not fit task: multiclass"),
        (
            "task: multilabel\nlabel_separator: ' '\ntrain: {table: t.csv, images: 'a/{id}', label_columns: [b c, d]}",
            "the column b c contains the label_separator ' '",
        ),
    ],
)
def test_keys_of_a_layout_that_do_not_fit_each_other_are_refused(tmp_path: Path, lines: str, sentence: str) -> None:
    parts = {"train": "{table: t.csv, images: 'a/{id}'}", "test": "{images: 'b/{id}'}", "submission": "{}"}
    parts |= dict(line.split(": ", 1) for line in lines.splitlines())
    text = "title: t\nsource: kaggle\n" + "".join(f"{key}: {value}\n" for key, value in parts.items())
    message = refuse(tmp_path, text)
    assert sentence in message
    assert len(message) - len(str(tmp_path)) <= 300


def described(**keys: object) -> Competition:
    train = {"table": "t.csv", "images": "a/{id}"} | keys.pop("train", {})
    parts = {"name": "c", "title": "t", "source": "kaggle", "test": {"images": "b/{id}"}, "submission": {}}
    return Competition.model_validate(parts | {"train": train} | keys)


@pytest.mark.parametrize(
    ("columns", "separator"),
    [
        (["rust", "scab"], " "),
        (["brown spot", "scab"], ","),
        (["brown spot", "a,b"], ";"),
        (["brown spot", "a,b", "c;d"], "|"),
        ([" ,;|", "x\ty"], " "),
    ],
)
def test_labels_of_columns_are_separated_by_what_no_name_of_a_column_has(columns: list[str], separator: str) -> None:
    labelled = {"train": {"label_columns": columns}, "task": "multilabel"}
    assert described(**labelled).label_separator == separator
    assert described(**labelled, label_separator="/").label_separator == "/"
    assert described(**labelled | {"task": "multiclass"}).label_separator == " "
    read = {key: value for key, value in described(**labelled) if key != "label_separator"}
    assert Competition.model_validate(read).label_separator == separator  # of a train that is read already


@pytest.mark.parametrize(
    "content", [7, {"task": "multilabel", "train": 7}, {"task": "multilabel", "train": {"label_columns": 7}}]
)
def test_what_is_no_mapping_or_no_list_is_refused_by_the_schema(content: object) -> None:
    with pytest.raises(ValidationError):
        Competition.model_validate(content)


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ("name: mine", "mine.yaml has the key name: remove it, since the file's own name is the competition's."),
        ("value_range: [5, 5]", "mine.yaml: value_range must be [black, white], the smaller value first."),
        (
            "train: {table: s.csv, images: 'a/{id}'}",
            "train.table and submission.sample are both s.csv: set train.table",
        ),
        ("test: {table: t.csv, coco: c.json, images: 'b/{id}'}", "mine.yaml: test has a table and a coco file: keep"),
        ("metric_beta: 1", "metric_beta does not fit metric: accuracy: remove it: it is for fbeta."),
        ("train: {images: '{id}', box: {x1: a, y1: b, x2: c, y2: d, z: e}}", "unknown key train.box.z"),
        ("policies: {empty_label: skip}", "unknown key policies.empty_label (did you mean empty_labels?)"),
        ("metric: 7", "metric: 7 is unknown"),
        ("classes: many", "classes: input should be a valid integer"),
    ],
)
def test_what_contradicts_itself_or_is_unknown_is_refused(tmp_path: Path, lines: str, sentence: str) -> None:
    parts = {"title": "t", "source": "kaggle", "submission": "{sample: s.csv}"}
    parts |= {"train": "{table: t.csv, images: 'a/{id}'}", "test": "{images: 'b/{id}'}"} | dict([lines.split(": ", 1)])
    assert sentence in refuse(tmp_path, "".join(f"{key}: {value}\n" for key, value in parts.items()))


def test_keys_that_fit_each_other_are_taken(tmp_path: Path) -> None:
    lines = [
        "task: multilabel\nmetric: fbeta\nmetric_beta: 0.5\nlabel_separator: '|'\npolicies: {repeated_rows: join}",
        "task: multiclass\nmetric: map_at_k\nmetric_k: 3\nclasses: 2\nvalue_range: [0, 1]\nencoding: cp949",
        "task: binary\nclasses: 2",
        "task: ordinal\nclasses: 3",
    ]
    rest = TASK.removesuffix("task: ")
    graded = rest.replace("train: {table: t.csv,", "train: {table: t.csv, classes: [none, mild, severe],")
    for text in [rest + line for line in lines] + [graded + "task: ordinal"]:
        (tmp_path / "mine.yaml").write_text(text)
        assert load_competition("mine", tmp_path).name == "mine"
