"""A campaign makes what is missing, blends it, and makes nothing twice."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from scoretable.campaign.campaign import Campaign
from scoretable.campaign.rounds import run_campaign
from scoretable.experiments.earlier_rows import trace_row
from scoretable.experiments.experiment import find_experiment, list_experiments
from scoretable.recipes.recipe_file import Blending
from scoretable.rows.param_groups import SessionParams
from scoretable.rows.params import Params
from scoretable.table.reproduce import Run
from scoretable.workspace.errors import InputError
from unit.blending.blended_rows import add_row

ARCHIVE = Path("data/raw/sandbox.zip")
ROWS = {"one": Params(fold="all"), "two": Params(fold="all", model="SmallCNN", weights=None)}
RIGHT = {"one": range(0, 60), "two": range(20, 85)}


def campaign(threshold: float | None = 0.8) -> Campaign:
    return Campaign(("mine-1", "mine-2"), ROWS, SessionParams(), Blending(weights="nnls"), threshold)


def add(name: str, params: Params) -> None:
    """Add a row as DVC does, in a copy of the repository, so that its archive is in the cache alone."""
    add_row(Path(), name, RIGHT[name.rpartition("-")[2]], **params.model_dump())
    cached = find_experiment(Path(), name).cached(ARCHIVE.as_posix())
    assert cached is not None
    cached.write_bytes(ARCHIVE.read_bytes())
    ARCHIVE.unlink()


@pytest.fixture
def started(repository: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the rows that were made, in the place of trainings."""
    names: list[str] = []

    def make(runs: Sequence[Run], root: Path, jobs: int, submit: bool) -> list[str]:
        for run in runs:
            names.append(run.name)
            add(run.name, run.params)
        return []

    monkeypatch.chdir(repository)
    monkeypatch.setattr("made_experiments.trace_lineage", trace_row)
    monkeypatch.setattr("scoretable.campaign.rounds.start_runs", make)
    return names


def blends() -> list[str]:
    return [row.name for row in list_experiments(Path()) if row.blend]


def test_both_rounds_are_made_blended_and_told_with_their_doubt(
    started: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    closing = run_campaign(campaign(), Path())
    assert started == ["mine-1-one", "mine-1-two", "mine-2-one", "mine-2-two"]
    first, second = blends()
    assert find_experiment(Path(), "mine-2-one").params["pseudo_labels"] == first
    assert [part["name"] for part in find_experiment(Path(), second).blend["parts"]] == ["mine-2-one", "mine-2-two"]
    assert f"{second} is better than its best part, mine-2-two, by more than the noise of images (+0.2" in closing
    assert f"no gain over the first round is shown: {first}, with 0.8500 (0.7" in closing
    assert f"Round 1, kept as row {first}\nA blend by non-negative" in capsys.readouterr().out


def test_a_second_call_has_nothing_to_make_and_says_the_same(started: list[str]) -> None:
    closing, made = run_campaign(campaign(), Path()), [*started]
    assert run_campaign(campaign(), Path()) == closing
    assert started == made
    assert len(blends()) == 2


def test_rows_that_come_out_otherwise_make_another_blend_and_another_second_round(
    started: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run_campaign(campaign(), Path())
    monkeypatch.setitem(RIGHT, "one", range(0, 70))
    add("mine-1-one", ROWS["one"])
    started.clear()
    run_campaign(campaign(), Path())
    assert started == ["mine-2-one", "mine-2-two"]
    assert len(blends()) == 4


def test_after_a_row_that_fails_the_same_call_goes_on_with_it(
    started: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from scoretable.campaign import rounds

    make: Callable[..., list[str]] = rounds.start_runs
    with monkeypatch.context() as patch:
        patch.setattr(rounds, "start_runs", lambda runs, *others, **named: make(runs[:1], *others, **named))
        with pytest.raises(InputError, match=r"^mine-1-two did not finish .*: run the same command again"):
            run_campaign(campaign(), Path())
    run_campaign(campaign(), Path())
    assert started == ["mine-1-one", "mine-1-two", "mine-2-one", "mine-2-two"]


def test_without_a_threshold_there_is_one_round_and_no_doubt(started: list[str]) -> None:
    closing = run_campaign(campaign(None), Path())
    assert started == ["mine-1-one", "mine-1-two"]
    assert "pseudo-labels" not in closing


def test_a_threshold_that_no_answer_reaches_is_refused_before_the_second_round(started: list[str]) -> None:
    with pytest.raises(InputError, match=r"0.95 is reached by none .* 0.900: .*-S pseudo_threshold=0.8"):
        run_campaign(campaign(0.95), Path())
    assert started == ["mine-1-one", "mine-1-two"]
