"""`scoretable check` tells how a competition's file fits its archive, and `scoretable init` writes that file."""

import re
import shutil
import zipfile
from pathlib import Path

import pytest
from drawn_competitions import draw_archive
from kaggle_server import Kaggle
from PIL import Image
from scoretable.cli import main as cli
from told import told

ROOT = Path(__file__).parents[3]
FILE = """\
title: Pets
source: archive
task: binary
positive_class: dog
metric: log_loss
train:
  table: train.csv
  id_column: id
  label_column: pet
  images: train/{id}
test:
  images: test/{id}
submission:
  id_column: id
"""


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the competition `pets`, whose images are not even images."""
    for name in ("params.yaml", "session.yaml"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "workflow/competitions").mkdir(parents=True)
    (tmp_path / "workflow/competitions/pets.yaml").write_text(FILE)
    draw(tmp_path, "id,pet\n1,cat\n2,dog\n3,dog\n4,dog\n5,cat\n", "id,label\n8,0.5\n9,0.5\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def draw(folder: Path, table: str, sample: str) -> None:
    archive = folder / "data/archives/pets.zip"
    archive.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(archive, "w") as written:
        written.writestr("train.csv", table)
        written.writestr("sample_submission.csv", sample)
        for name in [*(f"train/{number}.jpg" for number in range(1, 6)), "test/8.jpg", "test/9.jpg"]:
            written.writestr(name, "no image")


def test_what_fits_is_told_in_a_few_lines(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["check", "pets"]) == 0
    assert capsys.readouterr().out == (
        "workflow/competitions/pets.yaml fits data/archives/pets.zip:\n"
        "  training  5 images, 2 classes: from 2 (cat) to 3 (dog)\n"
        "  test      2 images\n"
        "  answer    the probability of dog in column label (submission.form: probability)\n"
        "  metric    log_loss (smaller is better)\n"
    )


@pytest.mark.parametrize(
    ("column", "described", "metric", "training", "told"),
    [
        ("tags", "label_column: tags", "task: multilabel\nmetric: fbeta", "5 images, 2 labels", "fbeta with beta 2"),
        (
            "tags",
            "label_column: tags",
            "task: multilabel\nmetric: fbeta\nmetric_beta: 0.5",
            "5 images, 2 labels",
            "fbeta with beta 0.5",
        ),
        ("x,y", "label_columns: [x, y]", "task: multi_regression", "5 images, 2 numbers each", "rmse"),
    ],
)
def test_several_numbers_and_the_setting_of_a_metric_are_told(
    workspace: Path, capsys: pytest.CaptureFixture[str],
    column: str, described: str, metric: str, training: str, told: str,
) -> None:  # fmt: skip
    cells = ["a b", "b", "a", "b", "a"] if column == "tags" else ["1,2", "3,4", "5,6", "7,8", "9,1"]
    rows = "".join(f"{number},{cell}\n" for number, cell in enumerate(cells, 1))
    blank = "a" if column == "tags" else "0,0"
    draw(workspace, f"id,{column}\n{rows}", f"id,{column}\n8,{blank}\n9,{blank}\n")
    text = FILE.replace("task: binary\npositive_class: dog\nmetric: log_loss", metric)
    (workspace / "workflow/competitions/pets.yaml").write_text(text.replace("label_column: pet", described))
    assert cli.main(["check", "pets"]) == 0
    printed = capsys.readouterr().out
    assert f"  training  {training}\n" in printed and f"  metric    {told} (" in printed


@pytest.mark.parametrize(
    ("table", "sample", "named"),
    [
        ("id,animal\n1,cat\n2,dog\n", "id,label\n8,0.5\n9,0.5\n", "no column pet"),
        ("id,pet\n1,cat\n2,dog\n3,dog\n6,cat\n", "id,label\n8,0.5\n9,0.5\n", "6"),
        ("id,pet\n1,cat\n2,dog\n3,dog\n4,cat\n", "id,x,y,z\n8,0,0,0\n9,0,0,0\n", "submission.columns"),
    ],
)
def test_what_does_not_fit_is_one_short_sentence(
    workspace: Path, capsys: pytest.CaptureFixture[str], table: str, sample: str, named: str
) -> None:
    draw(workspace, table, sample)
    assert cli.main(["check", "pets"]) == 1
    printed = capsys.readouterr().err
    assert named in printed and printed.count("\n") == 1 and len(printed) <= 320


def test_a_metric_that_is_left_open_is_asked_for_where_the_tasks_own_does_not_score_the_answer(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = workspace / "workflow/competitions/pets.yaml"
    file.write_text(file.read_text().replace("metric: log_loss\n", ""))
    assert cli.main(["check", "pets"]) == 1
    message = capsys.readouterr().err
    assert "names no metric, and its sample wants submission.form: probability, which accuracy does not" in message
    assert "set metric to log_loss or auc or weighted_auc or probabilistic_f1" in message


@pytest.mark.parametrize(
    ("source", "mend"),
    [
        ("kaggle", ("`snakemake --cores 1 download`", "accept the rules", "`scoretable init pets --force`")),
        ("sandbox", ("`snakemake --cores 1 download`, which draws it",)),
        ("archive", ("put it at data/archives/pets.zip, or name its path as archive in session.yaml",)),
    ],
)
def test_without_an_archive_check_says_what_brings_it(
    workspace: Path, capsys: pytest.CaptureFixture[str], source: str, mend: tuple[str, ...]
) -> None:
    (workspace / "data/archives/pets.zip").unlink()
    file = workspace / "workflow/competitions/pets.yaml"
    file.write_text(FILE.replace("source: archive", f"source: {source}"))
    assert cli.main(["check", "pets"]) == 1
    printed = capsys.readouterr().err
    assert all(part in printed for part in mend) and len(printed) <= 320


def test_check_says_that_a_sample_has_no_rows(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    draw(workspace, "id,pet\n1,cat\n2,dog\n3,dog\n4,dog\n5,cat\n", "id,label\n")
    assert cli.main(["check", "pets"]) == 0
    printed = capsys.readouterr().out
    assert "test      2 images; sample_submission.csv has no rows, so the ids are the images' names" in printed


def bring(folder: Path, name: str, drawn: str) -> Path:
    """Put a drawn archive where the competition `name` has its own, and return where its file will be."""
    (folder / f"data/archives/{name}.zip").write_bytes(draw_archive(drawn))
    return folder / f"workflow/competitions/{name}.yaml"


def test_init_writes_a_file_draws_a_sheet_and_ends_as_check_does(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bring(workspace, "breeds", "dog-breed-identification")
    assert cli.main(["init", "breeds", "--metric", "log_loss"]) == 0
    printed = capsys.readouterr().out
    assert cli.main(told(printed, "scoretable check")[1:]) == 0
    assert capsys.readouterr().out in printed
    assert printed.startswith("workflow/competitions/breeds.yaml: written from data/archives/breeds.zip.\n")
    assert Image.open(workspace / "data/contact_sheets/breeds.png").size[0] == 1200


def test_init_asks_for_the_metric_in_its_last_lines(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = bring(workspace, "cacti", "aerial-cactus-identification")
    assert cli.main(["init", "cacti"]) == 0
    *_, heading, sheet, asked, checked, added, last = capsys.readouterr().out.splitlines()
    assert heading == "What to do next:"
    assert sheet.startswith("  1. Look at data/contact_sheets/cacti.png")
    assert asked.startswith("  2. Set metric: one of log_loss, auc, weighted_auc, probabilistic_f1, as")
    assert "type `scoretable check cacti`" in checked
    assert "Type `git add workflow/competitions/cacti.yaml`" in added
    assert last == "  5. Set competition: cacti in params.yaml, and type `snakemake --cores 1 submission`."
    assert re.search(r"\nmetric: +# the archive does not tell: one of log_loss, auc, ", file.read_text())


def test_init_leaves_a_file_that_is_there(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = bring(workspace, "pets", "dog-breed-identification")
    assert cli.main(["init", "pets"]) == 1
    message = capsys.readouterr().err
    assert "pets.yaml is there already, and was left as it is" in message
    assert file.read_text() == FILE
    assert cli.main(told(message, "scoretable init")[1:]) == 0
    assert "column of the sample" not in FILE and "labels.csv" in file.read_text()


def test_a_file_that_does_not_fit_yet_is_written_all_the_same(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = bring(workspace, "stego", "alaska2-image-steganalysis")
    assert cli.main(["init", "stego"]) == 1
    printed = capsys.readouterr()
    assert file.exists() and "Set train.label_map, task and positive_class" in printed.out
    assert "set task: binary" in printed.err and printed.err.count("\n") == 1


@pytest.mark.parametrize("name", ["../breeds", "a/b", ""])
def test_init_takes_no_path_for_a_name(workspace: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert cli.main(["init", name]) == 1
    assert "cannot be the name of a file" in capsys.readouterr().err


def put_on_kaggle(workspace: Path, kaggle: Kaggle) -> None:
    (workspace / "labels.csv").write_text("id,pet\n" + "".join(f"{i},{('cat', 'dog')[i % 2]}\n" for i in range(6)))
    (workspace / "sample_submission.csv").write_text("id,pet\n8,cat\n9,dog\n")
    kaggle.members = {name: workspace / name for name in ("labels.csv", "sample_submission.csv")}
    kaggle.files = dict.fromkeys(kaggle.members, 80) | {f"train/{i}.jpg": 3000 for i in range(6)}
    kaggle.files |= {"test/8.jpg": 3000, "test/9.jpg": 3000}


def test_without_an_archive_init_asks_kaggle(
    workspace: Path, kaggle: Kaggle, capsys: pytest.CaptureFixture[str]
) -> None:
    put_on_kaggle(workspace, kaggle)
    assert cli.main(["init", "leaves"]) == 0
    printed = capsys.readouterr().out
    assert "leaves.yaml fits Kaggle's list of its files:\n  training  6 images, 2 classes: 3 of each\n" in printed
    assert "source: kaggle  " in (workspace / "workflow/competitions/leaves.yaml").read_text()
    assert not (workspace / "data/contact_sheets").exists()


def test_without_an_archive_a_file_that_is_there_is_written_anew_as_check_advises(
    workspace: Path, kaggle: Kaggle, capsys: pytest.CaptureFixture[str]
) -> None:
    file = workspace / "workflow/competitions/leaves.yaml"
    file.write_text(FILE.replace("source: archive", "source: kaggle"))
    put_on_kaggle(workspace, kaggle)
    assert cli.main(["check", "leaves"]) == 1
    assert cli.main(told(capsys.readouterr().err, "scoretable init")[1:]) == 0
    assert "table: labels.csv" in file.read_text()


def test_where_kaggle_does_not_help_init_names_the_place_of_the_archive(
    workspace: Path, kaggle: Kaggle, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["init", "unheard-of"]) == 1
    printed = capsys.readouterr().err
    assert "no archive at data/archives/unheard-of.zip; Kaggle has no competition named unheard-of" in printed
    assert printed.count("\n") == 1 and len(printed) <= 320
