"""`.ci/run` brings what tests need beyond Python, as far as the distribution has it, and then runs the tests."""

import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
APT_GET = """
for word in "$@"; do
    if [ "$word" = slurmd ]; then exit 100; fi
done
echo "$@" >> "$0.log"
"""
COMMANDS = {"id": "echo 0", "make": 'echo "make $*"', "apt-get": APT_GET}


def test_a_package_that_the_distribution_lacks_keeps_no_other_one_out(tmp_path: Path) -> None:
    shutil.copytree(ROOT / ".ci", tmp_path / ".ci")
    for name, script in COMMANDS.items():
        (tmp_path / name).write_text(f"#!/bin/bash\n{script}\n")
        (tmp_path / name).chmod(0o755)
    environment = os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    ran = subprocess.run([tmp_path / ".ci/run"], env=environment, capture_output=True, text=True, check=True)
    names = (ROOT / ".ci/debian-packages").read_text().split()
    installed = [line.split()[-1] for line in (tmp_path / "apt-get.log").read_text().splitlines() if "install" in line]
    assert installed == [name for name in names if name != "slurmd"]
    assert "no package slurmd: the tests that need it are skipped" in ran.stdout
    assert ran.stdout.splitlines()[-1] == "make test"
