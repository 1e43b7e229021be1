"""A study is shown while it runs, says how to go on where it was interrupted, and names what is worth a look."""

import re
from pathlib import Path

import pytest
from made_experiments import add_experiment
from scoretable.cli import main as cli
from scoretable.study import running
from scoretable.table.reproduce import Run
from told import told

STUDY = ("study", "--factor", "optimizer=adam,sgd", "--seeds", "1", "--confirm", "0")


@pytest.fixture(autouse=True)
def _folder(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (repository / "data").mkdir()
    monkeypatch.chdir(repository)


@pytest.fixture
def _interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every run is interrupted."""

    def interrupt(run: Run, root: Path, queue: bool, submit: bool) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr(running, "start_run", interrupt)


@pytest.mark.usefixtures("_interrupted")
def test_an_interrupted_study_says_in_a_sentence_how_to_go_on_and_leaves_its_report(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cli.main([*STUDY]) == 130
    sentence = "scoretable: interrupted: 0 of at most 3 runs are done; run the same command again to continue.\n"
    assert capsys.readouterr().err == sentence
    (report,) = Path("data").glob("study-*.md")
    assert "the same command goes on" in report.read_text()


@pytest.mark.usefixtures("_interrupted")
def test_a_study_is_shown_by_its_factors_and_the_latest_one_without(capsys: pytest.CaptureFixture[str]) -> None:
    for factor in ("optimizer=adam,sgd", "optimizer=adam,rmsprop"):
        cli.main(["study", "--factor", factor])
    capsys.readouterr()
    assert cli.main(["study", "--show"]) == 0
    assert "optimizer: adam, rmsprop" in capsys.readouterr().out
    assert cli.main(["study", "--factor", "optimizer=adam,sgd", "--show"]) == 0
    assert "optimizer: adam, sgd" in capsys.readouterr().out


def test_a_study_that_has_not_run_cannot_be_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["study", "--show"]) == 1
    assert "there is no data/study-<id>.md yet: run the study first, without --show." in capsys.readouterr().err


def test_a_study_without_factors_names_the_command_that_proposes_some(capsys: pytest.CaptureFixture[str]) -> None:
    add_experiment(Path(), "base", 0.5)
    assert cli.main(["study"]) == 1
    assert cli.main(told(capsys.readouterr().err, "scoretable")[1:]) == 0
    proposed = re.findall(r"`--factor (\S+)`", capsys.readouterr().out)
    assert len(proposed) == 3
    assert cli.main(["study", *(part for factor in proposed for part in ("--factor", factor)), "--hours", "0"]) == 0


@pytest.mark.parametrize("option", [("--seeds", "0"), ("--confirm", "-1"), ("--search", "0"), ("--seeds", "1001")])
def test_a_number_of_seeds_or_settings_that_makes_no_sense_is_refused(
    capsys: pytest.CaptureFixture[str], option: tuple[str, str]
) -> None:
    assert cli.main([*STUDY, *option]) == 1
    assert f"{option[0]} " in capsys.readouterr().err


def test_hours_that_are_over_are_told_with_how_to_go_on(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([*STUDY, "--hours", "0"]) == 0
    assert "The limit of 0 h is reached, before a setting was chosen." in capsys.readouterr().out
