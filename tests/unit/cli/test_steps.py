"""Each step of a row is a command, which refuses to run with other params than Snakemake planned with."""

from pathlib import Path

import pytest
from scoretable.cli import main as cli
from scoretable.cli import steps
from scoretable.rows.stages import STEPS
from scoretable.workspace.errors import InputError


@pytest.mark.parametrize("step", STEPS)
def test_a_step_is_run_with_the_lineage_that_was_planned(monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    asked = []
    monkeypatch.setattr(steps, "run_step", lambda *arguments: asked.append(arguments))
    assert cli.main([step, "--lineage", "0123456789abcdef"]) == 0
    assert asked == [(step, "0123456789abcdef", None)]


def test_a_training_is_told_where_to_run(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(steps, "run_step", lambda *arguments: asked.append(arguments))
    assert cli.main(["train", "--on", "kaggle"]) == 0
    assert asked == [("train", None, "kaggle")]


def test_a_step_that_was_planned_with_other_params_is_refused(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(repository)
    with pytest.raises(InputError, match=r"params.yaml or the code was changed"):
        steps.run_step("train", "0123456789abcdef")
