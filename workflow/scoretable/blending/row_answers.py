"""The answers of rows to be blended, where they fit each other, and the images that all of them held out."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from scoretable.blending.fitting import Shared, settle_rule
from scoretable.blending.mixing import Mixing
from scoretable.competition.description import Competition
from scoretable.competition.submission_layout import CutRule
from scoretable.experiments.experiment import Experiment
from scoretable.prediction.validation_answers import ValidationAnswers
from scoretable.scoring.measure import Measure
from scoretable.workspace.errors import InputError, how_many

FEWEST_IMAGES = 30  # that all rows held out: with fewer, weights say nothing
SPLIT = ("validation", "fold", "seed")  # params that say which images a row holds out


def refuse_other_data(rows: Mapping[str, Experiment], competition: str) -> None:
    """Raise InputError where a row is of another competition than params.yaml, or of another archive than the first."""
    for name, row in rows.items():
        other = row.params.get("competition")
        if other != competition:
            raise InputError(
                f"row {name} is of competition {other}, and params.yaml is of {competition}: blend rows of one "
                f"competition, and set `competition: {other}` there for those of {other}."
            )
    archives = {name: digest for name, row in rows.items() if (digest := _archive(row, competition))}
    first = next(iter(archives), "")
    for name, digest in archives.items():
        if digest != archives[first]:
            raise InputError(
                f"rows {first} and {name} are made of other data: MD5 {archives[first][:8]} and {digest[:8]} of "
                f"data/raw/{competition}.zip: blend rows of one archive, or make {name} again on that of {first}."
            )


def share(
    answers: Mapping[str, ValidationAnswers],
    rows: Mapping[str, Experiment],
    competition: Competition,
    mixing: Mixing,
    rule: CutRule = "found",
    at_least_one: bool = False,
) -> Shared:
    """Return the answers to the images that all rows held out, in the order of their places in the image cache.

    Rows of other seeds or folds have some of these images in common, and rows with `fold: all` all: where they are
    enough they count, since no row was trained on them. answers: by the rows' names; rows: those that are experiments,
    whose params tell what differs; rule: where the competition cuts answers into labels. Raises InputError where the
    images are too few, or where rows differ in what they say of one image.
    """
    first, begin = next(iter(answers.items()))
    places = _common(answers)
    if len(places) < FEWEST_IMAGES:
        raise InputError(_too_few(len(places), answers, rows))
    parts = {name: _only(found, places) for name, found in answers.items()}
    for name, found in answers.items():
        same = (
            found.classes == begin.classes
            and np.array_equal(parts[name].truth, parts[first].truth)
            and parts[name].ids == parts[first].ids
        )
        if not same:
            what = "classes" if found.classes != begin.classes else "ids or labels of the validation images"
            raise InputError(f"rows {first} and {name} know other {what}: blend rows that are made of the same data.")
    terms = np.stack([mixing.terms(part.answers) for part in parts.values()])
    measure = Measure.of(competition, begin.classes, at_least_one)
    begun = parts[first]
    return settle_rule(Shared(tuple(answers), begun.truth, terms, measure, mixing, places, rule, tuple(begun.ids)))


def _archive(row: Experiment, competition: str) -> str:
    return row.outputs.get(f"data/raw/{competition}.zip", "")


def _common(answers: Mapping[str, ValidationAnswers]) -> NDArray[np.int64]:
    """Return the places of the images that all rows held out, rising."""
    first, *others = (found.row for found in answers.values())
    places = np.unique(first)
    for other in others:
        places = np.intersect1d(places, other)
    return places


def _only(found: ValidationAnswers, places: NDArray[np.int64]) -> ValidationAnswers:
    order = np.argsort(found.row, kind="stable")
    at = order[np.searchsorted(found.row[order], places)]
    ids = [found.ids[place] for place in at]
    return ValidationAnswers(
        np.asarray(found.answers[at]), found.truth[at], ids, found.classes, found.fold[at], found.row[at]
    )


def _too_few(common: int, answers: Mapping[str, ValidationAnswers], rows: Mapping[str, Experiment]) -> str:
    names = list(answers)
    if len({frozenset(found.row.tolist()) for found in answers.values()}) == 1:
        return (
            f"the rows held out only {how_many(common, 'image')}, and weights take {FEWEST_IMAGES}: raise validation "
            "in params.yaml and make the rows again."
        )
    params = [rows[name].params for name in names if name in rows]
    told = [
        f"{key}: {' and '.join(dict.fromkeys(str(each.get(key)) for each in params))}"
        for key in SPLIT
        if len({str(each.get(key)) for each in params}) > 1
    ]
    differing = f" ({', '.join(told)})" if told else ""
    return (
        f"rows {', '.join(names)} held out other images{differing}, with "
        f"{how_many(common, 'image')} in common, and weights take {FEWEST_IMAGES}: make the rows with the same "
        "validation, fold and seed, or with `fold: all`."
    )
