"""After any fault the next ordinary run ends with the files of an undisturbed one, and no earlier row is damaged.

CI has two faults in late steps, of the kinds and with the seed that the commit chooses. FAULTS=100 FAULT_SEED=0 has
the first hundred of a seed, in any step; FAULTS=60-100 has the last forty of them, and FAULT=37 one.
"""

import hashlib
import json
import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from faults import FAULTS
from projects import Project, Run, commits_seed
from scene import LATE, LIKELY, SUBMISSION, Scene

SEED = os.environ.get("FAULT_SEED", f"late-{commits_seed()}")
FIRST = commits_seed() % len(FAULTS)
OF_CI = range(FIRST, FIRST + 20, 10)  # apart, since the dear ones stand side by side
LISTED = range(*map(int, os.environ.get("FAULTS", "0").split("-")))
NUMBERS = [int(os.environ["FAULT"])] if "FAULT" in os.environ else LISTED or OF_CI
RESULTS = (
    "data/raw/sandbox.zip",
    "data/cache/sandbox/32/train.npy",
    "data/cache/sandbox/32/test.npy",
    "models/model.keras",
    "models/history.csv",
    "models/metrics.json",
    "models/plots/confusion.csv",
    "data/predictions.npz",
    "data/submission.csv",
)
OBJECTS = ".dvc/cache/files/md5"


def results(project: Project) -> dict[str, str]:
    return {name: hashlib.sha256(project.path(name).read_bytes()).hexdigest() for name in RESULTS}


def experiments(project: Project) -> dict[str, str]:
    """Name and commit of each experiment."""
    listed = project.run("git", "for-each-ref", "--format=%(refname) %(objectname)", "refs/exps").splitlines()
    pairs = [line.removeprefix("refs/exps/").split() for line in listed]
    return {ref.split("/")[2]: commit for ref, commit in pairs if len(ref.split("/")[0]) == 2}


def lost_or_damaged(project: Project, commit: str) -> list[str]:
    """Outputs of an experiment whose content in DVC's cache is missing, or not what its name says."""
    stages = yaml.safe_load(project.run("git", "show", f"{commit}:dvc.lock"))["stages"]
    digests = [output["md5"] for stage in stages.values() for output in stage.get("outs", [])]
    for digest in [digest for digest in digests if digest.endswith(".dir")]:
        digests += [entry["md5"] for entry in json.loads(cached(project, digest).read_text())]
    return [digest for digest in digests if not is_whole(cached(project, digest))]


def cached(project: Project, digest: str) -> Path:
    return project.path(f"{OBJECTS}/{digest[:2]}/{digest[2:]}")


def is_whole(path: Path) -> bool:
    if not path.exists():
        return False
    digest = hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
    return digest == path.parent.name + path.name.removesuffix(".dir")


def make_earlier(project: Project) -> None:
    """Turn the saved row into one of another seed and without lineage records, so that no step is taken from it."""
    ((name, saved),) = experiments(project).items()
    baseline = project.run("git", "rev-parse", "HEAD").strip()
    lock = yaml.safe_load(project.path("dvc.lock").read_text())
    for stage in lock["stages"].values():
        stage["outs"] = [output for output in stage["outs"] if "lineage" not in output["path"]]
    changed = {
        "params.yaml": project.path("params.yaml").read_text().replace("seed: 0", "seed: 7"),
        "dvc.lock": yaml.safe_dump(lock),
    }
    project.run("git", "read-tree", saved)
    for path, text in changed.items():
        project.path("changed.txt").write_text(text)
        blob = project.run("git", "hash-object", "-w", "changed.txt").strip()
        project.run("git", "update-index", "--cacheinfo", f"100644,{blob},{path}")
    tree = project.run("git", "write-tree").strip()
    commit = project.run("git", "commit-tree", tree, "-p", baseline, "-m", "an earlier row").strip()
    project.path("changed.txt").unlink()
    project.run("git", "read-tree", "HEAD")
    refs = f"refs/exps/{baseline[:2]}/{baseline[2:]}"
    project.run("git", "update-ref", f"{refs}/earlier", commit)
    project.run("git", "update-ref", "-d", f"{refs}/{name}")


@pytest.fixture(scope="session")
def _unsaved(_first_run: Run, made_once: Callable[[str, Callable[[Path], str]], Run]) -> Project:
    """A project whose finished row is no experiment, so that nothing of it can be taken from there, beside one that is.

    The latter, `earlier`, holds the same files, so that whatever happens to them in DVC's cache happens to it.
    """

    def make(folder: Path) -> str:
        make_earlier(_first_run[0].copy(folder))
        return ""

    return made_once("unsaved", make)[0]


@pytest.fixture(scope="session")
def undisturbed(_first_run: Run, _second_run: Run) -> Callable[[tuple[str, ...]], dict[str, str]]:
    """Returns the results of an undisturbed run of a command: DVC's have mirrored images too."""
    return lambda command: results((_first_run if command == SUBMISSION else _second_run)[0])


@pytest.mark.parametrize("number", NUMBERS, ids=lambda number: f"{number}-{FAULTS[number % len(FAULTS)].__name__}")
def test_after_a_fault_the_next_run_ends_with_the_files_of_an_undisturbed_one(
    _unsaved: Project, undisturbed: Callable[[tuple[str, ...]], dict[str, str]], number: int, tmp_path: Path
) -> None:
    fault = FAULTS[number % len(FAULTS)]
    print(
        f"to repeat {fault.__name__}: FAULT={number} FAULT_SEED={SEED} python -m pytest tests/workflow/test_faults.py"
    )
    finished = _unsaved.copy(tmp_path / "copy")
    earlier = experiments(finished)["earlier"]

    command = fault(Scene(finished, random.Random(f"{SEED}-{number}"), LATE if SEED.startswith("late") else LIKELY))

    finished.run(*command)
    assert results(finished) == undisturbed(command)
    assert len(experiments(finished)) > 1, "the row was not saved"
    for name, commit in experiments(finished).items():
        assert lost_or_damaged(finished, commit) == [], name
    assert experiments(finished)["earlier"] == earlier
