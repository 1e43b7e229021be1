"""Handing in with the real client: what lands in the score file, and what is refused before anything is sent."""

import json
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
from kaggle_competition import NAME
from kaggle_server import Fault, Kaggle
from scoretable.kaggle.submit import submit_row
from scoretable.prediction.predictions import save_predictions
from scoretable.rows.layout import Layout
from scoretable.rows.param_groups import SessionParams
from scoretable.rows.params import Params
from scoretable.workspace.errors import InputError

ROOT = Path(__file__).parents[3]
SAMPLE = "image_id,label\n1.jpg,\n2.jpg,\n"
SUBMISSION = "image_id,label\n1.jpg,blast\n2.jpg,tungro\n"


@pytest.fixture
def layout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Layout:
    """A folder with a finished row of the competition `leaves`."""
    monkeypatch.chdir(tmp_path)
    described = (ROOT / "workflow/competitions/sandbox.yaml").read_text()
    folder = tmp_path / "workflow/competitions"
    folder.mkdir(parents=True)
    (folder / f"{NAME}.yaml").write_text(described.replace("source: sandbox", "source: kaggle\npublic_images: 2601"))
    shutil.copy(ROOT / "workflow/competitions/beans.yaml", folder)
    layout = Layout(NAME, "32")
    layout.archive.parent.mkdir(parents=True)
    with zipfile.ZipFile(layout.archive, "w") as archive:
        archive.writestr("sample_submission.csv", SAMPLE)
    answers = np.eye(2, dtype=np.float32)
    save_predictions(layout.predictions, [answers], ["1.jpg", "2.jpg"], ["blast", "tungro"], "multiclass")
    layout.submission.write_text(SUBMISSION)
    return layout


def submit(layout: Layout, competition: str = NAME, **session: float) -> str:
    return submit_row(Params(competition=competition), SessionParams(**session), layout, "row-1")


def test_the_score_comes_with_count_rank_and_hash(kaggle: Kaggle, layout: Layout) -> None:
    kaggle.leaderboard = ["0.95", "0.85"]
    printed = submit(layout)
    assert (
        "public score 0.90003 (2341 of 2601), which would be rank 2 of 2, "
        "private score 0.89170 (accuracy, submission 1000)" in printed
    )
    score = json.loads(layout.scored.read_text())
    assert (score["state"], score["ref"], score["public_correct"]) == ("complete", 1000, 2341)


def test_the_score_of_an_error_has_its_rank_the_other_way_round_and_no_count_of_right_answers(
    kaggle: Kaggle, layout: Layout
) -> None:
    described = Path(f"workflow/competitions/{NAME}.yaml")
    described.write_text(f"metric: error\n{described.read_text()}")
    kaggle.leaderboard = ["0.95", "0.97"]
    printed = submit(layout)
    assert "public score 0.90003 (2601 images), which would be rank 1 of 2" in printed
    assert "(error, submission 1000)" in printed
    assert "public_correct" not in json.loads(layout.scored.read_text())


def test_a_score_is_not_asked_for_again(kaggle: Kaggle, layout: Layout) -> None:
    first, before = submit(layout), dict(kaggle.requests)
    assert submit(layout) == first
    assert kaggle.requests == before


def test_a_score_stands_without_a_leaderboard(kaggle: Kaggle, layout: Layout) -> None:
    kaggle.faults["GetLeaderboard"] = [Fault(status=403)]
    assert "public score 0.90003 (2341 of 2601), private score" in submit(layout)


def test_a_score_that_takes_long_is_collected_by_the_next_call(kaggle: Kaggle, layout: Layout) -> None:
    kaggle.pending = 3
    assert "`snakemake --cores 1 submit` collects the score later" in submit(layout, score_minutes=0.0)
    assert json.loads(layout.scored.read_text())["state"] == "pending"
    assert "public score 0.90003" in submit(layout)
    assert len(kaggle.submissions) == 1


def test_a_submission_that_kaggle_cannot_score_is_told_with_the_reason(kaggle: Kaggle, layout: Layout) -> None:
    kaggle.final_state = "ERROR"
    for _ in range(2):
        with pytest.raises(InputError, match=r"could not score submission 1000 \(label column missing\)"):
            submit(layout)
    assert len(kaggle.submissions) == 1


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("image_id,label\n1.jpg,blast\n", "ids are not those of the sample"),
        (SUBMISSION.replace("tungro", "rust"), "1 unknown label, such as rust"),
        (SUBMISSION.replace("label", "class"), "the submission's columns are image_id, class"),
    ],
    ids=["an id less", "an unknown label", "another column"],
)
def test_a_file_that_is_not_the_samples_kind_is_not_sent(
    kaggle: Kaggle, layout: Layout, content: str, sentence: str
) -> None:
    layout.submission.write_text(content)
    with pytest.raises(InputError, match=sentence):
        submit(layout)
    assert not kaggle.requests


def test_a_file_that_spells_the_sample_otherwise_is_not_sent(kaggle: Kaggle, layout: Layout) -> None:
    with zipfile.ZipFile(layout.archive, "w") as archive:
        archive.writestr("sample_submission.csv", SAMPLE.replace(",label", ", label").replace("2.jpg", "2.jpg "))
    with pytest.raises(InputError, match="the sample has image_id,  label"):
        submit(layout)
    layout.submission.write_text(SUBMISSION.replace(",label", ", label"))
    with pytest.raises(InputError, match="ids are not those of the sample"):
        submit(layout)
    assert not kaggle.requests
    layout.submission.write_text(SUBMISSION.replace(",label", ", label").replace("2.jpg", "2.jpg "))
    assert "public score" in submit(layout)


def test_a_competition_of_an_archive_takes_no_submissions(layout: Layout) -> None:
    with pytest.raises(InputError, match="beans takes no submissions"):
        submit(layout, competition="beans")
