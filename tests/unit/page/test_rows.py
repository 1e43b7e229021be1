"""What the page knows of each row beside its line of the table."""

import json
import shutil
from pathlib import Path
from typing import Any

from made_experiments import SOURCE, add_experiment, commit
from scoretable.page.rows import describe_rows
from scoretable.table.table import read_score_table


def described(repository: Path) -> dict[str, Any]:
    found = describe_rows(read_score_table(repository), repository)
    return json.loads(json.dumps(found, allow_nan=False))


def made(found: dict[str, Any]) -> list[dict[str, Any]]:
    return [row for row in found["rows"] if not row["reported"]]


def test_a_row_is_described_with_its_figures_and_without_what_only_its_machine_decides(repository: Path) -> None:
    add_experiment(repository, "one", 0.6, public=0.7, epochs=2, max_hours=5.0)
    found = described(repository)
    (row,) = made(found)
    assert (row["score"], row["validation"], row["seconds"]) == (0.7, 0.6, 60.0)
    assert row["figures"]["accuracy"] == 0.6
    assert found["shared"]["epochs"] == 2
    assert "max_hours" not in {**found["shared"], **row["params"]}


def test_params_that_all_rows_have_alike_are_kept_once(repository: Path) -> None:
    for size in (16, 32):
        add_experiment(repository, f"of-{size}", 0.6, batch_size=size)
    found = described(repository)
    assert [row["params"] for row in made(found)] == [{"batch_size": 16}, {"batch_size": 32}]
    assert "batch_size" not in found["shared"]


def test_a_reported_row_is_described_with_what_its_sheet_says(repository: Path) -> None:
    (row,) = [row for row in described(repository)["rows"] if row["id"] == "reported 8"]
    assert (row["score"], row["params"]["batch_size"], row["metric"]) == (0.90003, 16, "accuracy")


def test_rows_of_the_same_code_share_it_and_another_ones_shows_where_it_differs(repository: Path) -> None:
    add_experiment(repository, "one", 0.5, epochs=1)
    add_experiment(repository, "two", 0.5, epochs=2)
    (repository / SOURCE).write_text("changed = 1\n")
    commit(repository)
    add_experiment(repository, "three", 0.6, epochs=3)
    found = described(repository)
    one, two, three = ({row["id"]: row["code"] for row in made(found)}[name] for name in ("one", "two", "three"))
    assert one == two
    changed = [
        path for path, a, b in zip(found["paths"], found["codes"][one], found["codes"][three], strict=True) if a != b
    ]
    assert changed == [SOURCE]


def test_two_rows_of_one_name_are_told_apart_by_their_commits(repository: Path) -> None:
    add_experiment(repository, "row-8", 0.5, reruns=8)
    (repository / SOURCE).write_text("changed")
    commit(repository)
    add_experiment(repository, "row-8", 0.6, reruns=8)
    names = [row["id"] for row in made(described(repository))]
    assert len(set(names)) == 2
    assert all(name.startswith("row-8 (") for name in names)


def test_a_row_whose_outputs_are_not_here_is_described_without_them(repository: Path) -> None:
    add_experiment(repository, "one", 0.6)
    shutil.rmtree(repository / ".dvc/cache")
    (row,) = made(described(repository))
    assert [row[name] for name in ("curves", "confusion", "recall", "answers", "code")] == [{}, None, None, None, None]
