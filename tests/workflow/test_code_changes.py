"""An edit reruns exactly what it can change."""

from pathlib import Path

import pytest
from projects import Project
from test_exp_show import shown
from test_two_engines import AFTER_TRAINING

NOTHING = "Nothing to be done"


def edit(project: Project, name: str, old: str, new: str) -> None:
    path = project.path(f"workflow/{name}")
    text = path.read_text()
    assert old in text, name
    path.write_text(text.replace(old, new, 1))


def test_what_cannot_change_a_result_reruns_nothing_and_dvc_does_not_look_at_it(finished: Project) -> None:
    for name in ("kaggle/client.py", "table/text.py", "cli/main.py", "experiments/saving.py"):
        edit(finished, f"scoretable/{name}", "\n\n\n", "\n\nEXTRA = 1\n\n\n")
    edit(finished, "rules/train.smk", "rule train:\n", "rule train:\n    threads: 2\n")
    assert finished.planned() == set()
    assert "up to date" in finished.run("dvc", "status", "dvc.yaml")


@pytest.mark.turns(4, seconds=25)
def test_a_comment_reruns_nothing_and_a_changed_default_its_step_and_those_after_it(finished: Project) -> None:
    content = finished.path("models/model.keras").read_bytes()
    edit(finished, "scoretable/training/loop.py", "\n\n\n", "\n\n\n# A remark.\n")
    edit(finished, "scoretable/training/optimizers.py", '"""', '"""Said otherwise: ')
    assert finished.planned() == set()
    edit(finished, "scoretable/steps/submission.py", "\n\n\n", "\n\nEXTRA = 1\n\n\n")
    printed = finished.run("dvc", "exp", "run", "-S", "session.yaml:max_hours=5")
    assert printed.count("Running stage") == 6
    assert printed.count(NOTHING) == 5  # all but the submission
    assert finished.path("models/model.keras").read_bytes() == content
    assert "up to date" in finished.run("dvc", "status", "dvc.yaml")
    assert "max_hours: 5" in finished.path("session.yaml").read_text()
    assert not any("max_hours" in column for column in shown(finished)[0])
    edit(finished, "scoretable/training/pauses.py", "SAVING_SHARE = 0.02", "SAVING_SHARE = 0.03")
    assert finished.planned() == AFTER_TRAINING


def test_rows_of_the_first_version_are_still_listed(finished: Project, tmp_path: Path) -> None:
    """A row as it was saved before session.yaml was there: all keys in params.yaml, all figures in metrics.json."""
    git = ("git", "-C", str(finished.folder))
    old = "competition: sandbox\nmodel: VGG16\nimage_size: 224\nepochs: 10\nbatch_size: 32\nseed: 0\n"
    finished.path("params.yaml").write_text(old + "reruns: 1\nscale: null\nmax_hours: null\ntta: none\n")
    finished.path("models/score.json").write_text('{"state": "complete", "public_score": 0.4375}\n')
    finished.run(*git, "rm", "--quiet", "--cached", "session.yaml", "models/submission.json")
    finished.run(*git, "add", "params.yaml", "models/score.json")
    tree = finished.run(*git, "write-tree").strip()
    head = finished.run(*git, "rev-parse", "HEAD").strip()
    row = finished.run(*git, "commit-tree", tree, "-p", head, "-m", "an old row").strip()
    finished.run(*git, "update-ref", f"refs/exps/{head[:2]}/{head[2:]}/row-1", row)
    finished.run(*git, "reset", "--quiet", "--hard", "HEAD")
    line = next(text for text in finished.run("scoretable", "table", "--format", "csv").splitlines() if "row-1" in text)
    assert "VGG16" in line
    assert "0.4375" in line
