"""What a study has found: as confirmed at fresh seeds, as chosen, how it went, and what to try next."""

from collections.abc import Iterator, Sequence

from tabulate import tabulate

from scoretable.rows.param_text import show_value
from scoretable.study.curve import rises
from scoretable.study.proposals import Proposal
from scoretable.study.trials import BASE_TRIAL, Study, Trial
from scoretable.table.text import show_summary
from scoretable.uncertainty.differences import Difference, in_direction, paired_difference
from scoretable.uncertainty.runs import summarise
from scoretable.uncertainty.scales import scale_of
from scoretable.workspace.errors import how_many

OF_CONFIRMED = (
    "These seeds chose nothing, so this difference is as likely too low as too high. Each setting ran with the same "
    "seeds as the base."
)
OF_CHOSEN = (
    "Each interval is for one comparison with the base alone, at the same seeds (95%). These seeds chose the best of "
    "several settings, so its advantage here is more likely too high than too low."
)


def write_report(study: Study, ended: str, proposals: Sequence[Proposal] = ()) -> str:
    """Return the report as Markdown.

    ended: why the study stops here, '' where it is finished.
    """
    parts = [
        f"# Study {study.identity}",
        _conclusion(study, study.winner),
        ended,
        _plan(study),
        *_confirmed(study, study.winner),
        *_chosen(study),
        *_course(study),
        *_next(proposals),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _conclusion(study: Study, winner: Trial | None) -> str:
    """Say what is confirmed, and beside it what the seeds said that chose it."""
    if winner is None:
        return _so_far(study)
    if not winner.changes:
        return f"**The base itself is the best: {_mean(study, winner)}.** There is nothing to confirm."
    chosen = f"{_told(_difference(study, winner))} at {_seeds(study, winner)}"
    row = f"`dvc exp apply {study.run(winner, 0).name}` puts its row at the first seed into the workspace."
    confirmed = study.common(BASE_TRIAL, winner, is_fresh=True)[0]
    if not confirmed:
        return f"**Not tried at fresh seeds: {winner.label}.** As chosen, {chosen}, more likely too high. {row}"
    change = _difference(study, winner, is_fresh=True)
    verdict = "Confirmed" if _is_better(study, change) else "Not confirmed"
    where = f"{verdict} at {how_many(len(confirmed), 'fresh seed')}"
    return f"**{where}: {winner.label}, {_told(change)}.** As chosen, it was {chosen}. {row}"


def _is_better(study: Study, change: Difference) -> bool:
    """Whether the whole interval is on the better side of zero."""
    if change.low is None or change.high is None:
        return False
    return change.low > 0 if study.larger_is_better else change.high < 0


def _so_far(study: Study) -> str:
    found = study.best()
    best = f" The best so far: {found[0].label}, {found[1]:.5f}." if found else ""
    return f"Nothing is confirmed: {len(study.steps)} of at most {study.planned} runs are done.{best}"


def _confirmed(study: Study, winner: Trial | None) -> Iterator[str]:
    if winner is None or not study.common(BASE_TRIAL, winner, is_fresh=True)[0]:
        return
    yield "## As confirmed"
    yield _table(study, [BASE_TRIAL, winner], is_fresh=True)
    yield OF_CONFIRMED


def _chosen(study: Study) -> Iterator[str]:
    yield "## As chosen"
    yield _table(study, list(study.trials.values()), is_fresh=False) or "Nothing has run yet."
    yield OF_CHOSEN


def _course(study: Study) -> Iterator[str]:
    """Yield the curve, which lies beside the report, and the runs at which it changed."""
    if not study.steps:
        return
    yield "## How it went"
    yield f"![Each run's score, and the best so far](study-{study.identity}.svg)"
    yield _tabulate(
        [{"run": str(place), "best so far": step.best, "its mean": f"{step.mean:.5f}"} for place, step in rises(study)]
    )
    yield "The mean is over the seeds at which all settings have run that are left. Another seed can lower it."


def _next(proposals: Sequence[Proposal]) -> Iterator[str]:
    if proposals:
        yield "## Next"
        yield write_proposals(proposals)


def write_proposals(proposals: Sequence[Proposal]) -> str:
    """Return factors worth a look, each with its reason, as Markdown."""
    return "\n".join(f"{place}. `--factor {found.factor}`: {found.reason}" for place, found in enumerate(proposals, 1))


def _table(study: Study, trials: Sequence[Trial], is_fresh: bool) -> str:
    return _tabulate(list(_lines(study, trials, is_fresh)))


def _tabulate(lines: Sequence[dict[str, str]]) -> str:
    return tabulate(lines, headers="keys", tablefmt="github", disable_numparse=True) if lines else ""


def _lines(study: Study, trials: Sequence[Trial], is_fresh: bool) -> Iterator[dict[str, str]]:
    for trial in trials:
        scores = list((study.fresh if is_fresh else study.scores).get(trial.label, {}).values())
        if not scores:
            continue
        line = {"setting": trial.label, "draws": str(len(scores)), "validation": _summary(study, scores)}
        compared = trial.changes and study.common(BASE_TRIAL, trial, is_fresh)[0]
        change = _difference(study, trial, is_fresh) if compared else None
        yield line | _change(change)


def _change(change: Difference | None) -> dict[str, str]:
    if change is None:
        return {"against the base": "-", "95% interval": "-", "verdict": "-"}
    return {
        "against the base": f"{change.value:+z.4f}",
        "95% interval": _interval(change) or "no spread",
        "verdict": change.verdict,
    }


def _summary(study: Study, scores: Sequence[float]) -> str:
    return show_summary(summarise(scores, scale_of(study.metric)))


def _difference(study: Study, trial: Trial, is_fresh: bool = False) -> Difference:
    found = paired_difference(*study.common(BASE_TRIAL, trial, is_fresh), scale_of(study.metric))
    return in_direction(found, study.larger_is_better)


def _told(change: Difference) -> str:
    interval = _interval(change) or "no interval, since there is no spread"
    return f"{change.value:+z.4f} against the base ({interval}; {change.verdict})"


def _interval(change: Difference) -> str:
    return f"{change.low:+z.4f} to {change.high:+z.4f}" if change.low is not None else ""


def _mean(study: Study, trial: Trial) -> str:
    return _summary(study, list(study.scores[trial.label].values()))


def _seeds(study: Study, trial: Trial) -> str:
    return f"the {how_many(len(study.common(BASE_TRIAL, trial)[0]), 'seed')} that chose it"


def _plan(study: Study) -> str:
    factors = "; ".join(f"{name}: {', '.join(map(show_value, values))}" for name, values in study.factors.items())
    seeds = how_many(study.seeds, "seed")
    return f"Around {_describe(study)}, on {study.base.competition}. {factors}. {seeds} to choose."


def _describe(study: Study) -> str:
    base = study.base
    row = f"{base.model} at {base.image_size} px, {how_many(base.epochs, 'epoch')}, batches of {base.batch_size}"
    way = "larger" if study.larger_is_better else "smaller"
    return row if study.metric == "accuracy" else f"{row}, scored by {study.metric} ({way} is better)"
