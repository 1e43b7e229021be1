"""Linters, types, the directions of imports, the rules' conventions and the links of the docs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT, TOOLS = Path(__file__).parents[1], Path(sys.executable).parent
LINTERS = (
    "ruff check .",
    "ruff format --check .",
    "pyrefly check",
    "lint-imports",
    "snakemake --lint",
    "mkdocs build --strict",  # with --quiet it would not fail
)


@pytest.mark.parametrize("command", LINTERS)
def test_a_linter_finds_nothing(command: str) -> None:
    result = subprocess.run(
        command.split(),
        cwd=ROOT,
        env=os.environ | {"PATH": f"{TOOLS}{os.pathsep}{os.environ['PATH']}", "NO_MKDOCS_2_WARNING": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout
