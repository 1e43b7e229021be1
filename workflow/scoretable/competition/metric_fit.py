"""Whether a competition's metric scores the answers that are handed in."""

from collections.abc import Sequence

import pandas as pd

from scoretable.competition.description import Competition
from scoretable.competition.metric import METRICS, fits_form
from scoretable.competition.sample_cells import count_ranks, name_shortly
from scoretable.competition.task import TASKS, Form
from scoretable.workspace.errors import InputError


def refuse_open_metric(form: Form, competition: Competition) -> None:
    """Raise InputError where the file names no metric, and the task's own one does not score answers of this form."""
    if competition.metric is not None or form in ("label", "labels", "numbers"):
        return
    raise InputError(
        f"the competition's file names no metric, and its sample wants submission.form: {form}, which "
        f"{competition.score} does not score: set metric to {_fitting(form, competition)}, as the competition's page "
        "says."
    )


def refuse_misfit_of_metric(
    form: Form, cells: pd.Series, competition: Competition, classes: Sequence[str], others: str
) -> None:
    """Raise InputError where the metric cannot score answers of this form; `others` are what to set.

    Labels go with probabilities where the file itself says so, since a competition's page has the last word.
    """
    score, given = competition.score, competition.submission.form
    one_each = competition.metric is not None or set(cells) <= {*classes}
    if form == "ranked" and score != "map_at_k" and one_each:
        raise InputError(
            f"submission.form: ranked hands in several answers, of which metric: {score} scores one: set "
            f"metric: map_at_k, or {others}."
        )
    if form in ("label", "labels") and METRICS[score].needs in ("probabilities", "ranks"):
        raise InputError(
            f"submission.form: {form} hands in no {'ranks' if score == 'map_at_k' else 'probabilities'}, which metric: "
            f"{score} needs: set {others}, or another metric."
        )
    labels_of = competition.metric and METRICS[competition.metric].needs == "labels"
    if form in ("probability", "columns") and given is None and labels_of:
        raise InputError(
            f"metric: {score} scores labels, but the sample wants submission.form: {form}: set metric to "
            f"{_fitting(form, competition)}, or write submission.form: {form} if the competition's page says {score}."
        )


def choose_ranks(cells: pd.Series, competition: Competition, classes: Sequence[str]) -> int:
    """Return how many classes a ranked answer has: as many as the file, the sample or the metric says.

    Raises InputError where these differ, and where a class cannot be told apart in a list. Never more than there are.
    """
    sample, given, counted = competition.submission.sample, competition.submission.ranks, competition.metric_k
    spaced = [name for name in classes if " " in name]
    if spaced:
        raise InputError(
            f"submission.form: ranked joins classes by a space, which {name_shortly(spaced)} has inside: set "
            "submission.form: label, or task: multilabel if these are several labels."
        )
    shown = count_ranks(cells, classes)
    agreed = "metric_k" in competition.model_fields_set and counted == given
    if given is not None and (shown > given or (1 < shown < given and not agreed)):
        also = f", or metric_k: {given} as well if the page says so" if given > shown else ""
        raise InputError(
            f"{sample} has rows of {shown} labels, but submission.ranks is {given}: set submission.ranks: {shown}"
            f"{also}."
        )
    ranks = given or (shown if shown > 1 else counted)
    if competition.score == "map_at_k" and min(ranks, len(classes)) != min(counted, len(classes)):
        source = "submission.ranks" if given else sample
        other = f", or submission.ranks: {counted}" if counted >= shown else ""
        raise InputError(
            f"{ranks} labels an image are handed in, as {source} says, but metric: map_at_k counts {counted}: set "
            f"metric_k: {ranks}{other}."
        )
    return min(ranks, len(classes))


def _fitting(form: Form, competition: Competition) -> str:
    return " or ".join(name for name in TASKS[competition.task].scores if fits_form(name, form))
