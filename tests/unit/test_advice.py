"""Each command and key that a message or a page of the docs tells you to type is one that is there.

Tests of the messages themselves run what they advise; here nothing is run, so that no advice is forgotten.
"""

import ast
import re
import shlex
import subprocess
import tomllib
import typing
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from pydantic import BaseModel
from scoretable.cli.main import app
from scoretable.competition.description import Competition
from scoretable.rows.param_groups import SessionParams
from scoretable.rows.params import Params
from typer.main import get_command

ROOT = Path(__file__).parents[2]
PAGES = [
    ROOT / name
    for name in ("README.md", "README.ko.md", "CONTRIBUTING.md", "config/README.md", "data/README.md")
] + sorted((ROOT / "docs").glob("*.md"))  # fmt: skip
TOOL = "(?:scoretable|dvc|snakemake|git|make|pip|kaggle)"
TYPED = re.compile(rf"`({TOOL} [^`]+)`")
BLOCK = re.compile(r"^```\n(.*?)^```", re.DOTALL | re.MULTILINE)
SHOWN = re.compile(rf"^(?:\$ )?({TOOL} .+)", re.MULTILINE)
VALUE = "a_value"  # stands for what a message puts in
MENTIONED = {"scoretable reproduce"}  # by the meaning of a param, which it sets
LACKING = re.compile(r"Missing parameter|arguments are required|requires an argument")
KEY = re.compile(r"\b(?:[Ss]et|[Cc]orrect|[Rr]emove|[Ll]ower|[Rr]aise) (\w+(?:\.\w+)*)(?=(:?))")


def texts_of(path: Path) -> Iterator[str]:
    """The strings of a module but its docstrings, with a word for each value that is put into them."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        match node:
            case ast.JoinedStr(values):
                yield "".join(part.value if isinstance(part, ast.Constant) else VALUE for part in values)
            case ast.Constant(str(text)) if id(node) not in parts | docs:
                yield text


def messages() -> Iterator[str]:
    for path in sorted((ROOT / "workflow/scoretable").rglob("*.py")):
        yield from texts_of(path)
    for path in (ROOT / "Snakefile", *(ROOT / "workflow/rules").glob("*.smk"), ROOT / "Makefile"):
        yield path.read_text(encoding="utf-8")


def commands_of_pages() -> Iterator[str]:
    for path in PAGES:
        text = path.read_text(encoding="utf-8")
        for block in BLOCK.findall(text):
            yield from SHOWN.findall(block.replace("\\\n", " "))
        yield from TYPED.findall(BLOCK.sub("", text))


def take_scoretable(words: list[str]) -> None:
    group = get_command(app)
    if words[0].startswith("-"):  # such an option does its work as soon as it is read
        assert words[0] in ("--help", *(option for parameter in group.params for option in parameter.opts))
        return
    context = group.make_context("scoretable", words)
    name, command, rest = group.resolve_command(context, [*context._protected_args, *context.args])
    command.make_context(name, rest, parent=context)


def take_dvc(words: list[str]) -> None:
    from dvc.cli import parse_args

    parse_args(words)


def take_snakemake(words: list[str]) -> None:
    from snakemake.cli import get_argument_parser

    texts = [path.read_text() for path in (ROOT / "Snakefile", *(ROOT / "workflow/rules").glob("*.smk"))]
    rules = {name for text in texts for name in re.findall(r"^ *rule (\w+):", text, re.MULTILINE)}
    assert set(get_argument_parser().parse_args(words).targets) <= rules


def take_git(words: list[str]) -> None:
    known = subprocess.run(["git", "--list-cmds=main"], capture_output=True, text=True, check=True)
    assert words[0] in known.stdout.split()


def take_make(words: list[str]) -> None:
    makefile = (ROOT / "Makefile").read_text()
    for word in words:
        name, is_variable, _ = word.partition("=")
        assert re.search(rf"\$\({name}\b|^{name} \?=" if is_variable else rf"^{re.escape(name)}:", makefile, re.M), word


def take_pip(words: list[str]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    optional = {re.split(r"[\[>=]", name)[0] for names in project["optional-dependencies"].values() for name in names}
    assert words[0] == "install"
    assert set(words[1:]) <= optional | {VALUE}


def take_kaggle(words: list[str]) -> None:
    subprocess.run(["kaggle", *words, "--help"], check=True, capture_output=True)


TAKE: dict[str, Callable[[list[str]], None]] = {
    "scoretable": take_scoretable, "dvc": take_dvc, "snakemake": take_snakemake, "git": take_git, "make": take_make,
    "pip": take_pip, "kaggle": take_kaggle,
}  # fmt: skip


def refusal(command: str) -> str:
    """Why the tool does not take the command, '' where it does."""
    tool, *words = shlex.split(re.split(r" [|>&]|;", command)[0], comments=True)
    try:
        TAKE[tool](words)
    except (Exception, SystemExit) as error:
        return f"{command}: {type(error).__name__} {error}"
    return ""


@pytest.fixture(autouse=True)
def in_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(parser: object, message: str) -> NoReturn:
        raise ValueError(message)

    monkeypatch.chdir(ROOT)
    monkeypatch.setattr("argparse.ArgumentParser.error", refuse)
    monkeypatch.setattr("dvc.cli.parser.DvcParser.error", refuse)


def test_each_command_in_a_message_is_one_that_its_tool_takes() -> None:
    commands = {command for text in messages() for command in TYPED.findall(text)} - MENTIONED
    assert len(commands) > 30
    assert [refused for command in sorted(commands) if (refused := refusal(command))] == []


def test_each_command_on_a_page_is_one_that_its_tool_takes() -> None:
    commands = {command for command in commands_of_pages() if not re.search(r"snakemake \.\.\.|COMMAND", command)}
    refused = [refused for command in sorted(commands) if (refused := refusal(command))]
    assert len(commands) > 100
    assert [each for each in refused if not LACKING.search(each)] == []  # a page also speaks of `dvc exp pull`


@pytest.mark.parametrize(
    "command",
    [
        "scoretable init", "scoretable tabel", "scoretable table --nothing", "dvc exp pull", "dvc exp rnu",
        "snakemake --core 1 --nothing", "snakemake --cores 1 trian", "git chekcout x", "make sumbission",
        "make submission NOTHING=1", "pip install nothing", "kaggle nothing",
    ],
)  # fmt: skip
def test_a_command_that_its_tool_does_not_take_would_be_found(command: str) -> None:
    assert refusal(command)


def keys_of(model: type[BaseModel]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        yield name
        for kind in (field.annotation, *typing.get_args(field.annotation)):
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                yield from (f"{name}.{key}" for key in keys_of(kind))


def test_each_key_that_a_message_tells_you_to_set_is_there() -> None:
    known = {key for model in (Params, SessionParams, Competition) for key in keys_of(model)}
    known |= {key.rpartition(".")[2] for key in known}
    named = {
        key
        for text in messages()
        for key, colon in KEY.findall(text)
        if (colon or re.search(r"[._]", key)) and key not in (VALUE, "it")
    }
    patterns = {key: re.sub(rf"\w*{VALUE}\w*", r"\\w+", key) for key in named}
    absent = [key for key, pattern in patterns.items() if not any(re.fullmatch(pattern, one) for one in known)]
    assert len(named) > 20
    assert absent == []
