"""Submitting a file to Kaggle, once, and reading its score."""

import contextlib
import io
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from scoretable.competition.description import Competition
from scoretable.kaggle.client import KaggleClient, status_of
from scoretable.workspace.errors import InputError, how_many

LOOKS_AFTER_A_LOST_REPLY = (0.0, 2.0, 5.0)  # seconds before each
OWN_DESCRIPTION = re.compile(r"scoretable .*sha256:([0-9a-f]{64})")
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0  # seconds between two looks at a submission that is being scored


@dataclass(frozen=True)
class Submission:
    """A submission as Kaggle knows it. Scores are as Kaggle writes them, '' where it shows none."""

    ref: int
    state: str
    public: str
    private: str
    submitted: str
    error: str
    description: str = ""

    @property
    def sha256(self) -> str:
        """SHA-256 of the file, where this project submitted it, else ''."""
        found = OWN_DESCRIPTION.fullmatch(self.description)
        return found[1] if found else ""

    @property
    def remark(self) -> str:
        """What the team wrote about it."""
        return "" if self.sha256 else self.description


def submit_once(
    client: KaggleClient, sha256: str, row: str, prepare: Callable[[], Callable[[str], Any]]
) -> tuple[Submission, bool]:
    """Submit unless a submission of the file with this `sha256` is there already; return it and whether it is new.

    prepare: called before a first submission; returns what submits it under the description that it gets. Raises
    InputError where the daily limit is reached, the upload fails, or it stays unknown whether the submission was taken.
    """
    earlier = find_submission(client, sha256)
    if earlier is not None:
        return earlier, False
    _check_limit(client)
    ref = client.call(_submit, client, prepare(), sha256, row)
    return client.call(_look, client, ref), True


def prepare_file(client: KaggleClient, file: Path) -> Callable[[str], Any]:
    """Return what submits `file`."""
    return lambda description: client.api.competition_submit(str(file), description, client.competition, quiet=True)


def find_submission(client: KaggleClient, sha256: str) -> Submission | None:
    """Return the earlier submission of the file with this hash, the newest if there are several."""
    found = [item for item in list_submissions(client) if f"sha256:{sha256}" in item.description]
    return found[-1] if found else None


def list_submissions(client: KaggleClient) -> list[Submission]:
    """Return all submissions of the team, the oldest first."""
    from kagglesdk.competitions.types.competition_api_service import ApiListSubmissionsRequest

    listed = client.listed("list_submissions", ApiListSubmissionsRequest, "submissions")
    return sorted(map(_read, listed), key=lambda submission: submission.ref)


def score_figures(submission: Submission, competition: Competition) -> dict[str, Any]:
    """Return what a score file keeps of a submission, beside its state, hash and rank."""
    figures: dict[str, Any] = {"ref": submission.ref, "submitted": submission.submitted}
    if submission.public:
        figures["public_score"] = float(submission.public)
        if competition.public_images:
            figures["public_images"] = competition.public_images
        if competition.public_images and competition.score == "accuracy":
            figures["public_correct"] = count_correct(submission.public, competition.public_images)
    if submission.private:
        figures["private_score"] = float(submission.private)
    return figures


def wait_for_score(client: KaggleClient, submission: Submission, minutes: float) -> Iterator[Submission]:
    """Yield the submission again and again until it is scored, an error, or the minutes are over."""
    started, pause = time.monotonic(), FIRST_PAUSE
    yield submission
    while submission.state == "pending" and time.monotonic() - started < 60 * minutes:
        time.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)
        submission = client.call(_look, client, submission.ref)
        yield submission


def find_rank(client: KaggleClient, score: str, larger_is_better: bool) -> tuple[int, int]:
    """Return the rank that a public score has or would have on the leaderboard, and the number of teams there."""
    from kagglesdk.competitions.types.competition_api_service import ApiGetLeaderboardRequest

    teams = client.listed("get_leaderboard", ApiGetLeaderboardRequest, "submissions")
    scores = [float(team.score) for team in teams if team.score]
    sign = 1 if larger_is_better else -1
    return 1 + sum(sign * other > sign * float(score) for other in scores), len(scores)


def count_correct(score: str, images: int) -> int | None:
    """Return the one k for which k of `images` reads as `score`, as `possible_counts`; None where not just one does.

    >>> count_correct("0.90003", 2601), count_correct("0.80151", 2601)
    (2341, None)
    """
    found = possible_counts(score, images)
    return found[0] if len(found) == 1 else None


def possible_counts(score: str, images: int) -> range:
    """Return all k for which k of `images` reads as `score`, cut or rounded to its digits, a half either way.

    >>> list(possible_counts("0.9", 10)), list(possible_counts("0.67", 300)), list(possible_counts("0.5", 3))
    ([9], [200, 201, 202, 203], [])
    """
    exact = Decimal(score)
    scale = 10 ** max(0, -int(exact.as_tuple().exponent))
    shown = int(exact * scale)
    least = -((1 - 2 * shown) * images // (2 * scale))  # is rounded up to it
    most = ((shown + 1) * images - 1) // scale  # is cut down to it
    return range(max(0, least), min(images, most) + 1)


def _submit(client: KaggleClient, hand_in: Callable[[str], Any], sha256: str, row: str) -> int:
    import requests

    try:
        with contextlib.redirect_stdout(io.StringIO()):  # the client prints the upload's address, which is a secret
            reply = hand_in(f"scoretable {row} sha256:{sha256}")
    except requests.RequestException as error:
        if not _may_have_been_taken(error):
            _explain_refusal(error)
            raise
        return _look_for_the_lost(client, sha256)
    if not reply.ref:
        raise InputError(
            f"Kaggle did not take the submission ({_one_line(reply.message)}): run the same command again."
        )
    return int(reply.ref)


def _may_have_been_taken(error: Any) -> bool:
    """Return whether the failure leaves open that a submission came into being."""
    request = error.request if error.request is not None else getattr(error.response, "request", None)
    creating = request is not None and str(request.url).endswith(("/CreateSubmission", "/CreateCodeSubmission"))
    status = status_of(error)
    return creating and (status is None or status >= 500)


def _look_for_the_lost(client: KaggleClient, sha256: str) -> int:
    for pause in LOOKS_AFTER_A_LOST_REPLY:
        time.sleep(pause)
        found = find_submission(client, sha256)
        if found is not None:
            return found.ref
    raise InputError(
        "Kaggle's answer to the submission was lost, and it is not among your submissions: run the same command again "
        "in a few minutes; it first looks whether the submission has arrived."
    )


def _explain_refusal(error: Any) -> None:
    """Raise InputError where the refusal is for the daily limit."""
    words, status = str(error).lower(), status_of(error)
    if "daily" in words or ("limit" in words and status in (400, 403)):
        raise InputError(_limit_reached()) from None


def _check_limit(client: KaggleClient) -> None:
    import requests

    try:
        limits = client.api.competition_get_submission_limits(client.competition)
    except requests.RequestException:
        return  # not every server tells; the submission itself will
    if limits.num_today and not limits.num_allowed_now:
        raise InputError(_limit_reached(limits.num_today))


def _limit_reached(today: int | None = None) -> str:
    now = datetime.now(UTC)
    midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0)
    hours, minutes = divmod(int((midnight - now).total_seconds()) // 60, 60)
    count = f" after {how_many(today, 'submission')}" if today else ""
    return f"the daily limit is reached{count}: run the same command again after 00:00 UTC, in {hours} h {minutes} min."


def _look(client: KaggleClient, ref: int) -> Submission:
    from kagglesdk.competitions.types.competition_api_service import ApiGetSubmissionRequest

    request = ApiGetSubmissionRequest()
    request.ref = ref
    return _read(client.ask("get_submission", request))


def _read(item: Any) -> Submission:
    submitted = item.date.replace(tzinfo=UTC).isoformat() if item.date else ""
    return Submission(
        ref=int(item.ref),
        state=item.status.name.lower(),
        public=item.public_score or "",
        private=item.private_score or "",
        submitted=submitted,
        error=_one_line(item.error_description or ""),
        description=_one_line(item.description or ""),
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())[:200]
