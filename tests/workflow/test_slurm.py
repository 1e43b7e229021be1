"""Steps and rows as jobs of a real Slurm, started here from the Debian packages."""

import os
import re
import signal
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from projects import TOOLS, Project
from slurm_cluster import missing, slurm

PROFILE = "workflow/profiles/slurm"
RESULTS = ("models/model.keras", "models/history.csv", "models/metrics.json", "data/predictions.npz")


@pytest.fixture
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, str]]:
    """The environment in which commands find a Slurm of one node, with a GPU for its books only."""
    if missing():
        pytest.skip(f"{', '.join(missing())} not installed: apt-get install slurmctld slurmd munge slurm-client")
    if os.geteuid() != 0:
        pytest.skip("slurmd starts jobs as root")
    with slurm(tmp_path_factory.mktemp("slurm") / "node") as environment:
        yield environment | {"PATH": f"{TOOLS}{os.pathsep}{environment['PATH']}"}


def set_profile(project: Project, **lines: object) -> None:
    """Change the Slurm profile as a user does whose nodes are small and keep no books."""
    path = project.path(f"{PROFILE}/config.yaml")
    text = path.read_text()
    for key, value in {
        "mem_mb": 3000,
        "cpus_per_task": 1,
        "slurm-init-seconds-before-status-checks": 1,
        **lines,
    }.items():
        text, count = re.subn(rf"^( *){key}: .*", rf"\g<1>{key}: {value}", text, flags=re.MULTILINE)
        assert count, key
    path.write_text(text + "slurm-status-command: squeue\n")
    project.run("git", "commit", "--quiet", "--all", "--message", "our cluster")


def training_process(project: Project) -> int | None:
    """Return the process that trains in the project, after its first checkpoint."""
    if not any(project.path("checkpoints").glob("*/fold-0.npz")):
        return None
    for command in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = command.read_bytes().split(b"\0")
            if b"train" in words and b"scoretable" in words and (command.parent / "cwd").readlink() == project.folder:
                return int(command.parent.name)
        except OSError:
            continue
    return None


def test_a_training_that_slurms_time_limit_ends_is_requeued_and_ends_with_the_files_of_a_local_run(
    project: Project, finished: Project, cluster: Mapping[str, str]
) -> None:
    set_profile(project, runtime=1)
    project.set(checkpoint_minutes=0)
    printed = project.path("printed.txt")
    with printed.open("wb") as file:
        running = project.start("snakemake", "--profile", PROFILE, "submission", stdout=file, **cluster)
        while (process := training_process(project)) is None:
            assert running.poll() is None, printed.read_text()
            time.sleep(0.005)
        os.kill(process, signal.SIGSTOP)  # until Slurm's limit of a minute, which wakes it and asks it to end
        queue = project.run("scoretable", "queue", **cluster)
        assert running.wait() == 0, printed.read_text()
    assert re.search(r"\btrain +RUNNING\b.*sandbox, SmallCNN, 32 px, seed 0$", queue, re.MULTILINE)
    assert "Trying to restart job" in printed.read_text()
    jobs = project.run("squeue", "--states=all", "--noheader", "--format=%k %T %b", **cluster).split("\n")
    assert sorted(filter(None, jobs)) == [
        "rule_evaluate COMPLETED gres:gpu:1",
        "rule_predict COMPLETED gres:gpu:1",
        "rule_preprocess COMPLETED N/A",
        "rule_train COMPLETED gres:gpu:1",
        "rule_train TIMEOUT gres:gpu:1",
    ]
    assert '"sessions": 2' in project.path("models/training.json").read_text()
    for name in RESULTS:
        assert project.path(name).read_bytes() == finished.path(name).read_bytes(), name
    assert project.planned() == set()


def test_rows_run_side_by_side_as_jobs_and_end_in_one_table(project: Project, cluster: Mapping[str, str]) -> None:
    set_profile(project, gpu=0)
    small = ("-S", "model=SmallCNN", "-S", "image_size=32", "-S", "epochs=1", "-S", "steps_per_epoch=2")
    rows = ("scoretable", "reproduce", "6", "7", "--competition", "sandbox", "--scale", "images=0.004", *small)
    project.run(*rows, "--jobs", "2", **cluster, SNAKEMAKE_PROFILE=PROFILE)
    trainings = project.run(
        "squeue", "--states=all", "--noheader", "--format=%k %T %S %e", "--sort=S", **cluster
    )  # fmt: skip
    spans = re.findall(r"^rule_train COMPLETED (\S+) (\S+)$", trainings, re.MULTILINE)
    (first_start, first_end), (second_start, second_end) = sorted(spans)
    assert second_start <= first_end and first_start <= second_end
    table = project.run("scoretable", "table")
    assert re.search(r"^6 +row-6-sandbox-scaled-images0.004 +SmallCNN ", table, re.MULTILINE)
    assert re.search(r"^7 +row-7-sandbox-scaled-images0.004 +SmallCNN ", table, re.MULTILINE)
