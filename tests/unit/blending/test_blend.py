"""`scoretable ensemble`: rows of a repository become one submission, and it is said what that is worth."""

import re
from pathlib import Path

import pytest
from scoretable.cli import main as cli
from unit.blending.blended_rows import add_row

HALVES = ((0.9, 0.9, 0.4, 0.4, 0.4, 0.4), (0.2, 0.2, 0.7, 0.7, 0.7, 0.7))


@pytest.fixture
def rows(repository: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Rows `one` and `two`, of which the second is right more often, and each where the other is not."""
    monkeypatch.chdir(repository)
    add_row(repository, "one", range(0, 60), tested=HALVES[0])
    add_row(repository, "two", range(20, 100), tested=HALVES[1])
    return repository


def labels(repository: Path) -> list[str]:
    lines = (repository / "data/ensemble.csv").read_text().splitlines()[1:]
    return [line.split(",")[1] for line in lines]


def test_a_blend_is_told_with_its_weights_and_what_it_is_worth(rows: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["ensemble", "one", "two"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("A greedy blend of 2 rows: ")
    assert re.search(r"^two, the best row +0\.80000 +0\.7112 to 0\.8666 +if anything too good", told, re.MULTILINE)
    assert re.search(r"^the blend +1\.00000 +0\.9626 to 1\.0000 +of 100 images, each part of 10 by", told, re.MULTILINE)
    assert "Better than its best row by more than the noise of images (+0.20000 against two" in told
    assert "data/ensemble.csv: 6 rows" in told
    assert labels(rows) == ["tungro"] * 2 + ["blast"] * 4


def test_the_plain_mean_is_taken_where_it_is_asked_for(rows: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["ensemble", "one", "two", "--weights", "mean"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("The plain mean of 2 rows: 0.5 one + 0.5 two")
    assert "too good: of the images that chose its weights" not in told
    assert labels(rows) == ["blast"] * 6


def test_the_weights_decide_what_is_handed_in(rows: Path, capsys: pytest.CaptureFixture[str]) -> None:
    add_row(rows, "guess", range(0, 5), tested=(0.0,) * 6)
    assert cli.main(["ensemble", "one", "guess", "--weights", "nnls"]) == 0
    assert capsys.readouterr().out.startswith("A blend by non-negative least squares of 2 rows: 1 one\n")
    assert labels(rows) == ["blast"] * 2 + ["tungro"] * 4


def test_rows_of_other_folds_are_refused_and_averaged_only_where_that_is_asked_for(
    rows: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    add_row(rows, "other", range(120, 200), range(100, 200), seed=1)
    assert cli.main(["ensemble", "one", "other"]) == 1
    refused = capsys.readouterr().err
    assert refused.startswith("scoretable: rows one, other held out other images (seed: 0 and 1)")
    assert refused.endswith(" Or take equal weights, of unknown worth: --weights mean.\n")
    assert not Path("data/ensemble.csv").exists()
    assert cli.main(["ensemble", "one", "other", "--weights", "mean"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("The plain mean of 2 rows, one, other. No better weights are known")
    assert "held out other images (seed: 0 and 1)" in told
    assert "--weights" not in told
    assert cli.main(["ensemble", "one", "other", "--weights", "greedy"]) == 1
    assert capsys.readouterr().err == refused


def test_logits_are_averaged_where_they_are_asked_for(rows: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["ensemble", "one", "two", "--on", "logits"]) == 0
    assert capsys.readouterr().out.startswith("A greedy blend, on logits, of 2 rows")
    assert cli.main(["ensemble", "one", "two", "--on", "logits", "--weights", "nnls"]) == 1
    assert "omit --on logits, or use --weights greedy" in capsys.readouterr().err
