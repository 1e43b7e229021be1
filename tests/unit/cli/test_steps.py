"""Each step of a row is a command, which refuses to run with other params than Snakemake planned with."""

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from scoretable.cli import main as cli
from scoretable.cli import steps
from scoretable.experiments.score_file import write_score
from scoretable.kaggle import training as training_on_kaggle
from scoretable.rows.layout import Layout
from scoretable.rows.lineage import Record, lineage_file, trace_lineage
from scoretable.rows.param_groups import SessionParams
from scoretable.rows.params import Params
from scoretable.rows.stages import STAGES, STEPS
from scoretable.steps import train
from scoretable.workspace.errors import InputError
from scoretable.workspace.lock import hold_lock


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


def test_a_step_that_another_process_runs_is_refused(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repository)
    monkeypatch.setattr(steps, "_take_from_saved_row", lambda *arguments: None)
    with hold_lock("submission"), pytest.raises(InputError, match="another process is running `submission`"):
        steps.run_step("submission")


def test_nothing_is_taken_from_a_saved_row_while_another_process_runs_the_step(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(repository)
    with hold_lock("submission"), pytest.raises(InputError, match="another process is running `submission`"):
        steps._take_from_saved_row("submission", Layout.of(Params()), trace_lineage(Params(), repository))


@pytest.mark.parametrize(
    ("module", "name", "begin"),
    [(train, "_train", train.run), (training_on_kaggle, "train_on_kaggle", steps._train_on_kaggle)],
)
def test_no_other_copy_of_the_repository_trains_the_same_row_meanwhile(
    repository: Path, monkeypatch: pytest.MonkeyPatch, module: ModuleType, name: str, begin: Callable[..., str]
) -> None:
    def compute(*arguments: object) -> str:
        with pytest.raises(InputError, match="another process is running `training-0123`"):
            hold_lock("training-0123", repository / ".snakemake/scoretable-locks")
        return "trained"

    monkeypatch.chdir(repository)
    monkeypatch.setattr(module, name, compute)
    record = Record("0123", repository)
    assert begin(Params(), SessionParams(), Layout.of(Params()), record) == "trained"


def test_after_a_step_the_score_of_another_submission_is_reset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    layout = Layout.of(Params())
    layout.submission.parent.mkdir()
    layout.submission.write_text("of another row")
    write_score(layout.scored, layout.submission, "complete", public_score=0.5)
    layout.submission.write_text("of this row")
    steps._look_after_score("predict", Params(), layout)
    assert json.loads(layout.scored.read_text()) == {"state": "not submitted"}


@pytest.mark.parametrize("set_back", [60, 0])
def test_no_input_is_younger_than_what_a_step_makes_though_the_clock_was_set_back(
    set_back: int, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Snakemake, which gives the outputs the time of the clock, would fail the job, and delete what it made.

    The clock is set back before the step writes its outputs, or (60 seconds) after it.
    """
    lineages, layout = trace_lineage(Params(), repository), Layout.of(Params())
    monkeypatch.chdir(repository)
    monkeypatch.setattr(steps, "IN_A_RUN", True)
    monkeypatch.setattr(steps, "_take_from_saved_row", lambda *arguments: None)
    monkeypatch.setattr(steps, "_make", lambda *arguments: layout.predictions.touch() or "made")
    makers = STAGES["predict"].makers
    read = [lineage_file(layout.lineage_folder(maker), lineages[maker]) for maker in makers]
    for path in [*read, layout.model]:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        os.utime(path, (time.time() + 60, time.time() + 60))
    clock = time.time_ns() - set_back * 10**9
    monkeypatch.setattr(time, "time_ns", lambda: clock if set_back else 4 * 10**18)  # 4e18: it has not heard of it
    assert steps.run_step("predict") == "made"
    made = min(layout.predictions.stat().st_mtime_ns, time.time_ns())
    assert [path for path in [*read, layout.model] if path.stat().st_mtime_ns > made] == []
