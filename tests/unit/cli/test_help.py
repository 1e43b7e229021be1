"""Each --help comes at once, says what the command is for, and has examples that can be typed."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from scoretable.cli import main as cli
from scoretable.rows.stages import STEPS
from typer.main import get_command

ROOT = Path(__file__).parents[3]
HEAVY = {
    "scoretable.rows.params",
    "numpy",
    "pandas",
    "keras",
    "tensorflow",
    "pydantic",
    "yaml",
    "git",
    "dvc",
    "snakemake",
    "scipy",
    "matplotlib",
}
COMMANDS = tuple(get_command(cli.app).commands)  # type: ignore[attr-defined]
NAMES = (
    "explain", "verify", "note", "ensemble", "merge", "predict", "export", "recipe", "reproduce", "study", "table",
    "import", "compare", "advise", "init", "check", "audit", "submit", "score", "queue",
    *(step for step in STEPS if step != "predict"),
)  # fmt: skip


def shown_help(capsys: pytest.CaptureFixture[str], *command: str) -> list[str]:
    assert cli.main([*command, "--help"]) == 0
    return re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out).splitlines()


def examples(lines: list[str]) -> list[str]:
    begin = next(number for number, line in enumerate(lines) if line in ("Example:", "Examples:"))
    return [line.strip() for line in lines[begin + 1 :] if line]


def test_there_is_a_command_for_everything_that_a_row_needs() -> None:
    assert COMMANDS == NAMES


def imported_by_help(*commands: str) -> set[str]:
    """What takes long to import, of what the --help of these commands imports."""
    code = (
        "import sys; from scoretable.cli.main import main; "
        f"[main([*command.split(), '--help']) for command in {commands}]; "
        f"sys.exit(' '.join({HEAVY} & set(sys.modules)))"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT / "workflow")}
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False)
    return set(shown.stderr.split())


def test_the_help_imports_nothing_that_takes_long_to_import() -> None:
    assert imported_by_help("") == set()


def test_no_commands_help_imports_what_takes_long_to_import() -> None:
    assert imported_by_help(*COMMANDS) - {"pydantic"} == set()  # with which Typer checks choices


def test_the_commands_stand_in_groups(capsys: pytest.CaptureFixture[str]) -> None:
    panels = re.findall(r"^[╭+][─-] ([^─]+?) [─-]", "\n".join(shown_help(capsys)), re.MULTILINE)
    assert panels == ["Options", "Rows", "Score table", "Competition", "Kaggle", "Cluster", "Steps (run by Snakemake)"]


def test_the_help_begins_with_what_the_tool_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert shown_help(capsys)[0] == "Make, compare and submit the rows of a Kaggle score table."


@pytest.mark.parametrize("name", COMMANDS)
def test_a_commands_help_begins_with_its_purpose(capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert re.fullmatch(r"[A-Z].+\.", shown_help(capsys, name)[0].strip())


@pytest.mark.parametrize("name", COMMANDS)
def test_a_help_is_no_wider_than_the_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert max(map(len, shown_help(capsys, name))) <= 80


@pytest.mark.parametrize("name", COMMANDS)
def test_the_examples_of_a_command_can_be_typed(capsys: pytest.CaptureFixture[str], name: str) -> None:
    shown = examples(shown_help(capsys, name))
    assert 1 <= len(shown) <= 3
    for example in shown:
        tool, command, *arguments = shlex.split(example.partition(" | ")[0], comments=True)
        assert (tool, command) == ("scoretable", name)
        get_command(cli.app).commands[name].make_context(name, arguments)  # type: ignore[attr-defined]


def test_a_flag_does_not_say_that_it_is_true_or_false(capsys: pytest.CaptureFixture[str]) -> None:
    assert "bool" not in "\n".join(shown_help(capsys, "reproduce"))


def test_the_short_option_of_the_help_is_known(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["table", "-h"]) == 0
    assert capsys.readouterr().out.startswith("Compare all rows")
