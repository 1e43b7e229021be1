"""What of the project is in a Slurm queue; the queue itself is asked in tests/workflow/test_slurm.py."""

import os
import stat
from pathlib import Path

import pytest
from scoretable.cli import main as cli
from scoretable.cli.slurm_queue import Job, describe_row, show_queue

SHOWN = {
    "job": "7",
    "step": "rule_train",
    "state": "PENDING",
    "reason": "Resources",
    "runs for": "0:00",
    "limit": "12:00:00",
}


def test_a_jobs_row_is_told_by_the_params_in_its_folder(repository: Path) -> None:
    session = repository / "session.yaml"
    session.write_text(session.read_text().replace("reruns: null", "reruns: 8"))
    shown = show_queue([Job(SHOWN | {"on": ""}, repository)])
    assert "7  train   PENDING  Resources" in shown
    assert "row 8: sandbox, EfficientNetLite0, 128 px, seed 0" in shown


def test_a_job_whose_copy_of_the_project_is_gone_has_no_row(tmp_path: Path) -> None:
    assert describe_row(Job(SHOWN, tmp_path / "gone")) == "?"


def test_an_empty_queue_says_so() -> None:
    assert show_queue([]) == "No job of this project is waiting or running on the cluster."


def test_without_slurm_the_command_says_where_to_ask(
    repository: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(repository)
    monkeypatch.setenv("PATH", str(repository))
    assert cli.main(["queue"]) == 1
    assert capsys.readouterr().err == (
        "scoretable: there is no squeue on this machine: ask on a login node of the cluster.\n"
    )


def test_a_slurm_that_does_not_answer_is_told_with_its_reason(
    repository: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    squeue = repository / "squeue"
    squeue.write_text("#!/bin/sh\necho 'slurm_load_jobs error: Unable to contact slurm controller' >&2\nexit 1\n")
    squeue.chmod(squeue.stat().st_mode | stat.S_IXUSR)
    monkeypatch.chdir(repository)
    monkeypatch.setenv("PATH", f"{repository}{os.pathsep}{os.environ['PATH']}")
    assert cli.main(["queue"]) == 1
    assert "squeue does not answer (slurm_load_jobs error: Unable to contact" in capsys.readouterr().err
