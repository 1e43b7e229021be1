"""A remark goes with its row through the real dvc: shown, pushed, merged, applied and renamed."""

from pathlib import Path

from projects import Project
from test_exp_show import shown
from test_remotes import Remote, clone, share

NOTE = "작은 배치가 낫다: smaller is better"


def insights(project: Project) -> str:
    """The line of the row `second` or `third` in the table, at whose end its remark stands."""
    return next(line for line in project.run("scoretable", "table").splitlines() if "second" in line or "third" in line)


def test_a_note_travels_with_its_row_to_another_clone_and_back(two_rows: Project, tmp_path: Path) -> None:
    share(two_rows, tmp_path / "origin.git")
    remote = Remote(str(tmp_path / "remote"))
    remote.add(two_rows)
    two_rows.run("dvc", "exp", "push", "origin", "second")
    before = shown(two_rows)
    assert insights(two_rows).endswith("mirrored too")  # the message of `dvc exp run -m`
    two_rows.run("scoretable", "note", "second", NOTE)
    assert len(shown(two_rows)) == len(before)
    assert insights(two_rows).endswith(NOTE)
    two_rows.run("dvc", "exp", "push", "origin", "second")

    other = clone(tmp_path / "origin.git", tmp_path / "other")
    remote.add(other)
    other.run("scoretable", "merge", "origin")
    assert insights(other).endswith(NOTE)
    other.run("scoretable", "note", "second", "seen by another pair of eyes")
    other.run("dvc", "exp", "push", "origin", "second")

    assert "second: has a newer note" in two_rows.run("scoretable", "merge", "origin")
    assert insights(two_rows).endswith("seen by another pair of eyes")
    assert len(shown(two_rows)) == len(before)


def test_a_noted_row_can_be_applied_and_renamed_and_removed(two_rows: Project) -> None:
    two_rows.run("scoretable", "note", "second", NOTE)
    two_rows.run("dvc", "exp", "apply", "second")
    assert two_rows.planned() == set()
    two_rows.run("dvc", "exp", "rename", "second", "third")
    assert insights(two_rows).endswith(NOTE)
    assert f"insight     {NOTE}" in two_rows.run("scoretable", "explain", "third")
    two_rows.run("dvc", "exp", "remove", "third")
    assert not any(row[0] == "third" for row in shown(two_rows))
