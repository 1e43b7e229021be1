"""The score table is drawn for a terminal's width, and printed whole where no terminal reads it."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest
from made_experiments import add_experiment, make_repository
from scoretable.cli import main as cli

ROOT = Path(__file__).parents[3]


def in_terminal(folder: Path, columns: int, **environment: str) -> str:
    """What `scoretable table` prints in a terminal of so many columns."""
    reading, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    kept = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "NO_COLOR", "FORCE_COLOR")}
    process = subprocess.Popen(
        [sys.executable, "-m", "scoretable", "table"], cwd=folder, stdin=terminal, stdout=terminal, stderr=terminal,
        env=kept | {"PYTHONPATH": str(ROOT / "workflow"), "TERM": "xterm"} | environment,
    )  # fmt: skip
    os.close(terminal)
    printed = b""
    with os.fdopen(reading, "rb", buffering=0) as stream:
        while True:
            try:
                printed += (part := stream.read(65536))
            except OSError:  # the other end is closed
                part = b""
            if not part:
                break
    assert process.wait() == 0, printed
    return printed.decode().replace("\r\n", "\n")


def plain(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


@pytest.fixture(scope="module")
def long_named(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with a row of a long name."""
    repository = make_repository(tmp_path_factory.mktemp("table") / "repository")
    add_experiment(repository, "row-8-sandbox-scaled-images0.046-epochs0.1-size0.34", 0.5, reruns=8)
    return repository


def test_in_a_terminal_no_line_is_wider_than_it_and_there_is_colour(long_named: Path) -> None:
    printed = in_terminal(long_named, 80)
    assert max(map(len, plain(printed).splitlines())) <= 80
    assert "\x1b[36m" in printed


def test_a_terminal_that_wants_no_colour_gets_none(long_named: Path) -> None:
    assert "\x1b[36m" not in in_terminal(long_named, 80, NO_COLOR="1")


def test_a_pipe_gets_all_columns(
    repository: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(repository)
    assert cli.main(["table"]) == 0
    header = capsys.readouterr().out.splitlines()[0].split()
    assert {"row", "name", "model", "validation", "public", "private", "hardware", "commit"} <= set(header)


def test_a_format_is_printed_as_asked(
    repository: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(repository)
    assert cli.main(["table", "--format", "csv"]) == 0
    assert capsys.readouterr().out.startswith("name,")
