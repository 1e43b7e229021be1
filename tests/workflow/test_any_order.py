"""Whatever is done to a project, in any order, the two engines agree, and no stale result counts as fresh.

CI takes one short walk, which the commit chooses. For a long search:
WALKS=50 STEPS=12 python -m pytest tests/workflow/test_any_order.py
"""

import ast
import hashlib
import json
import os
import shutil
import tempfile
from pathlib import Path

import yaml
from hypothesis import HealthCheck, Phase, assume, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from projects import ROOT, Project, commits_seed
from test_damaged_rows import flip_a_byte

WALKS, STEPS = int(os.environ.get("WALKS", "1")), int(os.environ.get("STEPS", "3"))
SOURCE = "workflow/scoretable/steps/submission.py"  # a change of it costs little
RESULTS = ("models/model.keras", "models/metrics.json", "data/predictions.npz", "data/submission.csv")
OUTPUTS = (*RESULTS, "data/cache/sandbox/32/train.npy", "data/lineage/submission", "models/lineage/train")
# What each rule waits for, its own stage among it.
BEFORE = {
    "download": {"download"},
    "preprocess": {"download", "preprocess"},
    "train": {"download", "preprocess", "train"},
    "predict": {"download", "preprocess", "train", "predict"},
    "evaluate": {"download", "preprocess", "train", "predict", "evaluate"},
    "write_submission": {"download", "preprocess", "train", "predict", "evaluate", "submission"},
}


class Walk(RuleBasedStateMachine):
    """A project with two finished rows, one of mirrored images too, in which a user does one thing after another."""

    start: Project

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())

    @initialize(way=st.integers(0, 2**16))
    def begin(self, way: int) -> None:
        assume(way)  # Hypothesis begins with the simplest walk, which is one thing over and over
        self.project = self.start.copy(self.folder / "copy")
        self.rows = rows(self.project)
        commits = self.rows.values()
        # Results by all that they depend on.
        self.made = {depends_on(self.project, commit): results_of(self.project, commit) for commit in commits}
        self.is_done = True
        self.project.run("git", "branch", "--force", "other", self.rows["first"])

    def teardown(self) -> None:
        shutil.rmtree(self.folder)

    @rule(tta=st.sampled_from(["none", "flip"]))
    def change_a_param(self, tta: str) -> None:
        self.project.set(tta=tta)

    @rule(kind=st.sampled_from(["# a comment", "EXTRA = 1", ""]))
    def edit_a_source(self, kind: str) -> None:
        self.project.path(SOURCE).write_text((ROOT / SOURCE).read_text() + f"\n{kind}\n" * bool(kind))

    @rule(name=st.sampled_from(RESULTS))
    def damage_a_file(self, name: str) -> None:
        if self.project.path(name).exists():
            flip_a_byte(self.project.path(name))

    @rule(name=st.sampled_from(OUTPUTS))
    def delete_an_output(self, name: str) -> None:
        path = self.project.path(name)
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)

    @rule(name=st.sampled_from(["first", "second"]))
    def apply_a_row(self, name: str) -> None:
        self.project.run("dvc", "exp", "apply", self.rows[name], expect=None)  # refused over edits, which stay

    @rule(branch=st.sampled_from(["main", "other"]), checkout=st.booleans())
    def switch_a_branch(self, branch: str, checkout: bool) -> None:
        self.project.run("git", "checkout", "--quiet", "--force", branch)
        if checkout:
            self.project.run("dvc", "checkout", "--force", expect=None)  # fails where the cache has lost a file

    @rule(kept=st.sampled_from(["--workspace", "--all-experiments"]))
    def collect_garbage(self, kept: str) -> None:
        self.project.run("dvc", "gc", kept, "--force", expect=None)

    @rule(command=st.sampled_from([("snakemake", "--cores", "1", "submission"), ("dvc", "exp", "run")]))
    def run_the_row(self, command: tuple[str, ...]) -> None:
        self.project.run(*command)
        self.is_done, made = True, results(self.project)
        assert self.made.setdefault(depends_on(self.project), made) == made, "the same row has come out in other bytes"

    @invariant()
    def the_engines_agree_and_nothing_stale_is_fresh(self) -> None:
        planned, changed = self.project.planned(), changed_stages(self.project)
        for stage in planned & set(BEFORE):
            assert BEFORE[stage] & changed, f"Snakemake would run {stage}, and DVC sees no change"
        if not planned:
            assert results(self.project) == self.made.get(depends_on(self.project)), "a stale result counts as fresh"
        assert not self.is_done or (planned, changed) == (set(), set()), "a row that has just run is not up to date"
        self.is_done = False


def rows(project: Project) -> dict[str, str]:
    """The commit of each experiment: `second`, and `first`, which has a long name."""
    listed = project.run("git", "for-each-ref", "--format=%(objectname) %(refname:lstrip=4)", "refs/exps/??/*/*")
    pairs = [line.split() for line in listed.splitlines()]
    return {"second" if name == "second" else "first": commit for commit, name in pairs}


def results(project: Project) -> dict[str, str]:
    """MD5 of each result that is there."""
    paths = {name: project.path(name) for name in RESULTS}
    return {name: hashlib.md5(path.read_bytes()).hexdigest() for name, path in paths.items() if path.exists()}


def results_of(project: Project, commit: str) -> dict[str, str]:
    """MD5 of each result of a saved row."""
    stages = yaml.safe_load(project.run("git", "show", f"{commit}:dvc.lock"))["stages"].values()
    found = {output["path"]: output["md5"] for stage in stages for output in stage["outs"]}
    return {name: found[name] for name in RESULTS}


def depends_on(project: Project, commit: str = "") -> str:
    """All that differs in a walk, as a person would list it and not as the lineage does; in `commit` if given."""
    texts = [
        project.run("git", "show", f"{commit}:{name}") if commit else project.path(name).read_text()
        for name in ("params.yaml", SOURCE)
    ]
    return json.dumps([yaml.safe_load(texts[0]), ast.dump(ast.parse(texts[1]))], sort_keys=True)


def changed_stages(project: Project) -> set[str]:
    """Stages that `dvc status` calls changed."""
    return set(json.loads(project.run("dvc", "status", "--json", "dvc.yaml").splitlines()[-1]))


def test_whatever_is_done_the_engines_agree_and_nothing_stale_is_fresh(two_rows: Project) -> None:
    class Started(Walk):
        start = two_rows

    chosen = settings(
        max_examples=WALKS, stateful_step_count=STEPS, deadline=None, database=None, report_multiple_bugs=False,
        phases=(Phase.generate, Phase.shrink) if "WALKS" in os.environ else (Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    run_state_machine_as_test(seed(commits_seed())(Started), settings=chosen)
