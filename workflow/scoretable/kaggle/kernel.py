"""Script kernels on Kaggle: code that runs there, on Kaggle's machines, in sessions of some hours."""

import json
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from scoretable.kaggle.client import KaggleClient, status_of
from scoretable.workspace.errors import InputError

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0  # seconds between two looks at a session
FETCHES = 3  # of an output that arrives in a wrong length
LINE_SECONDS = 60.0  # between two lines about a session that runs
ABSENT, ACTIVE, BROKEN = "absent", ("queued", "running"), ("error", "cancel_requested", "cancel_acknowledged")


def owner_of(client: KaggleClient) -> str:
    """Return the name of the user whose token it is."""
    owner = client.api.get_config_value(client.api.CONFIG_NAME_USER)
    if not owner:
        raise InputError("Kaggle did not say whose token it is: type `kaggle auth login`.")
    return str(owner)


def call_if_there(client: KaggleClient, function: Callable[..., Any], *arguments: Any) -> Any:
    """Return what a call about something of your own gives, None where Kaggle has no such thing."""
    import requests

    try:
        return client.call(function, *arguments)
    except requests.HTTPError as error:
        if status_of(error) in (403, 404):  # a name that nobody has is refused like a private one
            return None
        raise


def kernel_state(client: KaggleClient, kernel: str) -> tuple[str, str]:
    """Return the state of a kernel's latest session in small letters, ABSENT where there is none, and its failure.

    kernel: owner/name, or owner/name/version.
    """
    status = call_if_there(client, _reachable(client.api.kernels_status), kernel)
    if status is None:
        return ABSENT, ""
    return status.status.name.lower(), " ".join((status.failure_message or "").split())


def wait_for_kernel(client: KaggleClient, kernel: str) -> Iterator[tuple[str, str]]:
    """Yield a session's state and failure again and again until it has ended."""
    pause = FIRST_PAUSE
    while True:
        state, failure = kernel_state(client, kernel)
        yield state, failure
        if state not in ACTIVE:
            return
        time.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)


def await_kernel(client: KaggleClient, kernel: str) -> None:
    """Wait for a session's end and tell how it is going; raise InputError where it does not end well."""
    started, shown, state, failure = time.monotonic(), "", "", ""
    told_at = -LINE_SECONDS
    for state, failure in wait_for_kernel(client, kernel):  # noqa: B007
        now = time.monotonic() - started
        if state != shown or now - told_at >= LINE_SECONDS:
            words = last_words(client, kernel) if state == "running" else ""
            print(f"Kaggle: {state}, {now / 60:.0f} min" + (f"; {words}" if words else ""), flush=True)
            shown, told_at = state, now
    if state != "complete":
        reason = failure or last_words(client, kernel) or "Kaggle gives no reason"
        raise InputError(
            f"{kernel} on Kaggle ended with {state} ({reason}): read its log on the website; the same command runs it "
            "again."
        )


def kernel_version(client: KaggleClient, kernel: str) -> int:
    """Return the number of a kernel's newest version, 0 where there is none."""
    from kagglesdk.kernels.types.kernels_api_service import ApiGetKernelRequest

    request = ApiGetKernelRequest()
    request.user_name, request.kernel_slug = kernel.split("/")[:2]

    def ask() -> Any:
        with client.api.build_kaggle_client() as kaggle:
            return kaggle.kernels.kernels_api_client.get_kernel(request)

    found = call_if_there(client, ask)
    return 0 if found is None else int(found.metadata.current_version_number)


def fetch_output(client: KaggleClient, kernel: str, folder: Path, pattern: str) -> None:
    """Fetch the files of a session's output whose names match `pattern` into `folder`.

    Raises InputError where one does not arrive in full length, as the client finds, FETCHES times in a row.
    """
    fetch, failure = _reachable(client.api.kernels_output), ""
    for _ in range(FETCHES):
        try:
            # quiet, since the client prints addresses, which are secrets
            client.call(fetch, kernel, str(folder), file_pattern=pattern, force=True, quiet=True, page_size=100)
            return
        except ValueError as error:
            failure = " ".join(str(error).split())[:200]
    raise InputError(f"an output of {kernel} did not arrive whole ({failure}): run the same command again.")


def last_words(client: KaggleClient, kernel: str) -> str:
    """Return the last line that a session has written so far, or '' where Kaggle does not tell."""
    import requests

    try:
        log = _reachable(client.api.kernels_logs)(kernel)
    except requests.RequestException:
        return ""
    lines = [line for line in _texts(log).splitlines() if line.strip()]
    return lines[-1].strip()[:200] if lines else ""


def check_quota(client: KaggleClient) -> None:
    """Raise InputError where the week's hours of GPU are used up; what Kaggle does not tell is not a reason."""
    import requests

    try:
        quota = client.api.quota_view()
    except requests.RequestException:
        return
    gpu = quota.gpu_quota
    if gpu is None or not gpu.total_time_allowed or (gpu.time_used or timedelta()) < gpu.total_time_allowed:
        return
    when = f"{quota.quota_refresh_time:%Y-%m-%d %H:%M} UTC" if quota.quota_refresh_time else "next week"
    raise InputError(
        f"this week's {gpu.total_time_allowed.total_seconds() / 3600:.0f} hours of Kaggle's GPUs are used up until "
        f"{when}: run the same command then, or set train_on: here."
    )


def _reachable(function: Callable[..., Any]) -> Callable[..., Any]:
    """Undo that the client turns a refusal (401, 403) into a ValueError about a wrong name."""
    import requests

    def call(*arguments: Any, **named: Any) -> Any:
        try:
            return function(*arguments, **named)
        except ValueError as error:
            if isinstance(error.__context__, requests.HTTPError):
                raise error.__context__ from None
            raise

    return call


def _texts(log: str) -> str:
    """Return what a log says; Kaggle keeps it as a JSON array of pieces."""
    try:
        pieces = json.loads(log)
    except ValueError:
        return log
    if not isinstance(pieces, list) or not all(isinstance(piece, dict) for piece in pieces):
        return log
    return "".join(str(piece.get("data", "")) for piece in pieces)
