"""The command `recipe` lists recipes, or sets one."""

import shutil
from pathlib import Path

import pytest
from scoretable.cli import main as cli
from scoretable.cli.recipe import complete_recipe
from scoretable.recipes.recipe_file import RECIPES, list_recipes
from told import told

ROOT = Path(__file__).parents[3]


@pytest.fixture
def home(repository: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(ROOT / RECIPES, repository / RECIPES)
    monkeypatch.chdir(repository)
    return repository


def test_all_are_listed_with_what_they_gave(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["recipe"]) == 0
    printed = capsys.readouterr().out
    assert [line.partition(":")[0] for line in printed.splitlines()[:-1:2]] == list(list_recipes(ROOT))
    assert "gave  accuracy 0.9583 (0.9285 to 0.9882" in printed
    assert "gave  not measured yet" in printed


def test_one_is_set_told_and_closed_with_the_command_that_runs_it(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["recipe", "beans"]) == 0
    printed = capsys.readouterr().out
    assert "params.yaml: image_size: 128 -> 192\n" in printed
    closing = printed.splitlines()[-1]
    assert told(closing, "dvc") == ["dvc", "exp", "run"]
    assert told(closing, "snakemake") == ["snakemake", "--cores", "1", "submission"]


def test_the_shell_completes_the_names(home: Path) -> None:
    assert list(complete_recipe("pad")) == ["paddy-single"]
    assert list(complete_recipe("nothing")) == []
