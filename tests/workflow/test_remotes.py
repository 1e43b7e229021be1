"""Rows go through DVC's remotes to a second clone, which computes nothing: S3 over a bad line, SSH, a folder."""

import getpass
import math
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer
from projects import Project
from unreliable_line import Line, line_to

RESULTS = ("models/model.keras", "models/metrics.json", "data/predictions.npz", "data/submission.csv")
AMAZON = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}
SSHD = """\
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/user_key.pub
StrictModes no
UsePAM no
PidFile {folder}/sshd.pid
Subsystem sftp internal-sftp
"""


@dataclass(frozen=True)
class Remote:
    """An address for `dvc remote add`, its settings, the environment in which it can be reached, and the line to it."""

    url: str
    settings: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    line: Line | None = None

    def add(self, project: Project) -> None:
        """Make it the project's remote."""
        project.run("dvc", "remote", "add", "--local", "--default", "team", self.url)
        for name, value in self.settings.items():
            project.run("dvc", "remote", "modify", "--local", "team", name, value)

    def reach(self, project: Project, *command: str) -> None:
        """Run a command that needs the remote: over a line, first while it breaks, then while it is slow."""
        if self.line is not None:
            self.line.room = 300_000
            once = {"AWS_MAX_ATTEMPTS": "1"}  # else it tries for minutes
            assert "ERROR" in project.run(*command, expect=255, **self.environment | once)
            self.line.room, self.line.pause = math.inf, 0.005
        project.run(*command, **self.environment)


@pytest.fixture(params=["s3", "ssh"])
def remote(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Remote]:
    """A remote of each kind; folders are those of the other tests."""
    yield from _s3() if request.param == "s3" else _ssh(tmp_path / "ssh")


def _s3() -> Iterator[Remote]:
    with _bucket() as port, line_to(port) as line:
        yield Remote("s3://rows/cache", {"endpointurl": line.address}, AMAZON, line)


@contextmanager
def _bucket() -> Iterator[int]:
    """Start a server of S3 with the bucket `rows`, and give its port."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    address = f"http://127.0.0.1:{port}"
    boto3.client(
        "s3", endpoint_url=address, region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test"
    ).create_bucket(Bucket="rows")
    yield port
    server.stop()


def _ssh(folder: Path) -> Iterator[Remote]:
    sshd = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin")
    if sshd is None:
        pytest.skip("sshd is not installed: apt-get install openssh-server")
    folder.mkdir()
    for name in ("host_key", "user_key"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)], check=True)
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    (folder / "sshd_config").write_text(SSHD.format(port=port, folder=folder))
    Path("/run/sshd").mkdir(exist_ok=True)  # where sshd, started as root, gives up its rights
    with subprocess.Popen([sshd, "-D", "-f", str(folder / "sshd_config"), "-E", str(folder / "log")]) as server:
        _await_port(port)
        settings = {"port": str(port), "user": getpass.getuser(), "keyfile": str(folder / "user_key")}
        yield Remote(f"ssh://127.0.0.1{folder}/remote", settings)
        server.terminate()


def _await_port(port: int) -> None:
    for _ in range(100):
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError("sshd did not start")


def share(project: Project, folder: Path) -> None:
    """Give the project a git remote `origin` in `folder`, with its branch."""
    subprocess.run(["git", "init", "--quiet", "--bare", "--initial-branch", "main", str(folder)], check=True)
    project.run("git", "remote", "add", "origin", str(folder))
    project.run("git", "push", "--quiet", "origin", "main")


def clone(origin: Path, folder: Path) -> Project:
    """Return a second clone."""
    subprocess.run(["git", "clone", "--quiet", str(origin), str(folder)], check=True)
    return Project(folder)


def test_a_second_clone_shows_the_rows_of_the_first_and_checks_one_out_without_computing(
    two_rows: Project, remote: Remote, tmp_path: Path
) -> None:
    share(two_rows, tmp_path / "origin.git")
    remote.add(two_rows)
    remote.reach(two_rows, "dvc", "exp", "push", "origin", "second")
    assert two_rows.planned() == set()

    other = clone(tmp_path / "origin.git", tmp_path / "other")
    remote.add(other)
    merged = other.run("scoretable", "merge", "origin", **remote.environment)
    assert "second: added" in merged
    table = other.run("scoretable", "table")
    (line,) = [line for line in table.splitlines() if " second " in line]
    assert " of 9)" in line
    assert not other.path("models/model.keras").exists()
    remote.reach(other, "dvc", "exp", "pull", "origin", "second")
    other.run("dvc", "exp", "apply", "second")
    assert other.planned() == set()
    for name in RESULTS:
        assert other.path(name).read_bytes() == two_rows.path(name).read_bytes(), name


def test_a_full_remote_loses_nothing_and_takes_the_rest_when_there_is_room(two_rows: Project, tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("mounting a small disk takes root")
    disk = tmp_path / "disk"
    disk.mkdir()
    share(two_rows, tmp_path / "origin.git")
    Remote(str(disk / "remote")).add(two_rows)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", str(disk)], check=True)
    try:
        failed = two_rows.run("dvc", "exp", "push", "origin", "second", expect=None)
        assert "failed" in failed.lower() or "error" in failed.lower()
        assert two_rows.planned() == set()
        subprocess.run(["mount", "-o", "remount,size=100m", str(disk)], check=True)
        two_rows.run("dvc", "exp", "push", "origin", "second")
        other = clone(tmp_path / "origin.git", tmp_path / "other")
        Remote(str(disk / "remote")).add(other)
        other.run("dvc", "exp", "pull", "origin", "second")
        other.run("dvc", "exp", "apply", "second")
        assert other.planned() == set()
    finally:
        subprocess.run(["umount", str(disk)], check=True)
