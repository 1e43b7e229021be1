"""Submitting the row, once: to Kaggle, or to the sandbox's own scorer; and what came of it."""

import contextlib
from collections.abc import Callable
from typing import Any

import pandas as pd
import requests

from scoretable.competition.description import Competition, load_competition
from scoretable.competition.metric import Score
from scoretable.competition.sample import read_both
from scoretable.experiments.score_file import count_behind, read_score, write_score
from scoretable.kaggle.client import KaggleClient, kaggle_client
from scoretable.kaggle.code_submission import prepare_code_submission
from scoretable.kaggle.local_scoring import score_sandbox
from scoretable.kaggle.submission import (
    Submission,
    find_rank,
    prepare_file,
    score_figures,
    submit_once,
    wait_for_score,
)
from scoretable.prediction.predictions import load_predictions
from scoretable.prediction.submission import validate_submission
from scoretable.rows.layout import Layout
from scoretable.rows.param_groups import SessionParams
from scoretable.rows.params import Params
from scoretable.workspace.digests import file_digest
from scoretable.workspace.errors import InputError


def submit_row(params: Params, session: SessionParams, layout: Layout, row: str) -> str:
    """Submit the row's file unless it is scored already, write what came of it, and tell the score.

    Raises InputError for a file that is not the sample's kind, for a competition that takes no submissions, and for
    all that Kaggle refuses.
    """
    competition = load_competition(params.competition)
    if competition.source == "archive":
        raise InputError(f"competition: {competition.name} takes no submissions: it only brings an archive.")
    check_submission(competition, layout)
    known = read_score(layout.scored, layout.submission)
    if known is None or known["state"] != "complete":
        if competition.source == "sandbox":
            score_sandbox(layout, competition)
        else:
            with kaggle_client(competition.name, session.kaggle_timeout) as client:
                _score_on_kaggle(client, competition, params, session, layout, row)
    return describe(read_score(layout.scored, layout.submission) or {}, layout, competition.score)


def check_submission(competition: Competition, layout: Layout) -> None:
    """Raise InputError unless the file is one that a grader could mark; see `validate_submission`."""
    try:
        table = pd.read_csv(layout.submission, dtype=str, keep_default_na=False)
    except (OSError, ValueError) as error:
        raise InputError(
            f"{layout.submission} cannot be read ({error}): run `snakemake --cores 1 submission` again."
        ) from None
    predictions = load_predictions(layout.predictions, competition.task)
    sample, spelt = read_both(layout.archive, competition.submission, competition.encoding, predictions.ids)
    validate_submission(table, sample, competition, predictions.classes, spelt)


def describe(score: dict[str, Any], layout: Layout, metric: Score) -> str:
    """Say what the score file holds; metric: what the scores are."""
    if score["state"] == "pending":
        return f"Submission {score['ref']} is being scored: `snakemake --cores 1 submit` collects the score later."
    public, private = (_with_counts(score, which) for which in ("public", "private"))
    rank = f", which would be rank {score['rank']} of {score['teams']}" if score.get("rank") else ""
    by = f"submission {score['ref']}" if score.get("ref") else "scored here by the sandbox"
    return f"{layout.scored}: public score {public}{rank}, private score {private} ({metric}, {by})"


def _with_counts(score: dict[str, Any], which: str) -> str:
    value, count = score.get(f"{which}_score"), count_behind(score, which)
    if value is None:
        return "not shown"
    return f"{value:.5f} ({count})" if count else f"{value:.5f}"


def _score_on_kaggle(
    client: KaggleClient,
    competition: Competition,
    params: Params,
    session: SessionParams,
    layout: Layout,
    row: str,
) -> None:
    def prepare() -> Callable[[str], Any]:
        if competition.submission.code:
            return prepare_code_submission(client, params, session, layout)
        return prepare_file(client, layout.submission)

    submission, is_new = submit_once(client, file_digest(layout.submission), row, prepare)
    print(f"{'Submitted' if is_new else 'Submitted earlier'} as {submission.ref}", flush=True)
    state = ""
    for seen in wait_for_score(client, submission, session.score_minutes):
        if seen.state != state:
            state = seen.state
            print(f"Kaggle: {state}", flush=True)
            _keep(client, competition, layout, seen)
    if state == "error":
        raise InputError(
            f"Kaggle could not score submission {seen.ref} ({seen.error or 'no reason given'}): the same "
            "file is not submitted again, so fix what it names and predict again."
        )


def _keep(client: KaggleClient, competition: Competition, layout: Layout, submission: Submission) -> None:
    figures = score_figures(submission, competition)
    write_score(layout.scored, layout.submission, submission.state, **figures)
    if submission.public:
        with contextlib.suppress(requests.RequestException):  # the score stands without its rank
            figures["rank"], figures["teams"] = find_rank(client, submission.public, competition.larger_is_better)
            write_score(layout.scored, layout.submission, submission.state, **figures)
