"""A sandbox that is scored by its log loss goes through the commands of the first, and no accuracy stands for it."""

import io
import json

import pandas as pd
import pytest
from projects import Project
from sklearn.metrics import log_loss

NAME = "sandbox-log-loss"
RESULTS = (
    "models/model.keras:", "models/metrics.json:", "Validation ", "models/submission.json:", "data/submission.csv:",
)  # fmt: skip


def results(printed: str) -> list[str]:
    """The lines that tell what a row came to."""
    return [line for line in printed.splitlines() if line.startswith(RESULTS)]


def losses(project: Project) -> dict[str, float]:
    """The validation score of each row that `dvc exp show` lists."""
    shown = pd.read_csv(io.StringIO(project.run("dvc", "exp", "show", "--csv")))
    assert "accuracy" not in shown.columns
    assert list(shown.columns[5:8]) == ["public_score", "private_score", "log_loss"]
    rows = shown[shown["competition"].eq(NAME) & shown["Experiment"].notna()]
    return dict(zip(rows["Experiment"], rows["log_loss"].astype(float), strict=True))


def grade(project: Project) -> pd.Series:
    """The log loss of the submission's public and private part, computed without this program."""
    answers = pd.read_csv(project.path(f"data/raw/{NAME}.lineage/answers.csv"), index_col="image_id")
    handed_in = pd.read_csv(project.path("data/submission.csv"), index_col="image_id")
    labels = sorted(handed_in.columns)
    parts = answers.groupby("usage")["label"]
    return parts.apply(lambda truth: log_loss(truth, handed_in.loc[truth.index, labels], labels=labels))


@pytest.mark.turns(6, seconds=60)
def test_by_dvc_alone_a_competition_of_log_losses_goes_through_the_commands_of_accuracy(
    project: Project,
) -> None:
    project.set(competition=NAME, epochs=1)
    kept = project.path("data/archives/another.zip")
    kept.parent.mkdir()
    kept.touch()
    told = results(project.run("dvc", "exp", "run"))
    assert kept.exists(), "DVC deletes what it has not saved"
    assert project.planned() == set()
    assert any("validation log_loss " in line for line in told)
    score, parts = json.loads(project.path("models/score.json").read_text()), grade(project)
    for usage in ("Public", "Private"):
        assert 0 <= parts[usage] - score[f"{usage.lower()}_score"] < 1e-5

    assert set(json.loads(project.path("models/metrics.json").read_text())) == {"log_loss"}

    shown = json.loads(project.run("dvc", "plots", "show", "--json"))
    curve = shown["data"]["models/plots/metric.csv"][0]["content"]
    assert [set(point) for point in curve["data"]["values"]] == [{"epoch", "log_loss", "rev"}]
    assert "accuracy" not in json.dumps(curve)

    told += results(project.run("scoretable", "submit"))
    told += results(project.run("scoretable", "score"))
    assert "(log_loss, scored here by the sandbox)" in told[-2]
    assert f"public log_loss {json.loads(project.path('models/score.json').read_text())['public_score']}" in told[-1]
    assert not any("accuracy" in line for line in told)

    rows = losses(project)
    assert len(rows) == 1
    project.run("scoretable", "table", "--output", "data/rows.csv")
    table = pd.read_csv(project.path("data/rows.csv")).set_index("name").loc[list(rows)]
    assert table["metric"].eq("log_loss").all() and table["correct"].isna().all()
    assert table["validation"].to_dict() == rows
    lines = [line for line in project.run("scoretable", "table").splitlines() if line.startswith("-  ")]
    assert lines and not any("accuracy" in line for line in lines)

    project.snakemake("score_table")
    page = project.path("data/score_table.html").read_text()
    assert "Of log_loss, smaller values are better." in page
    assert "validation accuracy" not in page
    assert not any("accuracy" in line for line in page.splitlines() if any(f"<td>{row}" in line for row in rows))
