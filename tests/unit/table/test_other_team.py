"""A second team types in its own rows, of another competition by another metric, and touches no code."""

import re
from pathlib import Path

import pytest
from made_experiments import add_experiment
from scoretable.cli import main as cli
from scoretable.page.page import write_page
from scoretable.table.reported_rows import load_reported_rows, load_tables
from scoretable.table.reproduce import plan_runs, resolve_reruns
from scoretable.table.rerun_params import FULL_SIZE, parse_scale
from scoretable.table.table import read_score_table
from scoretable.table.text import sentences, table_lines, write_text
from scoretable.workspace.errors import InputError

DOGS = """\
row,competition,model,image_size,epochs,batch_size,optimizer,learning_rate,dropout,reported_time,reported_score,insight
1,dog-breed-identification,ResNet50,224,10,32,adam,0.001,0,31 min,1.20417,
2,dog-breed-identification,InceptionV3,299,10,32,adam,0.001,0.5,48 min,0.61250,Dropout keeps it from being too sure.
3,dog-breed-identification,Xception,299,10,32,adam,0.0001,0.5,55 min,0.38911,
4,dog-breed-identification,Xception,299,20,32,sgd,0.01,0.5,1 h 50 min,0.31782,
5,dog-breed-identification,convnext_base_384,384,5,16,adamw,0.00005,,2 h 4 min,0.20316,Made with another library.
"""


@pytest.fixture
def dogs(repository: Path) -> Path:
    """A repository in which the table of dogs stands beside that of the leaves."""
    (repository / "workflow/tables/dogs.csv").write_text(DOGS)
    return repository


def alone(repository: Path) -> Path:
    (repository / "workflow/tables/paddy.csv").unlink()
    return repository


def test_the_rows_stand_with_their_scores_under_their_own_metric(dogs: Path) -> None:
    lines = list(table_lines(read_score_table(alone(dogs))))
    assert [(line["row"], line["metric"], line["public"]) for line in lines][:2] == [
        ("1", "log_loss", "1.20417"), ("2", "log_loss", "0.61250"),
    ]  # fmt: skip
    assert "Of log_loss, smaller values are better." in list(sentences(read_score_table(dogs)))


def test_params_in_which_the_rows_differ_have_columns(dogs: Path) -> None:
    first, _, third, _, fifth = table_lines(read_score_table(alone(dogs)))
    assert (third["learning_rate"], third["dropout"], third["model"]) == ("0.0001", "0.5", "Xception")
    assert (first["dropout"], fifth["dropout"]) == ("0.0", "-"), "0 is reported, and an empty cell is not"


def test_beside_rows_of_another_competition_each_names_its_own_and_its_table(dogs: Path) -> None:
    lines = list(table_lines(read_score_table(dogs)))
    assert [(line["row"], line["competition"]) for line in (lines[0], lines[-1])] == [
        ("dogs/1", "dog-breed-identification"), ("paddy/8", "paddy-disease-classification"),
    ]  # fmt: skip
    assert "competition" not in next(table_lines(read_score_table(alone(dogs))))


def test_the_page_and_the_markdown_have_the_rows(dogs: Path) -> None:
    table = read_score_table(alone(dogs))
    assert len(re.findall(r'<tr data-id="[^"]*" class="reported">', write_page(table, dogs))) == 5
    assert len(re.findall(r"^\| \d +\| reported ", write_text(table, "github"), re.MULTILINE)) == 5


@pytest.mark.usefixtures("dogs")
def test_the_command_shows_them(repository: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.chdir(repository)
    assert cli.main(["table"]) == 0
    assert "convnext_base_384" in capsys.readouterr().out


def test_a_repository_without_any_table_has_its_own_rows_only(repository: Path) -> None:
    add_experiment(repository, "mine", 0.5)
    table = read_score_table(alone(repository))
    assert [line["name"] for line in table_lines(table)] == ["mine"]
    assert "mine" in write_page(table, repository)


def test_their_rows_are_rerun_under_their_table_and_with_their_params(dogs: Path) -> None:
    third, eighth = plan_runs(["dogs/3", "8"], None, FULL_SIZE, 1, [], dogs)
    assert (third.name, third.session.reruns) == ("row-dogs-3", "dogs/3")
    assert (third.params.competition, third.params.dropout, third.params.model) == (
        "dog-breed-identification", 0.5, "Xception",
    )  # fmt: skip
    assert (eighth.name, eighth.session.reruns) == ("row-8", "paddy/8")


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("3", "several tables have a row 3: give dogs/3 or paddy/3."),
        ("all", "several tables have rows: give dogs/all or paddy/all."),
        ("cats/1", "workflow/tables has no table cats: write one, as docs/score-table.md says, or correct cats/1."),
        ("dogs/9", "there is no row dogs/9 in the score table: choose from dogs/1, dogs/2, dogs/3, dogs/4, dogs/5"),
        ("dogs/5", r"row 5: model: is unknown|row 5: model"),
    ],
)
def test_what_is_not_clear_or_cannot_be_rerun_is_refused(dogs: Path, asked: str, told: str) -> None:
    with pytest.raises(InputError) as refusal:
        plan_runs([asked], None, FULL_SIZE, 1, [], dogs)
    assert re.search(told, str(refusal.value))


def test_a_share_of_images_that_nobody_counted_is_refused(dogs: Path) -> None:
    with pytest.raises(InputError, match=r"dog-breed-identification.yaml does not say train_images and test_images"):
        plan_runs(["dogs/3"], None, parse_scale(["images=0.1"]), 1, [], dogs)
    (run,) = plan_runs(["dogs/3"], None, parse_scale(["epochs=0.1,size=0.5"]), 1, [], dogs)
    assert (run.params.epochs, run.params.image_size) == (1, 150)


@pytest.mark.parametrize(
    ("params", "reference"),
    [
        ({"reruns": "dogs/3"}, "dogs/3"),
        ({"reruns": "cats/3"}, None),
        ({"reruns": 8, "competition": "sandbox"}, "paddy/8"),
        ({"reruns": 3, "competition": "dog-breed-identification", "model": "VGG16"}, "dogs/3"),
        ({"reruns": 3, "competition": "sandbox", "model": "InceptionV3"}, "paddy/3"),
        ({"reruns": 3, "competition": "sandbox", "model": "VGG16"}, None),
        ({"reruns": None}, None),
    ],
)
def test_a_row_that_names_its_reported_row_by_a_number_alone_stays_readable(
    dogs: Path, params: dict[str, object], reference: str | None
) -> None:
    assert resolve_reruns(params, load_tables(dogs)) == reference


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("model\nVGG16\n", "has no column row: add one"),
        ("", "has no column row"),
        ("row,modell\n1,VGG16\n", r"the column modell is unknown \(did you mean model\?\)"),
        ("row,row\n1,1\n", "has two columns row"),
        ("row,assumed_dropot\n1,0\n", r"assumed_dropot is unknown \(did you mean assumed_dropout\?\)"),
        ("row,model\none,VGG16\n", "row one: row: one is not a whole number from 1"),
        ("row,model\n,VGG16\n", "a row without a number: it has no number"),
        ("row,model\n1,VGG16\n1,VGG19\n", "has two rows 1"),
        ("row,epochs\n1,ten\n", "row 1: epochs: ten does not fit"),
        ("row,image_size\n1,224*244\n", "row 1: image_size: 224.244 does not fit .*such as 448x320"),
        ("row,image_height\n1,224\n", "row 1: it needs image_height and image_width, or image_size alone"),
        ("row,reported_score\n1,-0.5\n", "row 1: reported_score: -0.5 is no log_loss, which goes from 0 to inf"),
        ('row,reported_score\n1,"0,31"\n', "row 1: reported_score: 0,31 is not a number such as 0.84"),
        ("row,reported_rank\n1,first\n", "row 1: reported_rank: first is not a whole number"),
        (
            "row,competition\n1,dog-breed-identificatoin\n",
            "row 1: competition: dog-breed-identificatoin has no file in .*did you mean dog-breed-",
        ),
    ],
)
def test_a_bad_table_gets_one_sentence_with_the_row_and_the_column(repository: Path, text: str, told: str) -> None:
    path = repository / "workflow/tables/dog-breed-identification.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=told) as refusal:
        load_tables(repository)
    assert str(refusal.value).startswith(str(path))


def test_a_table_that_is_named_for_no_competition_says_what_to_fill_in(repository: Path) -> None:
    (repository / "workflow/tables/cats.csv").write_text("row,model\n1,VGG16\n")
    with pytest.raises(InputError, match=r"cats.csv, row 1: it names no competition, .*scoretable init cats"):
        load_tables(repository)


def test_a_table_named_for_its_competition_needs_no_column_for_it(repository: Path) -> None:
    path = repository / "workflow/tables/dog-breed-identification.csv"
    path.write_text("row;model;image_height;image_width;weights;augment\n\n1;VGG16;224;320;null;[flip, crop]\n")
    (row,) = load_reported_rows(path, repository / "workflow/competitions").values()
    assert (row.competition, row.metric, row.larger_is_better) == ("dog-breed-identification", "log_loss", False)
    assert row.params == {"model": "VGG16", "image_size": "224x320", "weights": None, "augment": ["flip", "crop"]}
