"""A stage's list of packages is what its step imports: no more, so that no edit reruns it for nothing, and no less."""

import re
from pathlib import Path

import grimp
import pytest
from scoretable.rows.layout import Layout
from scoretable.rows.stages import PACKAGE, STAGES, STEPS, source_files

ROOT = Path(__file__).parents[3]
LAYOUT = Layout("sandbox", "32")

# How a row is kept and how a session is watched change no result.
HARMLESS = ("rows", "session", "steps")


@pytest.fixture(scope="module")
def imports() -> grimp.ImportGraph:
    graph = grimp.build_graph("scoretable", cache_dir=None)
    for module in list(graph.modules):
        if module.split(".")[1:2] in (["rows"], ["session"]):
            graph.remove_module(module)
    return graph


@pytest.mark.parametrize("step", STEPS)
def test_a_stage_lists_the_packages_that_its_step_imports(step: str, imports: grimp.ImportGraph) -> None:
    modules = imports.find_upstream_modules(f"scoretable.steps.{step}")
    packages = {module.split(".")[1] for module in modules if module.count(".") == 2}
    assert packages - {*HARMLESS} == set(STAGES[step].packages)


@pytest.mark.parametrize("step", STEPS)
def test_a_stage_is_made_of_all_modules_of_its_packages_and_of_its_own_one(step: str) -> None:
    files = source_files(step, ROOT)
    assert files == sorted(files)
    folders = [PACKAGE / package for package in STAGES[step].packages]
    modules = {path.relative_to(ROOT) for folder in folders for path in (ROOT / folder).glob("*.py")}
    assert set(files) == modules | {PACKAGE / "steps" / f"{step}.py"}


@pytest.mark.parametrize("step", STEPS)
def test_a_stage_names_every_stage_whose_outputs_its_step_opens(step: str) -> None:
    code = (ROOT / PACKAGE / "steps" / f"{step}.py").read_text(encoding="utf-8")
    used = {path for name in re.findall(r"layout\.(\w+)", code) if isinstance(path := getattr(LAYOUT, name), Path)}
    opened = {maker for maker in STEPS if any(is_of(path, maker) for path in used)} - {step}
    assert opened == set(STAGES[step].makers)


def is_of(path: Path, maker: str) -> bool:
    return any(output == path or path in output.parents for output in LAYOUT.outputs(maker))
