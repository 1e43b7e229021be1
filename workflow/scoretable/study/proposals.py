"""The next factors worth a look, from what the table's rows say and what nobody has tried.

There are three kinds of reasons, and the first of each kind comes first; then the rest, uncertain ones before all:

1. **uncertain**: two settings differ in this param alone, and the interval of their difference includes zero, or there
   is none. Those come first that could gain most, by the upper end of the interval. That is the optimism in the face of
   uncertainty of Auer, Cesa-Bianchi & Fischer 2002 (Finite-time Analysis of the Multiarmed Bandit Problem).
2. **the end of the range**: the larger of two numbers is better for sure, and is the largest that was tried, or the
   smaller one the smallest; and no other value did better: as far again may be better still.
3. **never varied**: all rows have one value of this param. `WORTH` has their order.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from scoretable.rows.param_text import show_value
from scoretable.rows.params import Params
from scoretable.table.table import ScoreTable, Setting
from scoretable.uncertainty.differences import Difference, difference
from scoretable.uncertainty.scales import scale_of
from scoretable.workspace.errors import how_many

COUNT = 3
NOT_FACTORS = (  # they say what is measured, and on what
    "competition", "sandbox_images", "sandbox_seed", "unreadable", "validation", "fold", "seed", "deterministic",
)  # fmt: skip
BENGIO = "Bengio 2012, Practical Recommendations for Gradient-Based Training of Deep Architectures"
HE = "He et al. 2019, Bag of Tricks for Image Classification with Convolutional Neural Networks"
TAN = "Tan & Le 2019, EfficientNet"


@dataclass(frozen=True)
class Proposal:
    """A factor worth a look. factor: as `--factor` takes it; reason: why, as a sentence."""

    name: str
    factor: str
    reason: str


@dataclass(frozen=True)
class Effect:
    """Two settings that differ in one param. gain: by how much the better one's mean is better."""

    name: str
    worse: Any
    better: Any
    gain: Difference
    draws: tuple[int, int]

    @property
    def most(self) -> float:
        """What could be gained: the upper end of the interval, or the difference where it has none."""
        return self.gain.value if self.gain.high is None else self.gain.high

    @property
    def is_sure(self) -> bool:
        """Whether the interval leaves zero out."""
        return self.gain.low is not None and self.gain.low > 0


def _rates(value: float | None) -> list[Any]:
    return [float(f"{value * factor:.1g}") for factor in (0.3, 3)] if value else [0.0003, 0.003]


def _times(factor: float) -> Callable[[Any], list[Any]]:
    return lambda value: [type(value)(value * factor)] if isinstance(value, int | float) else []


def _add_changes(value: Any) -> list[Any]:
    known = [name for name in (value if isinstance(value, list) else [value]) if name != "none"]
    more = [name for name in ("flip", "crop", "colour") if name not in known]
    return [known + more[:count] for count in range(1, len(more) + 1)]


# Params in the order in which they are worth a look, the values to try for the base's, and the reason.
WORTH: tuple[tuple[str, Callable[[Any], list[Any]], str], ...] = (
    (
        "learning_rate",
        _rates,
        f"it is the one to tune first ({BENGIO})",
    ),
    ("augment", _add_changes, "few images go further with more changes"),
    ("image_size", lambda value: [round(value * 1.5)] if isinstance(value, int) else [], f"details show ({TAN})"),
    ("epochs", _times(2), f"few epochs may be too few ({BENGIO})"),
    ("tta", lambda value: ["flip"], "it takes no training"),
    ("schedule", lambda value: ["cosine", "one_cycle"], f"the rate's end counts ({HE})"),
    ("label_smoothing", lambda value: [0.1], f"it keeps answers from being too sure ({HE})"),
    ("weight_decay", lambda value: [0.01], f"it keeps weights small ({BENGIO})"),
    ("batch_size", _times(0.5), f"smaller batches take more steps ({BENGIO})"),
    ("dropout", lambda value: [0.0, 0.5], f"how much of it helps depends on the data ({BENGIO})"),
)


def propose(table: ScoreTable, base: Params, fits: Callable[[str, Any], bool]) -> list[Proposal]:
    """Return up to COUNT factors that are worth a look on the base's competition.

    fits: whether a param of the base can have a value.
    """
    settings = [setting for setting in table.settings if setting.params.get("competition") == base.competition]
    effects = list(find_effects(settings))
    kinds = [list(_uncertain(effects)), list(_further(effects, settings, fits)), list(_untried(settings, base, fits))]
    queue = [kind[0] for kind in kinds if kind] + [found for kind in (kinds[0], kinds[2], kinds[1]) for found in kind]
    chosen: dict[str, Proposal] = {}
    for found in queue:
        chosen.setdefault(found.name, found)
    return list(chosen.values())[:COUNT]


def find_effects(settings: Sequence[Setting]) -> Iterator[Effect]:
    """Yield the difference of each two settings that differ in one param, by their validation scores."""
    for name in Params.model_fields:
        alike: dict[str, list[Setting]] = defaultdict(list)
        for setting in settings:
            if name not in NOT_FACTORS and setting.values("validation"):
                alike[_all_but(setting, name)].append(setting)
        for group in alike.values():
            yield from (
                _effect(name, one, other)
                for one, other in combinations(group, 2)
                if value_of(one, name) != value_of(other, name)
            )


def _effect(name: str, one: Setting, other: Setting) -> Effect:
    worse, better = sorted((one, other), key=_mean, reverse=not one.larger_is_better)
    pair = (worse, better) if one.larger_is_better else (better, worse)
    first, second = (setting.values("validation") for setting in pair)
    gain = difference(first, second, scale_of(one.metric))
    return Effect(
        name, value_of(worse, name), value_of(better, name), gain, (len(worse.draws), len(better.draws))
    )  # fmt: skip


def value_of(setting: Setting, name: str) -> Any:
    """Return a row's param, its default where the row is older than the param."""
    return setting.params.get(name, Params.model_fields[name].default)


def _all_but(setting: Setting, name: str) -> str:
    left = {key: value_of(setting, key) for key in Params.model_fields if key not in (name, "seed")}
    return json.dumps([left, setting.metric], sort_keys=True)


def _mean(setting: Setting) -> float:
    values = setting.values("validation")
    return sum(values) / len(values)


def _uncertain(effects: Sequence[Effect]) -> Iterator[Proposal]:
    for found in sorted(effects, key=lambda effect: effect.most, reverse=True):
        if found.is_sure or found.most <= 0:
            continue
        worse, better = show_value(found.worse), show_value(found.better)
        told = f"{better} was better than {worse} by {found.gain.value:.4f}"
        draws = f"{found.draws[1]} and {how_many(found.draws[0], 'draw')}"
        interval = (
            "nothing tells how far that is noise"
            if found.gain.low is None
            else f"the interval goes from {found.gain.low:+.4f} to {found.gain.high:+.4f}"
        )
        reason = f"uncertain but large: {told} ({draws}), and {interval}."
        yield Proposal(found.name, f"{found.name}={worse},{better}", reason)


def _further(
    effects: Sequence[Effect], settings: Sequence[Setting], fits: Callable[[str, Any], bool]
) -> Iterator[Proposal]:
    beaten = {(effect.name, show_value(effect.worse)) for effect in effects}
    for found in sorted(effects, key=lambda effect: effect.gain.value, reverse=True):
        better = show_value(found.better)
        if not found.is_sure or (found.name, better) in beaten or not _is_at_the_end(found, settings):
            continue
        beyond = _as_far_again(found.worse, found.better)
        if beyond != found.better and fits(found.name, beyond):
            interval = f"{found.gain.low:+.4f} to {found.gain.high:+.4f}"
            told = f"{better} is better than {show_value(found.worse)} ({interval})"
            reason = f"the end of the range: {told}, and nothing beyond it was tried."
            yield Proposal(found.name, f"{found.name}={better},{show_value(beyond)}", reason)


def _is_at_the_end(effect: Effect, settings: Sequence[Setting]) -> bool:
    """Whether the better value is a number that none of the rows goes beyond."""
    numbers = [value for setting in settings if _is_number(value := value_of(setting, effect.name))]
    if not (_is_number(effect.better) and _is_number(effect.worse)):
        return False
    return bool(effect.better == (max(numbers) if effect.better > effect.worse else min(numbers)))


def _as_far_again(worse: int | float, better: int | float) -> int | float:
    """Return the number that is beyond the better one by the same factor.

    >>> _as_far_again(5, 10), _as_far_again(0.01, 0.003)
    (20, 0.0009)
    """
    beyond = better * better / worse
    return round(beyond) if isinstance(better, int) else float(f"{beyond:.1g}")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0


def _untried(settings: Sequence[Setting], base: Params, fits: Callable[[str, Any], bool]) -> Iterator[Proposal]:
    for name, values, reason in WORTH:
        now = getattr(base, name)
        if any(value_of(setting, name) != now for setting in settings):
            continue
        found = [value for value in values(now) if value != now and fits(name, value)]
        if found:
            tried = f"all rows have {show_value(now)}" if settings else "there is no row yet"
            factor = f"{name}={','.join(map(show_value, [now, *found]))}"
            yield Proposal(name, factor, f"never varied: {tried}, and {reason}.")
