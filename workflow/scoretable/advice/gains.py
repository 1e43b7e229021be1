"""What one more seed, all folds, or larger images would cost, and what the table says that they give."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import sqrt

from scoretable.advice.outlook import REACH, Outlook
from scoretable.rows.params import Params
from scoretable.table.effects import Effect, find_effects
from scoretable.table.frames import families, family_key
from scoretable.table.table import ScoreTable, Setting
from scoretable.uncertainty.runs import student

HOUR = 3600
LARGER = 1.5  # times the side: the step between the image sizes of the table's recipes
NOTHING_KNOWN = "nothing in the table says"


@dataclass(frozen=True)
class Gain:
    """One thing to do. hours: what it takes, None where no row says; gives: what it is likely to give, in words."""

    what: str
    hours: float | None
    gives: str


def gains(table: ScoreTable, best: Outlook) -> Iterator[Gain]:
    """Yield what could be done with the setting of the best row."""
    setting = best.setting
    seconds = setting.mean("seconds")
    hours = None if seconds is None else seconds / HOUR
    yield Gain("one more seed", hours, _more_seeds(table, setting))
    effects = [effect for effect in find_effects(table) if effect.frame.where.startswith(setting.competition)]
    folds = round(1 / float(setting.params.get("validation", Params.model_fields["validation"].default)))
    if setting.params.get("fold") != "all":
        yield Gain(f"fold: all ({folds} models)", _times(hours, folds), _all_folds(best, folds, effects))
    yield Gain(f"images {LARGER:g} times as wide", _times(hours, LARGER**2), _from_effects(effects, "image_size"))
    if setting.params.get("epochs"):
        yield Gain("twice the epochs", _times(hours, 2), _from_effects(effects, "epochs"))


def _times(hours: float | None, factor: float) -> float | None:
    return None if hours is None else hours * factor


def _more_seeds(table: ScoreTable, setting: Setting) -> str:
    values = setting.values("validation")
    family = families(table, "validation").get(family_key(setting))
    if family is None:
        return "the first word on what another seed changes: the table has no two seeds of one setting"
    spread = family.lend(values, setting.scale)
    slope = abs(setting.scale.slope(float(setting.scale.forward(sum(values) / len(values)))))
    now, then = (
        student(freedom) * sqrt(spread.variance / count) * slope
        for freedom, count in ((spread.freedom, len(values)), (spread.freedom + 1, len(values) + 1))
    )
    return f"the setting's mean to ± {then:.4f} instead of ± {now:.4f}"


def _all_folds(best: Outlook, folds: int, effects: Sequence[Effect]) -> str:
    slope = abs(best.setting.scale.slope(best.place))
    now = REACH * sqrt(best.local_variance) * slope
    given = f"a local score of all images: ± {now / sqrt(folds):.4f} by images instead of ± {now:.4f}"
    told = _from_effects(effects, "fold")
    return given if told == NOTHING_KNOWN else f"{given}; {told}"


def _size(value: object) -> float:
    return value if isinstance(value, int | float) else 0


def _from_effects(effects: Sequence[Effect], param: str) -> str:
    """Say what the last step of a param did in the table."""
    pairs = [effect for effect in effects if effect.params == (param,)]
    if not pairs:
        return NOTHING_KNOWN
    last = max(pairs, key=lambda effect: [_size(side.params.get(param)) for side in (effect.second, effect.first)])
    change = last.change
    interval = "" if change.low is None else f" ({change.low:+.4f} to {change.high:+.4f})"
    one, two = last.first.params.get(param), last.second.params.get(param)
    return f"{one} to {two} gave {change.value:+.4f}{interval}, {change.verdict}"
