"""The kaggle client: every wait has a limit, what fails for a moment is tried again, a failure is one sentence."""

import contextlib
import io
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from scoretable.workspace.errors import InputError

TOKEN_HELP = (
    "make a token at https://www.kaggle.com/settings/api (Generate New Token), save it as ~/.kaggle/access_token and "
    "run the same command again"
)
CONNECT_SECONDS = 20.0
ATTEMPTS = 6
LISTED_AT_ONCE = 200
LONGEST_PAUSE = 120.0  # seconds; a longer one that Kaggle asks for is not waited out
PASSING = {429, 500, 502, 503, 504}


@dataclass(frozen=True)
class KaggleClient:
    """One competition on Kaggle. api: the kaggle package's client; seconds: the longest wait for a byte."""

    api: Any
    competition: str
    seconds: float

    def call(self, function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        """Call a function of the client that may be repeated, again while the failure may pass."""
        from tenacity import Retrying, retry_if_exception, stop_after_attempt

        attempts = Retrying(
            retry=retry_if_exception(is_passing), stop=stop_after_attempt(ATTEMPTS), wait=_pause, before_sleep=_tell,
            sleep=time.sleep, reraise=True,
        )  # fmt: skip
        return attempts(function, *arguments, **named)

    def listed(self, method: str, request: Callable[[], Any], items: str) -> Iterator[Any]:
        """Yield the items of all pages of a call of the competition service, which asks by `request`."""
        asked = request()
        asked.competition_name, asked.page_size = self.competition, LISTED_AT_ONCE
        while True:
            page = self.call(self.ask, method, asked)
            yield from getattr(page, items)
            if not page.next_page_token:
                return
            asked.page_token = page.next_page_token

    def ask(self, method: str, request: Any) -> Any:
        """Make one call of the competition service."""
        with self.api.build_kaggle_client() as kaggle:
            return getattr(kaggle.competitions.competition_api_client, method)(request)


@contextmanager
def kaggle_client(competition: str, seconds: float) -> Iterator[KaggleClient]:
    """Yield the authenticated client; in the block no wait for the network takes longer than `seconds` (or a connect).

    Raises InputError for whatever Kaggle or the network answers that is not caught in the block.
    """
    import requests

    with _limited_waits(seconds):
        try:
            yield KaggleClient(_authenticate(), competition, seconds)
        except requests.RequestException as error:
            raise InputError(explain(error, competition, seconds)) from None


def is_passing(error: BaseException) -> bool:
    """Return whether the same request may succeed in a moment."""
    import requests

    if not isinstance(error, requests.RequestException):
        return False
    status = status_of(error)
    if status is None:
        return isinstance(error, requests.ConnectionError | requests.Timeout | requests.exceptions.ChunkedEncodingError)
    # A storage link that has run out; asking Kaggle again gives another one.
    expired = status == 403 and error.response is not None and error.response.request.method == "GET"
    return expired or (status in PASSING and (retry_after(error) or 0) <= LONGEST_PAUSE)


def status_of(error: Any) -> int | None:
    """Return the HTTP status that a failure of requests carries, if any."""
    return error.response.status_code if getattr(error, "response", None) is not None else None


def retry_after(error: Any) -> float | None:
    """Return the seconds that the server asks to wait, if it does (RFC 9110, 10.2.3)."""
    from urllib3.exceptions import InvalidHeader
    from urllib3.util import Retry

    asked = error.response.headers.get("Retry-After") if status_of(error) is not None else None
    try:
        return Retry().parse_retry_after(asked) if asked else None
    except InvalidHeader:
        return None


def explain(error: Any, competition: str, seconds: float) -> str:
    """Say in one sentence what a failure of requests means and what to do."""
    import requests

    status = status_of(error)
    again = "run the same command again, which continues from there"
    if status is None:
        if isinstance(error, requests.Timeout):
            return f"Kaggle did not answer for {seconds:g} seconds: check the connection and {again}."
        return f"the connection to Kaggle was lost ({type(error).__name__}): check the network and {again}."
    rules = f"https://www.kaggle.com/competitions/{competition}/rules"
    reasons = {
        401: f"Kaggle does not know the token: {TOKEN_HELP}.",
        403: f"Kaggle refuses until you accept the competition's rules: open {rules}, accept them and {again}.",
        404: f"Kaggle has no competition named {competition}: check the file name in workflow/competitions/.",
        429: f"Kaggle asks to slow down (429): {_when(retry_after(error))} {again}.",
    }
    return reasons.get(status, f"Kaggle answered with status {status}: wait a few minutes and {again}.")


def _when(seconds: float | None) -> str:
    if seconds is None:
        return "wait a few minutes and"
    return f"after {datetime.now(UTC) + timedelta(seconds=seconds):%H:%M} UTC"


def _authenticate() -> Any:
    """Return the package's client. It is imported here, since importing it reads credentials and may go online."""
    token = None
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            from kaggle.api.kaggle_api_extended import KaggleApi
            from kagglesdk.kaggle_env import get_access_token_from_env

            token = get_access_token_from_env()[0]
            api = KaggleApi()
            api.authenticate()
    except SystemExit:
        problem = "Kaggle does not know the token on" if token else "there is no Kaggle token on"
        raise InputError(f"{problem} this machine: {TOKEN_HELP}.") from None
    return api


@contextmanager
def _limited_waits(seconds: float) -> Iterator[None]:
    """Let every request of this process in the block end after `seconds` without a byte.

    The client gives its calls no limit and opens sessions of its own, so the limit is set where all of them pass.
    """
    from requests.adapters import HTTPAdapter

    send = HTTPAdapter.send

    def send_in_time(adapter: HTTPAdapter, request: Any, **named: Any) -> Any:
        return send(adapter, request, **named | {"timeout": (CONNECT_SECONDS, seconds)})

    HTTPAdapter.send = send_in_time  # type: ignore[method-assign, assignment]
    try:
        yield
    finally:
        HTTPAdapter.send = send  # type: ignore[method-assign]


def _pause(state: Any) -> float:
    asked = retry_after(state.outcome.exception())
    return asked if asked is not None else float(2 ** (state.attempt_number - 1))


def _tell(state: Any) -> None:
    error = state.outcome.exception()
    reason = status_of(error) or type(error).__name__
    print(f"Kaggle: {reason}; trying again in {state.next_action.sleep:.0f} s", file=sys.stderr, flush=True)
