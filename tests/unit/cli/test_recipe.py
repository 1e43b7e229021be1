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
    assert "gave  accuracy 0.9674 (0.9558 to 0.9789" in printed
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


def test_one_of_several_rows_sets_nothing_and_is_closed_with_the_command_that_runs_it(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (home / "params.yaml").read_text()
    assert cli.main(["recipe", "paddy-best"]) == 0
    printed = capsys.readouterr().out
    assert "It is 4 rows, convnext, vit, swinv2, swin, and their blend, twice" in printed
    assert told(printed.splitlines()[-1], "scoretable") == ["scoretable", "recipe", "paddy-best", "--run"]
    assert (home / "params.yaml").read_text() == before


def test_run_is_that_of_the_campaign_with_its_settings(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scoretable.campaign.rounds.run_campaign", lambda campaign, root: campaign.rows["vit"].epochs)
    assert cli.main(["recipe", "best-laptop", "--run", "-S", "epochs=7"]) == 0
    assert capsys.readouterr().out == "7\n"


def test_an_interrupted_run_says_how_it_goes_on(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("scoretable.campaign.rounds.run_campaign", interrupt)
    assert cli.main(["recipe", "best-laptop", "--run"]) == 130
    assert "run the same command again to continue" in capsys.readouterr().err


@pytest.mark.parametrize(
    "typed", [["--run"], ["-S", "epochs=3"], ["beans", "--run"], ["paddy-best", "-S", "epochs=3"]], ids=" ".join
)
def test_what_makes_no_sense_together_is_refused(
    home: Path, capsys: pytest.CaptureFixture[str], typed: list[str]
) -> None:
    assert cli.main(["recipe", *typed]) == 1
    assert "scoretable recipe" in capsys.readouterr().err


def test_the_shell_completes_the_names(home: Path) -> None:
    assert list(complete_recipe("pad")) == ["paddy-best", "paddy-single"]
    assert list(complete_recipe("nothing")) == []
