"""What a study has found: main effects with intervals, and the winner against the base."""

from collections.abc import Iterator, Sequence

from tabulate import tabulate

from scoretable.study.trials import Study, Trial, show_value, single_trials
from scoretable.table.text import show_summary
from scoretable.uncertainty.differences import Difference, in_direction, paired_difference
from scoretable.uncertainty.runs import summarise
from scoretable.uncertainty.scales import scale_of
from scoretable.workspace.errors import how_many

NOTE = (
    "Each interval is for one comparison with the base alone, at the same seeds (Student's, 95%). The combined setting "
    "was chosen with these seeds, so its advantage is more likely measured too high than too low."
)


def write_report(study: Study, winner: Trial | None, ended: str) -> str:
    """Return the report as Markdown. winner: None while the study is not finished; ended: why it stops here."""
    base = single_trials(study)[0]
    factors = "; ".join(f"{name}: {', '.join(map(show_value, values))}" for name, values in study.factors.items())
    lines = list(_lines(study, base))
    parts = [
        f"# Study {study.identity}",
        f"Around {_describe(study)}, on {study.base.competition}. {factors}. {how_many(study.seeds, 'seed')}.",
        tabulate(lines, headers="keys", tablefmt="github", disable_numparse=True) if lines else "Nothing has run yet.",
        ended if winner is None else _conclusion(study, base, winner),
        NOTE,
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _lines(study: Study, base: Trial) -> Iterator[dict[str, str]]:
    for trial in study.trials.values():
        scores = list(study.scores[trial.label].values())
        if not scores:
            continue
        line = {
            "setting": trial.label,
            "draws": str(len(scores)),
            "validation": _summary(study, scores),
        }
        change = _difference(study, base, trial) if trial is not base and trial.changes else None
        yield line | (_change(change) if change else {"against the base": "-", "95% interval": "-", "verdict": "-"})


def _conclusion(study: Study, base: Trial, winner: Trial) -> str:
    if not winner.changes:
        return f"Winner: the base itself, {_summary(study, list(study.scores[base.label].values()))}."
    change, (_, second) = _difference(study, base, winner), study.common(base, winner)
    changes = ", ".join(f"{name}={show_value(value)}" for name, value in winner.changes.items())
    interval = (
        f"{change.low:+.4f} to {change.high:+.4f}"
        if change.low is not None
        else "no interval, since there is no spread"
    )
    settings = " ".join(f'-S "{name}={show_value(value)}"' for name, value in winner.changes.items())
    return (
        f"Winner: {changes}: {_summary(study, second)}, {change.value:+.4f} against the base ({interval}; "
        f"{change.verdict}).\n\nTo make it in the workspace: `dvc exp run {settings}`"
    )


def _summary(study: Study, scores: Sequence[float]) -> str:
    return show_summary(summarise(scores, scale_of(study.metric)))


def _difference(study: Study, base: Trial, trial: Trial) -> Difference:
    return in_direction(paired_difference(*study.common(base, trial), scale_of(study.metric)), study.larger_is_better)


def _change(change: Difference) -> dict[str, str]:
    interval = f"{change.low:+.4f} to {change.high:+.4f}" if change.low is not None else "no spread"
    return {"against the base": f"{change.value:+.4f}", "95% interval": interval, "verdict": change.verdict}


def _describe(study: Study) -> str:
    base = study.base
    row = f"{base.model} at {base.image_size} px, {how_many(base.epochs, 'epoch')}, batches of {base.batch_size}"
    way = "larger" if study.larger_is_better else "smaller"
    return row if study.metric == "accuracy" else f"{row}, scored by {study.metric} ({way} is better)"
