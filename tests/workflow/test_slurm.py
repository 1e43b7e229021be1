"""Steps and rows as jobs of a real Slurm, started here from the Debian packages."""

import os
import re
import signal
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from projects import ROOT, TOOLS, Project
from scoretable.experiments.experiment import find_experiment
from slurm_cluster import missing, slurm

PROFILE = "workflow/profiles/slurm"
REPRODUCE = (
    "scoretable", "reproduce", "6", "7", "--competition", "sandbox", "--scale", "images=0.004", "-S", "model=SmallCNN",
    "-S", "image_size=32", "-S", "epochs=2", "-S", "steps_per_epoch=3", "-S", "session.yaml:checkpoint_minutes=0",
)  # fmt: skip


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """The tools of an environment that adds to this one what `make environment SLURM=1` adds."""
    added = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", added], check=True)
    packages = Path(sysconfig.get_path("purelib", vars={"base": str(added)}))
    (packages / "all.pth").write_text(f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n")
    install = (sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps")
    locked = ("--require-hashes", "--requirement", ROOT / "requirements-slurm.lock")
    subprocess.run([*install, "--target", packages, *locked], check=True)
    for name in ("snakemake", "dvc", "scoretable"):
        script = (TOOLS / name).read_text().replace(str(TOOLS), str(added / "bin"), 1)
        (added / "bin" / name).write_text(script)
        (added / "bin" / name).chmod(0o755)
    return added / "bin"


@pytest.fixture
def cluster(tmp_path_factory: pytest.TempPathFactory, tools: Path) -> Iterator[Mapping[str, str]]:
    """The environment in which commands find a Slurm of one node, with a GPU for its books only."""
    if missing():
        pytest.skip(f"{', '.join(missing())} not installed: apt-get install slurmctld slurmd munge slurm-client")
    if os.geteuid() != 0:
        pytest.skip("slurmd starts jobs as root")
    with slurm(tmp_path_factory.mktemp("slurm") / "node") as environment:
        yield environment | {"PATH": f"{tools}{os.pathsep}{environment['PATH']}"}


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
    """Return a process that trains in a copy of the project, after its first checkpoint."""
    if not any(project.path("checkpoints").glob("*/fold-0.npz")):
        return None
    for command in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = command.read_bytes().split(b"\0")
            folder = (command.parent / "cwd").readlink()
        except OSError:
            continue
        if b"train" in words and b"scoretable" in words and folder.is_relative_to(project.folder):
            return int(command.parent.name)
    return None


@pytest.mark.turns(6, seconds=70)
def test_rows_run_side_by_side_as_jobs_and_one_that_the_time_limit_ends_is_requeued_to_the_files_of_a_local_run(
    project: Project, cluster: Mapping[str, str], tools: Path
) -> None:
    project = replace(project, tools=tools)
    set_profile(project, runtime=1, gpu=0)
    printed = project.path("printed.txt")
    with printed.open("wb") as file:
        running = project.start(*REPRODUCE, "--jobs", "2", stdout=file, **cluster, SNAKEMAKE_PROFILE=PROFILE)
        while (process := training_process(project)) is None:
            assert running.poll() is None, printed.read_text()
            time.sleep(0.005)
        os.kill(process, signal.SIGSTOP)  # until Slurm's limit of a minute, which wakes it and asks it to end
        queue = project.run("scoretable", "queue", **cluster)
        assert running.wait() == 0, printed.read_text()

    assert re.search(r"\btrain +RUNNING\b.*row paddy/[67]: sandbox, SmallCNN, 32 px, seed [01]$", queue, re.MULTILINE)
    jobs = project.run("squeue", "--states=all", "--noheader", "--format=%k %T %S %e", **cluster)
    assert len(re.findall("^rule_train TIMEOUT ", jobs, re.MULTILINE)) == 1
    assert len(re.findall("^rule_train COMPLETED ", jobs, re.MULTILINE)) == 2
    (_, first_end), (second_start, _) = sorted(re.findall(r"^rule_train \w+ (\S+) (\S+)$", jobs, re.MULTILINE))[:2]
    assert second_start <= first_end

    table = project.run("scoretable", "table")
    names = re.findall(r"^[67] +(row-[67]-\S+) +SmallCNN ", table, re.MULTILINE)
    assert names == ["row-6-sandbox-scaled-images0.004", "row-7-sandbox-scaled-images0.004"]
    experiments = [find_experiment(project.folder, name) for name in names]
    (requeued,) = [row.name for row in experiments if row.read_json("models/training.json")["sessions"] == 2]
    project.run("dvc", "exp", "apply", requeued)
    made_there = project.path("models/model.keras").read_bytes()
    project.train_anew()
    assert project.path("models/model.keras").read_bytes() == made_there
