"""A saved row answers photos as it answered them when they were test images."""

import csv
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml
from made_experiments import commit, make_repository, rewrite_experiment
from scoretable.cli import main as cli
from scoretable.experiments.experiment import find_experiment
from scoretable.rows.params import Params
from scoretable.serving.row_model import RowModel, fetch_model
from scoretable.workspace.errors import InputError
from told import told
from unit.serving.served_row import Served, serve

pytestmark = pytest.mark.usefixtures("one_block")


@pytest.fixture
def home(repository: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(repository)
    return repository


@pytest.fixture(scope="module")
def saved(one_block: None, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Served]:
    """A repository with one row, made once."""
    folder = make_repository(tmp_path_factory.mktemp("saved") / "repository")
    with pytest.MonkeyPatch.context() as there:
        there.chdir(folder)
        return folder, serve(folder)


@pytest.fixture
def served(saved: tuple[Path, Served], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Served:
    """The row in a copy of the repository, as the folder in which commands are typed."""
    shutil.copytree(saved[0], tmp_path / "copy")
    monkeypatch.chdir(tmp_path / "copy")
    return saved[1]


def written(served: Served, *options: str) -> list[dict[str, str]]:
    assert cli.main(["predict", served.row, str(served.folder), "--output", "answers.csv", *options]) == 0
    with Path("answers.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def numbers_of(rows: list[dict[str, str]], columns: list[str]) -> dict[str, list[float]]:
    return {Path(row["photo"]).name: [float(row[column]) for column in columns] for row in rows}


@pytest.mark.turns(2)
@pytest.mark.parametrize(
    ("task", "params"),
    [
        ("multiclass", {"tta": "flip_scales", "aspect": "pad"}),
        ("binary", {"aspect": "crop"}),
        ("multilabel", {}),
        ("ordinal", {}),
        ("regression", {"tta": "flip"}),
    ],
)
def test_a_photo_is_answered_as_the_same_test_image_was(home: Path, task: str, params: dict[str, str]) -> None:
    served = serve(home, task, **params)
    rows = written(served)
    columns = [column for column in rows[0] if column not in ("photo", "label")]
    assert columns == (["number"] if task in ("ordinal", "regression") else served.classes)
    answers = numbers_of(rows, columns)
    assert sorted(answers) == sorted(served.answers)
    for name, answer in served.answers.items():
        np.testing.assert_allclose(answers[name], answer, rtol=1e-5, atol=1e-6)
    spread = np.ptp(list(served.answers.values()), axis=0).max()
    assert spread > 1e-3  # or the photos would not tell whether they are seen in the same way


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert cli.main(["predict", *arguments]) == 1
    return capsys.readouterr().err.splitlines()[-1]


def test_the_cut_of_the_row_decides_and_is_told(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    served = serve(home, "multilabel", {"threshold": 0.0})
    assert {row["label"] for row in written(served)} == {"mould rust scab"}
    assert "7 photos answered by mine, threshold 0; the answers are in answers.csv" in capsys.readouterr().out


def test_a_broken_photo_is_named_and_all_others_are_answered(
    served: Served, capsys: pytest.CaptureFixture[str]
) -> None:
    (served.folder / "103.jpg").write_bytes(b"no picture")
    (served.folder / "notes.txt").write_bytes(b"")
    assert cli.main(["predict", served.row, str(served.folder)]) == 1
    printed = capsys.readouterr()
    assert len(printed.out.splitlines()) == len(served.answers)
    assert "photos/103.jpg: its content is not a JPEG" in printed.err
    assert "1 photo of 8 cannot be read, such as photos/103.jpg" in printed.err.splitlines()[-1]


def test_a_row_that_has_seen_boxes_alone_says_so(served: Served, capsys: pytest.CaptureFixture[str]) -> None:
    params = find_experiment(Path(), served.row).params | {"box": "crop"}
    kept = {name: value for name, value in params.items() if name in Params.model_fields}
    commit(Path())  # the photos, which would go with the row's own commit
    rewrite_experiment(Path(), served.row, {"params.yaml": yaml.safe_dump(kept)})
    assert cli.main(["predict", served.row, str(served.folder)]) == 0
    assert "mine has seen boxes of photos only (box: crop): crop yours" in capsys.readouterr().err


def test_files_of_a_row_that_are_nowhere_are_asked_for(served: Served, capsys: pytest.CaptureFixture[str]) -> None:
    experiment = find_experiment(Path(), served.row)
    place = experiment.cached("models/model.keras")
    assert place is not None
    place.write_bytes(b"no model")
    assert f"remove DVC's copy {place}" in refused(capsys, served.row, str(served.folder))
    place.unlink()
    sentence = refused(capsys, served.row, str(served.folder))
    assert "models/model.keras of row mine is neither here nor on DVC's remote" in sentence
    assert told(sentence, "dvc exp pull") == ["dvc", "exp", "pull", "origin", "mine"]


def test_a_row_whose_images_lie_in_several_files_answers_no_photo(
    served: Served, capsys: pytest.CaptureFixture[str]
) -> None:
    described = Path("workflow/competitions/leaves.yaml")
    parts = yaml.safe_load(described.read_text())
    parts["train"] = {"table": "train.csv", "channels": ["red/{id}", "green/{id}"]}
    described.write_text(yaml.safe_dump(parts))
    assert "lies in several files" in refused(capsys, served.row, str(served.folder))


def test_a_blend_answers_no_photo(served: Served) -> None:
    blend = replace(find_experiment(Path(), served.row), blend={"parts": []})
    with pytest.raises(InputError, match=r"^row mine is a blend, which has no model: name one of its parts, which "):
        RowModel.of(blend, Path())


def test_a_competition_of_another_task_by_now_is_refused(served: Served, capsys: pytest.CaptureFixture[str]) -> None:
    described = Path("workflow/competitions/leaves.yaml")
    described.write_text(described.read_text().replace("multiclass", "multilabel"))
    assert "says task: multilabel by now, and row mine was made with multiclass" in refused(
        capsys, served.row, str(served.folder)
    )


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("workflow",), "workflow is a photo or a folder: name the row before it"),
        (("mine",), "name photos or folders of photos after the row"),
        (("--output", "a.csv"), "--output is for photos"),
        (("mine", "a.jpg"), "there is no row mine"),
        (("mine", "a.jpg", "--look", "params.yaml"), "--look params.yaml is a file: name a folder"),
    ],
)
def test_what_is_missing_is_asked_for(
    home: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], reason: str
) -> None:
    assert reason in refused(capsys, *arguments)


def test_what_is_refused_of_a_whole_model_is_not_called_damage(served: Served) -> None:
    with pytest.raises(InputError, match=r"^no convolution$"), fetch_model(find_experiment(Path(), served.row)):
        raise InputError("no convolution")


def test_a_card_never_takes_the_place_of_the_model(served: Served, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["export", served.row, "--output", "leaves.md"]) == 1
    assert "leaves.md is where the model card would be" in capsys.readouterr().err
    assert not Path("leaves.md").exists()
