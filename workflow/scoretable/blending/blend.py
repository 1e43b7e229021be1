"""A blend of rows, from their names to the answers that are handed in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from scoretable.blending.estimate import Estimate, estimate
from scoretable.blending.fetching import Row, fetch_cut, fetch_predictions, fetch_validation_answers
from scoretable.blending.fitting import Shared, Way
from scoretable.blending.mixing import Domain, Mixing, average_cuts, mix_predictions
from scoretable.blending.row_answers import refuse_other_data, share
from scoretable.competition.answer_form import check_sample
from scoretable.competition.description import Competition
from scoretable.competition.sample import read_both
from scoretable.experiments.experiment import Experiment, list_experiments
from scoretable.prediction.predictions import Predictions
from scoretable.rows.layout import Layout
from scoretable.scoring.choices import Cut
from scoretable.workspace.errors import InputError


@dataclass(frozen=True, eq=False)
class Blend:
    """Answers of several rows as one. names: of the rows, as weights has them; cut: where the answers become labels.

    shared, worth: the answers that the weights come from, and what is known by them; None where rows have none in
    common, for which `reason` says why.
    """

    names: tuple[str, ...]
    way: Way
    mixing: Mixing
    weights: tuple[float, ...]
    predictions: Predictions
    cut: Cut
    shared: Shared | None = None
    worth: Estimate | None = None
    reason: str = ""


def find_rows(names: Sequence[str], root: Path) -> dict[str, Row]:
    """Return the experiments of these names; what is the name of none is kept as a Git revision."""
    there = {row.name: row for row in list_experiments(root)}
    return {name: there.get(name, name) for name in names}


def blend_rows(rows: Mapping[str, Row], layout: Layout, competition: Competition, way: Way, on: Domain) -> Blend:
    """Blend rows given by their names.

    way: how their weights are found. Raises InputError where a file of a row is not to be had, the rows do not fit each
    other, or they have too few validation answers in common for weights that are not equal.
    """
    names, mixing = tuple(rows), Mixing(competition.task, on)
    if way == "nnls" and on == "logits":
        raise InputError(
            "--weights nnls is of probabilities, since no logit is a sum of others: omit --on logits, or use "
            "--weights greedy."
        )
    experiments = {name: row for name, row in rows.items() if isinstance(row, Experiment)}
    refuse_other_data(experiments, competition.name)
    found = {name: fetch_predictions(rows[name], layout.predictions, competition.task) for name in names}
    if not layout.archive.exists():
        raise InputError(
            f"{layout.archive} is missing, and with it the sample submission: run `snakemake --cores 1 download` first."
        )
    equal = (1 / len(names),) * len(names)
    mean = mix_predictions(found, mixing, equal)
    cuts = [fetch_cut(rows[name], layout.evaluation) for name in names]
    sample, _ = read_both(layout.archive, competition.submission, competition.encoding, mean.ids)
    rule = competition.submission.cut_rule(check_sample(sample, competition, mean.classes).form)
    try:
        answers = {name: fetch_validation_answers(rows[name], layout.validation, competition.task) for name in names}
        shared = share(answers, experiments, competition, mixing, rule, any(cut.at_least_one for cut in cuts))
        worth = estimate(shared, way)
    except InputError as error:
        if way != "mean":
            raise InputError(f"{error} Or take equal weights, of unknown worth: --weights mean.") from None
        cut = average_cuts(cuts, len(mean.classes))
        return Blend(names, "mean", mixing, equal, mean, cut, reason=str(error))
    weights = tuple(np.asarray(worth.fitted.weights).tolist())
    mixed = mix_predictions(found, mixing, weights)
    return Blend(names, way, mixing, weights, mixed, worth.fitted.cut, shared, worth)
