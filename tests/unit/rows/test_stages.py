"""A stage's list of packages is what its step imports: no more, so that no edit reruns it for nothing, and no less."""

import grimp
import pytest
from scoretable.rows.stages import STAGES, STEPS

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
