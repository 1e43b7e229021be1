"""`dvc exp show` is the score table: few columns, the sheet's first, each row once."""

import csv
import io

from projects import Project
from scoretable.rows.params import Params

SHEET = [
    "public_score", "private_score", "accuracy", "model", "image_size", "epochs", "batch_size", "optimizer",
    "learning_rate",
]  # fmt: skip
DVCS_OWN = ["Experiment", "rev", "typ", "Created", "parent"]


def shown(project: Project, *flags: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(project.run("dvc", "exp", "show", "--csv", *flags))))


def test_the_columns_of_the_sheet_come_first_then_the_other_params_and_few_files_and_14_of_what_differs(
    two_rows: Project,
) -> None:
    columns = shown(two_rows)[0]
    assert columns[: len(DVCS_OWN) + len(SHEET)] == DVCS_OWN + SHEET
    files = [column for column in columns if "/" in column or column == "workflow"]
    assert columns[-len(files) :] == files
    assert len(files) <= 7
    params = columns[len(DVCS_OWN) + 3 : -len(files)]  # after two scores and the metric
    assert sorted(params) == sorted(Params.model_fields)
    columns = shown(two_rows, "--only-changed")[0]
    assert len(columns) <= 14
    assert "tta" in columns
    assert not {"batch_size", "epochs", "model"} & set(columns)


def test_a_row_stands_there_once_also_after_a_command_that_only_reports(two_rows: Project) -> None:
    before = shown(two_rows)
    assert len(before) == 1 + 4  # the header, the workspace, the branch and two rows
    two_rows.snakemake("score_table")
    two_rows.snakemake("submission")
    assert shown(two_rows) == before


def test_metrics_and_params_are_compared_in_a_few_lines(two_rows: Project) -> None:
    first = next(row[0] for row in shown(two_rows) if row[0].startswith("sandbox-"))
    assert "params.yaml" in (changed := two_rows.run("dvc", "params", "diff", first))
    assert len(changed.splitlines()) == 2
    assert len(two_rows.run("dvc", "metrics", "show").splitlines()) <= 4
    assert "accuracy" in two_rows.run("dvc", "metrics", "diff", "--all", first)
