"""The advice as the command prints it."""

from pathlib import Path

import pytest
from made_experiments import add_experiment, add_output
from scoretable.advice.text import write_advice
from scoretable.cli import main as cli
from scoretable.table.table import read_score_table
from scoretable.workspace.errors import InputError
from table.test_comparison import answers
from unit.advice.test_outlook import PADDY, predictions


def test_the_command_tells_what_the_rows_of_the_competition_say(
    repository: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for place, right in enumerate((50, 60, 70, 80)):
        add_experiment(
            repository, f"row{place}", right / 100, public=right / 100, competition=PADDY, image_size=64 + 32 * place
        )
        add_output(repository, f"row{place}", "models/validation.npz", answers(range(right)))
        add_output(repository, f"row{place}", "data/predictions.npz", predictions(3469))
    monkeypatch.chdir(repository)
    assert cli.main(["advise", "--competition", PADDY]) == 0
    told = capsys.readouterr().out
    assert f"{PADDY}: 2,601 public and 868 private test images, 4 rows" in told
    assert "Of 4 rows, the ranks correlate by 1.00" in told
    assert "1. row3: best of 4 rows in" in told
    assert "128 to 160 gave +0.1000" in told
    assert "nothing in the table says" in told


def test_without_a_row_it_says_how_one_is_made(repository: Path) -> None:
    with pytest.raises(InputError, match=r"^sandbox has no row here with a score: `dvc exp run` makes one\.$"):
        write_advice(read_score_table(repository), "sandbox", repository)


def test_without_the_number_of_public_images_it_names_the_key(repository: Path) -> None:
    add_experiment(repository, "one", 0.5)
    with pytest.raises(InputError, match=r"write public_images into workflow/competitions/sandbox\.yaml"):
        write_advice(read_score_table(repository), "sandbox", repository)
