"""After any fault the next ordinary run ends with the files of an undisturbed one, and no earlier row is damaged.

FAULTS=100 FAULT_SEED=0 runs a hundred faults; FAULT=37 FAULT_SEED=0 repeats one of them.
"""

import hashlib
import json
import os
import random
from pathlib import Path

import pytest
import yaml
from faults import FAULTS
from projects import Project, Run
from scene import FLIPPED, SUBMISSION, Scene

CHEAP = "20091"  # its first draws fail late in a row, so that little is made anew
SEED = int(os.environ.get("FAULT_SEED", CHEAP))
NUMBERS = [int(os.environ["FAULT"])] if "FAULT" in os.environ else range(int(os.environ.get("FAULTS", "4")))
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


@pytest.fixture(scope="session")
def _unsaved(_first_run: Run, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project whose finished row is no experiment, so that nothing of it can be taken from there, beside one that is.

    The experiment `earlier` is of other photos, so that it has no step in common with the row.
    """
    project = _first_run[0].copy(tmp_path_factory.mktemp("unsaved") / "copy")
    project.run("dvc", "exp", "rename", *experiments(project), "earlier")
    project.set(sandbox_seed=1)
    project.snakemake("submission")
    project.run("dvc", "exp", "remove", *({*experiments(project)} - {"earlier"}))
    return project


@pytest.fixture(scope="session")
def undisturbed(_unsaved: Project, tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, ...], dict[str, str]]:
    """Results of an undisturbed run of each command; those of DVC's are made by Snakemake, which must end alike."""
    made = {SUBMISSION: results(_unsaved)}
    if any("dvc" in FAULTS[number % len(FAULTS)].__name__ for number in NUMBERS):
        flipped = _unsaved.copy(tmp_path_factory.mktemp("undisturbed") / "flipped")
        flipped.set(tta="flip")
        flipped.snakemake("submission")
        made[FLIPPED] = results(flipped)
    return made


@pytest.mark.parametrize("number", NUMBERS, ids=lambda number: f"{number}-{FAULTS[number % len(FAULTS)].__name__}")
def test_after_a_fault_the_next_run_ends_with_the_files_of_an_undisturbed_one(
    _unsaved: Project, undisturbed: dict[tuple[str, ...], dict[str, str]], number: int, tmp_path: Path
) -> None:
    fault = FAULTS[number % len(FAULTS)]
    print(
        f"to repeat {fault.__name__}: FAULT={number} FAULT_SEED={SEED} python -m pytest tests/workflow/test_faults.py"
    )
    finished = _unsaved.copy(tmp_path / "copy")
    earlier = experiments(finished)["earlier"]

    command = fault(Scene(finished, random.Random(f"{SEED}-{number}")))

    finished.run(*command)
    assert results(finished) == undisturbed[command]
    assert len(experiments(finished)) > 1, "the row was not saved"
    for name, commit in experiments(finished).items():
        assert lost_or_damaged(finished, commit) == [], name
    assert experiments(finished)["earlier"] == earlier
