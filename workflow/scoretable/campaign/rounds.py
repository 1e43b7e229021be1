"""The rounds of a campaign: its rows are made where they are missing, blended, and the blend is kept as a row."""

import hashlib
import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from scoretable.blending.blend import Blend, blend_rows
from scoretable.blending.saving import answers_of, save_blend
from scoretable.blending.text import describe_blend
from scoretable.campaign.campaign import Campaign
from scoretable.campaign.conclusion import conclude
from scoretable.competition.description import COMPETITIONS, Competition, load_competition
from scoretable.experiments.earlier_rows import doubts
from scoretable.experiments.experiment import Experiment, list_experiments
from scoretable.rows.layout import Layout
from scoretable.table.reproduce import finished_runs, start_runs
from scoretable.workspace.errors import InputError


@dataclass(frozen=True)
class _Elsewhere(Layout):
    """The paths of a row whose archive lies elsewhere, since DVC made the row in a copy of the repository."""

    place: Path = Path()

    @property
    def archive(self) -> Path:
        return self.place


def run_campaign(campaign: Campaign, root: Path) -> str:
    """Make all that is missing of a campaign, print each round, and return how it ended.

    Raises InputError where a row does not finish; the same call then goes on with it.
    """
    name, blend = _make_round(campaign, 1, None, root)
    if campaign.threshold is None:
        return conclude(name, blend)
    _refuse_unsure(blend, campaign.threshold)
    last_name, last = _make_round(campaign, 2, name, root)
    doubted = any(any(doubts(run.params, root)) for run in campaign.runs(2, name))
    return conclude(last_name, last, (name, blend), doubted)


def _make_round(campaign: Campaign, number: int, labels: str | None, root: Path) -> tuple[str, Blend]:
    """Make the rows of a round that are missing, blend them, and keep the blend unless it is kept."""
    rows = _make_rows(campaign, number, labels, root)
    competition = load_competition(campaign.competition, root / COMPETITIONS)
    name = f"{campaign.names[number - 1]}-blend-{_identity(campaign, rows)}"
    with _layout(next(iter(rows.values())), competition) as layout:
        blend = blend_rows(rows, layout, competition, campaign.blending.weights, campaign.blending.average)
        if name not in {experiment.name for experiment in list_experiments(root)}:
            save_blend(blend, rows, name, root, layout, competition)
    print(f"\nRound {number}, kept as row {name}\n{describe_blend(blend)}\n", flush=True)
    return name, blend


def _make_rows(campaign: Campaign, number: int, labels: str | None, root: Path) -> dict[str, Experiment]:
    runs = campaign.runs(number, labels)
    there = {run.name for run, _ in finished_runs(runs, root)}
    for run in runs:
        print(f"{run.name}: {'already done' if run.name in there else 'to be made'}", flush=True)
    start_runs([run for run in runs if run.name not in there], root, jobs=1, submit=False)
    rows = {run.name: row for run, row in finished_runs(runs, root)}
    unfinished = [run.name for run in runs if run.name not in rows]
    if unfinished:
        raise InputError(f"{', '.join(unfinished)} did not finish (see above): run the same command again to continue.")
    return rows


def _identity(campaign: Campaign, rows: Mapping[str, Experiment]) -> str:
    """Return a digest of what a blend is made of: other answers of its rows make another blend, which has its name."""
    content = [campaign.blending.model_dump(), [[name, answers_of(row)] for name, row in rows.items()]]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:6]


@contextmanager
def _layout(row: Experiment, competition: Competition) -> Iterator[Layout]:
    """Yield paths with the archive of this row, which the workspace may lack, or have another in its place."""
    layout = Layout(competition.name, "")
    kept = row.cached(layout.archive.as_posix())
    if kept is None:
        yield layout
        return
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / layout.archive.name
        place.symlink_to(kept.resolve())
        yield _Elsewhere(competition.name, "", place)


def _refuse_unsure(blend: Blend, threshold: float) -> None:
    largest = float(np.max(blend.predictions.answers))
    if largest < threshold:
        raise InputError(
            f"pseudo_threshold: {threshold:g} is reached by none of the first blend's answers, of which the surest has "
            f"{largest:.3f}: lower it with `-S pseudo_threshold={max(0.01, largest - 0.005):.2f}`."
        )
