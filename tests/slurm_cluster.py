"""A real Slurm of one node on this machine, from the Debian packages slurmctld, slurmd and munge."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

DAEMONS = ("munged", "slurmctld", "slurmd", "sbatch")
SYSTEM_PATH = f"{os.environ['PATH']}{os.pathsep}/usr/sbin"

# KillWait: seconds between SIGTERM and SIGKILL at a time limit. MinJobAge: how long squeue remembers a job.
CONFIGURATION = """\
ClusterName=loopback
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller_port}
SlurmdPort={node_port}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CryptoType=crypto/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerParameters=sched_interval=5,bf_interval=5
GresTypes=gpu
KillWait=60
MinJobAge=300
ReturnToService=2
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} RealMemory={memory} Gres=gpu:a100:1 State=UNKNOWN
PartitionName=cpu Nodes={host} Default=YES MaxTime=INFINITE State=UP
PartitionName=gpu Nodes={host} MaxTime=INFINITE State=UP
"""


def missing() -> list[str]:
    """Return what of Slurm is not installed here."""
    return [name for name in DAEMONS if shutil.which(name, path=SYSTEM_PATH) is None]


@contextmanager
def slurm(folder: Path) -> Iterator[Mapping[str, str]]:
    """Run Slurm's daemons with all of their files in `folder`, and give the environment in which sbatch finds them."""
    folder.mkdir()
    for name in ("state", "spool"):
        (folder / name).mkdir()
    key, settings = folder / "munge.key", folder / "slurm.conf"
    key.write_bytes(os.urandom(1024))
    key.chmod(0o600)
    settings.write_text(
        CONFIGURATION.format(
            host=socket.gethostname().split(".")[0], user=subprocess.getoutput("id -un"), folder=folder,
            controller_port=_free_port(), node_port=_free_port(), cpus=os.cpu_count(), memory=16000,
        )
    )  # fmt: skip
    (folder / "gpu0").touch()
    (folder / "gres.conf").write_text(f"Name=gpu Type=a100 File={folder}/gpu0\n")
    # The plugin leaves SLURM_CONF out of what it gives to srun within a job.
    srun = folder / "bin" / "srun"
    srun.parent.mkdir()
    srun.write_text(f'#!/bin/sh\nSLURM_CONF={settings} exec {shutil.which("srun")} "$@"\n')
    srun.chmod(0o755)
    environment = {"SLURM_CONF": str(settings), "PATH": f"{srun.parent}{os.pathsep}{SYSTEM_PATH}"}
    munge = [
        "munged", "--foreground", "--force", f"--key-file={key}", f"--socket={folder}/munge.socket",
        f"--pid-file={folder}/munged.pid", f"--log-file={folder}/munged.log", f"--seed-file={folder}/munged.seed",
    ]  # fmt: skip
    daemons = [_start(command, environment) for command in (munge, ["slurmctld", "-D"], ["slurmd", "-D"])]
    try:
        _await_node(environment, folder)
        yield environment
    finally:
        for daemon in reversed(daemons):
            daemon.terminate()
            daemon.wait(timeout=60)


def _start(command: list[str], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command, env=os.environ | environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        executable=shutil.which(command[0], path=SYSTEM_PATH),
    )  # fmt: skip


def _await_node(environment: Mapping[str, str], folder: Path) -> None:
    for _ in range(120):
        found = subprocess.run(
            ["sinfo", "--noheader", "--format=%T"], env=os.environ | environment, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        if "idle" in found.stdout:
            return
        time.sleep(0.5)
    logs = "\n".join(path.read_text()[-2000:] for path in sorted(folder.glob("*.log")))
    raise RuntimeError(f"Slurm did not start: {found.stdout}{found.stderr}\n{logs}")


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
