"""Snakemake and DVC are told the same."""

import json
import os
import shutil
import time
from pathlib import Path

import pytest
import yaml
from scoretable.devices import backend
from scoretable.experiments.plan import Plan
from scoretable.experiments.score_file import write_score
from scoretable.rows.params import step_params
from scoretable.rows.stages import PACKAGE, STAGES, STEPS
from scoretable.workspace.errors import InputError

ROOT = Path(__file__).parents[3]


@pytest.fixture
def plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Plan:
    # Planning removes records of what is damaged, so it must not see those of the checkout's own row.
    shutil.copy(ROOT / "params.yaml", tmp_path)
    shutil.copy(ROOT / "session.yaml", tmp_path)
    (tmp_path / "workflow").symlink_to(ROOT / "workflow")
    monkeypatch.chdir(tmp_path)
    return Plan.read(Path("params.yaml"))


def test_planning_resets_the_score_of_another_submission(plan: Plan) -> None:
    plan.layout.submission.parent.mkdir()
    plan.layout.submission.write_text("of another row")
    write_score(plan.layout.scored, plan.layout.submission, "complete", public_score=0.5)
    Plan.read(Path("params.yaml"))
    assert json.loads(plan.layout.scored.read_text())["public_score"] == 0.5
    plan.layout.submission.write_text("of this row")
    Plan.read(Path("params.yaml"))
    assert json.loads(plan.layout.scored.read_text()) == {"state": "not submitted"}


def test_a_mistake_is_told_of_the_file_that_you_edit_and_not_of_the_copy_that_a_run_has_made(plan: Plan) -> None:
    copy = Path("copy/params.yaml")
    copy.parent.mkdir()
    copy.write_text("epochs: 0\n")
    with pytest.raises(InputError, match=r"^params\.yaml: epochs: 0 must be"):
        Plan.read(copy)
    copy.write_text("epochs: 1\n")
    with pytest.raises(InputError, match=r"^session\.yaml is missing: restore it with `git checkout session\.yaml`"):
        Plan.read(copy)


def test_no_run_begins_by_a_clock_before_1980(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "strftime", lambda form: "1970-01-01")
    with pytest.raises(InputError, match="the clock of this machine says 1970-01-01"):
        plan.begin()


def test_no_run_begins_whose_backend_is_not_installed(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backend, "find_spec", lambda module: module if module == "tensorflow" else None)
    Path("session.yaml").write_text("backend: jax\n")
    with pytest.raises(InputError, match="backend: jax is not installed"):
        Plan.read(Path("params.yaml")).begin()


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
def test_a_stage_depends_on_the_sources_and_on_the_records_of_the_stages_before(
    stages: dict, plan: Plan, step: str
) -> None:
    records = {str(plan.layout.lineage_folder(before)) for before in STAGES[step].after}
    assert set(stages[step]["deps"]) == {"workflow"} | records


def test_dvc_looks_at_every_package_that_a_stage_is_made_of_and_at_no_other() -> None:
    ignored = set((ROOT / ".dvcignore").read_text().splitlines())
    packages = {path.name for path in (ROOT / PACKAGE).iterdir() if (path / "__init__.py").exists()} - {"steps"}
    used = {package for stage in STAGES.values() for package in stage.packages}
    assert {package for package in packages if f"/{PACKAGE}/{package}" not in ignored} == used


@pytest.mark.parametrize("step", STEPS)
def test_dvc_deletes_no_output_before_it_calls_a_stage(stages: dict, step: str) -> None:
    listed = [entry for kind in ("outs", "plots") for entry in stages[step].get(kind, [])]
    assert all(next(iter(entry.values())) == {"persist": True} for entry in listed)


@pytest.mark.parametrize("step", STEPS)
def test_a_stage_makes_what_its_rule_makes(stages: dict, plan: Plan, step: str) -> None:
    listed = (stages[step].get(kind, []) for kind in ("outs", "plots"))
    made = paths([entry for entries in listed for entry in entries])
    files = [*map(str, plan.layout.outputs(step)), plan.record(step)]
    assert [path for path in files if not any(is_within(path, place) for place in made)] == []


def is_within(path: str, place: str) -> bool:
    return path == place or path.startswith(place + os.sep)
