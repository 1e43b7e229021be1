"""A blend is a row: it has a lineage, stands in the table, and can be explained, verified, blended and submitted."""

import json
from pathlib import Path

import numpy as np
import pytest
from made_experiments import git
from scoretable.blending import fitting
from scoretable.cli import main as cli
from scoretable.experiments.experiment import Experiment, find_experiment
from scoretable.table.row_answers import RowAnswers
from scoretable.table.table import read_score_table
from unit.blending.blended_rows import CLASSES, TESTED, add_row, make_archive


@pytest.fixture
def saved(repository: Path, monkeypatch: pytest.MonkeyPatch) -> Experiment:
    monkeypatch.chdir(repository)
    add_row(repository, "one", range(0, 60), epochs=7)
    add_row(repository, "two", range(20, 85), model="SmallCNN", weights=None, epochs=7)
    assert cli.main(["ensemble", "one", "two", "--weights", "nnls", "--save", "blend-1"]) == 0
    return find_experiment(repository, "blend-1")


def said(capsys: pytest.CaptureFixture[str], *command: str, status: int = 0) -> str:
    capsys.readouterr()
    assert cli.main(list(command)) == status
    shown = capsys.readouterr()
    return shown.err if status else shown.out


def test_the_lineage_names_the_parts_with_commit_weight_and_submission(saved: Experiment) -> None:
    parts = saved.blend["parts"]
    rows = [find_experiment(saved.root, name) for name in ("one", "two")]
    assert [part["revision"] for part in parts] == [row.revision for row in rows]
    assert [len(part["submission"]) for part in parts] == [64, 64]
    assert sum(part["weight"] for part in parts) == pytest.approx(1)
    assert (saved.blend["weights"], saved.blend["on"], saved.blend["images"]) == ("nnls", "probabilities", 100)


def test_its_params_are_those_that_the_parts_have_in_common(saved: Experiment) -> None:
    assert (saved.params["competition"], saved.params["epochs"]) == ("sandbox", 7)
    assert saved.params["model"].endswith(" one")
    assert "weights" not in saved.params


def test_the_workspace_stays_as_it_was(saved: Experiment) -> None:
    assert git(saved.root, "status", "--porcelain", "--untracked-files=no") == ""


def test_the_table_shows_it_with_its_nested_score(saved: Experiment) -> None:
    (draw,) = [
        draw for setting in read_score_table(saved.root).settings for draw in setting.draws if draw.name == "blend-1"
    ]
    answers = RowAnswers.of(saved, saved.root)
    assert answers is not None
    assert draw.validation == pytest.approx(answers.correct().mean(), abs=0.02)  # type: ignore[union-attr]
    assert (draw.correct, draw.images) == (85, 100)


def test_it_is_compared_with_a_row_image_by_image(saved: Experiment, capsys: pytest.CaptureFixture[str]) -> None:
    told = said(capsys, "compare", "two", "blend-1")
    assert "Of 100 images that both answer, 0 are answered right by two alone and 20 by blend-1 alone" in told


def test_it_is_explained(saved: Experiment, capsys: pytest.CaptureFixture[str]) -> None:
    told = said(capsys, "explain", "blend-1")
    (part,) = (line for line in told.splitlines() if line.startswith("part") and " two," in line)
    assert find_experiment(saved.root, "two").revision[:12] in part
    assert "validation  accuracy 0.85 by nested cross-validation; other images: 0.7" in told


def test_it_comes_out_identical_of_its_parts_also_when_they_have_other_names_and_notes(
    saved: Experiment, capsys: pytest.CaptureFixture[str]
) -> None:
    row = find_experiment(saved.root, "two")
    git(saved.root, "update-ref", row.ref.replace("/two", "/other"), row.revision)
    git(saved.root, "update-ref", "-d", row.ref)
    said(capsys, "note", "one", "A note gives a row another commit.")
    told = said(capsys, "verify", "blend-1")
    assert "data/submission.csv" in told and "models/validation.npz" in told
    assert "come out identical of its parts" in told
    assert find_experiment(saved.root, "blend-1").verifications[0].different == ()


def test_a_blend_that_comes_out_otherwise_is_told(
    saved: Experiment, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fitting, "nnls_weights", lambda terms, targets: np.array([0.0, 1.0]))
    assert "blend-1 does not come out the same here: models/validation.npz" in said(
        capsys, "verify", "blend-1", status=1
    )


def test_it_is_blended_again(saved: Experiment, capsys: pytest.CaptureFixture[str]) -> None:
    add_row(saved.root, "three", range(50, 100))
    told = said(capsys, "ensemble", "blend-1", "three", "--weights", "nnls", "--save", "blend-2")
    assert "blend-1, the best row" in told
    assert [part["name"] for part in find_experiment(saved.root, "blend-2").blend["parts"]] == ["blend-1", "three"]


def test_no_row_is_replaced_and_no_odd_name_taken(saved: Experiment, capsys: pytest.CaptureFixture[str]) -> None:
    assert "there is a row one" in said(
        capsys, "ensemble", "one", "two", "--weights", "mean", "--save", "one", status=1
    )
    assert "a b is no name for a row" in said(
        capsys, "ensemble", "one", "two", "--weights", "mean", "--save", "a b", status=1
    )


def test_a_mean_without_a_validation_score_is_no_row(saved: Experiment, capsys: pytest.CaptureFixture[str]) -> None:
    add_row(saved.root, "other", range(120, 200), range(100, 200), seed=1)
    told = said(capsys, "ensemble", "one", "other", "--weights", "mean", "--save", "mean", status=1)
    assert "--save needs rows with a validation score in common: rows one, other held out other images" in told


def test_it_is_submitted_and_keeps_its_score(saved: Experiment, capsys: pytest.CaptureFixture[str]) -> None:
    answers = saved.root / "data/raw/sandbox.lineage/answers.csv"
    answers.parent.mkdir()
    usages = ["Public"] * 4 + ["Private"] * 2
    lines = [f"{id_},{CLASSES[0]},{usage}\n" for id_, usage in zip(TESTED, usages, strict=True)]
    answers.write_text("image_id,label,usage\n" + "".join(lines))
    assert said(capsys, "submit", "blend-1").startswith("blend-1: public score 1.00000 (4 of 4)")
    kept = find_experiment(saved.root, "blend-1")
    assert (kept.score["state"], kept.score["public_score"]) == ("complete", 1.0)
    assert json.loads(git(saved.root, "show", f"{kept.revision}:models/score.json"))["private_score"] == 1.0
    assert "blend-1: public score" in said(capsys, "submit", "blend-1")


def test_a_trained_row_is_submitted_by_snakemake(saved: Experiment, capsys: pytest.CaptureFixture[str]) -> None:
    assert "one is no blend: bring it back with `dvc exp apply one`" in said(capsys, "submit", "one", status=1)


def test_without_its_archive_a_blend_is_not_made_again(saved: Experiment, capsys: pytest.CaptureFixture[str]) -> None:
    (saved.root / "data/raw/sandbox.zip").unlink()
    assert "data/raw/sandbox.zip is missing" in said(capsys, "verify", "blend-1", status=1)
    make_archive(saved.root)
    assert "identical" in said(capsys, "verify", "blend-1")
