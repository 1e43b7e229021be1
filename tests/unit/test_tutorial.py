"""docs/your-competition.md shows what its commands really print, and the files that they really write."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from drawn_competitions import draw_archive
from scoretable.cli import main as cli

ROOT = Path(__file__).parents[2]
ARCHIVES = {
    "dog-breeds": "dog-breed-identification",
    "dogs-vs-cats": "dogs-vs-cats-redux-kernels-edition",
    "eye-grades": "aptos2019-blindness-detection",
}
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```", (ROOT / "docs/your-competition.md").read_text(), re.M | re.S)


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("params.yaml", "session.yaml"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "workflow/competitions").mkdir(parents=True)
    (tmp_path / "data/archives").mkdir(parents=True)
    for name, layout in ARCHIVES.items():
        (tmp_path / f"data/archives/{name}.zip").write_bytes(draw_archive(layout))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.turns(2)
def test_the_page_shows_what_its_commands_print_and_write(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    compared = 0
    for language, block in BLOCKS:
        command, _, shown = block.partition("\n")
        if command.startswith("sed "):
            subprocess.run(command, shell=True, check=True)
        elif command.startswith(("$ scoretable init", "$ scoretable check")):
            cli.main(shlex.split(command)[2:])
            printed = capsys.readouterr()
            assert printed.out + printed.err == shown
            compared += 1
        elif language == "yaml":
            name = command.partition("init ")[2].partition("`")[0]
            assert (workspace / f"workflow/competitions/{name}.yaml").read_text() == block
            compared += 1
    assert compared >= 6
