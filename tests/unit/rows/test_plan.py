"""Snakemake and DVC are told the same."""

import os
import shutil
from pathlib import Path

import pytest
import yaml
from scoretable.rows.layout import PLOT_FILES
from scoretable.rows.lineage import STEPS, step_sources
from scoretable.rows.params import step_params
from scoretable.rows.plan import Plan

ROOT = Path(__file__).parents[3]


@pytest.fixture
def plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Plan:
    # Planning removes records of what is damaged, so it must not see those of the checkout's own row.
    shutil.copy(ROOT / "params.yaml", tmp_path)
    (tmp_path / "workflow").symlink_to(ROOT / "workflow")
    monkeypatch.chdir(tmp_path)
    return Plan.read(Path("params.yaml"))


@pytest.fixture
def stages(plan: Plan) -> dict[str, dict[str, list]]:
    """The stages of dvc.yaml, filled in with the values of params.yaml."""
    text = (ROOT / "dvc.yaml").read_text()
    for name in ("competition", "image_size"):
        text = text.replace(f"${{{name}}}", str(getattr(plan.params, name)))
    return yaml.safe_load(text)["stages"]


def paths(entries: list) -> set[str]:
    return {entry if isinstance(entry, str) else next(iter(entry)) for entry in entries}


def test_dvc_has_a_stage_for_each_step(stages: dict) -> None:
    assert tuple(stages) == STEPS


@pytest.mark.parametrize("step", STEPS)
def test_a_stage_lists_the_params_of_its_step(stages: dict, step: str) -> None:
    assert tuple(stages[step].get("params", ())) == step_params(step)


@pytest.mark.parametrize("step", STEPS)
def test_a_stage_lists_the_sources_of_its_step(stages: dict, plan: Plan, step: str) -> None:
    sources = {str(path) for path in step_sources(step, plan.params.competition, ROOT)}
    assert {path for path in stages[step]["deps"] if path.startswith("workflow/")} == sources


@pytest.mark.parametrize("step", STEPS)
def test_a_stage_reads_what_its_rule_reads(stages: dict, plan: Plan, step: str) -> None:
    read = {path for path in stages[step]["deps"] if not path.startswith("workflow/")}
    assert [path for path in plan.inputs(step) if not any(is_within(path, place) for place in read)] == [
        path for path in plan.inputs(step) if path in NOT_NEEDED[step]
    ]


@pytest.mark.parametrize("step", STEPS)
def test_a_stage_makes_what_its_rule_makes(stages: dict, plan: Plan, step: str) -> None:
    listed = (stages[step].get(kind, []) for kind in ("outs", "metrics", "plots"))
    made = paths([entry for entries in listed for entry in entries])
    files = [*map(str, plan.layout.outputs(step)), plan.record(step)]
    assert [path for path in files if not any(is_within(path, place) for place in made)] == []


def is_within(path: str, place: str) -> bool:
    return path == place or path.startswith(place + os.sep)


# Outputs of the step before that a rule waits for but does not read.
NOT_NEEDED: dict[str, set[str]] = {
    "download": set(),
    "preprocess": set(),
    "train": set(),
    "evaluate": {"models/training.json"},
    "predict": {"models/history.csv", "models/training.json"},
    "submission": {f"models/plots/{name}" for name in PLOT_FILES},
}
