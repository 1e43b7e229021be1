"""Script kernels sent to Kaggle, which runs them at once."""

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scoretable.kaggle.client import KaggleClient, status_of
from scoretable.kaggle.kernel import kernel_version, owner_of
from scoretable.workspace.errors import InputError


@dataclass(frozen=True)
class Machine:
    """What a session runs on. accelerator: Kaggle's name of a machine shape such as NvidiaTeslaT4, or None."""

    accelerator: str | None
    internet: bool


@dataclass(frozen=True)
class Attached:
    """What lies below /kaggle/input: competitions, outputs of other kernels, and datasets, as Kaggle names them."""

    competitions: tuple[str, ...] = ()
    kernels: tuple[str, ...] = ()
    datasets: tuple[str, ...] = ()


def push_kernel(client: KaggleClient, name: str, code: str, machine: Machine, attached: Attached) -> str:
    """Save `code` as a private kernel of the token's user, which runs it, and return owner/name/version.

    The name must be its title's slug: small letters, digits and single dashes. A push whose answer is lost is not
    repeated where the session is there. Raises InputError where Kaggle refuses.
    """
    kernel = f"{owner_of(client)}/{name}"
    before = kernel_version(client, kernel)
    with tempfile.TemporaryDirectory() as folder:
        _write_folder(Path(folder), kernel, code, machine, attached)
        reply = client.call(_push, client, folder, kernel, before)
    return kernel if reply is None else _accepted(client, kernel, reply)


def _write_folder(folder: Path, kernel: str, code: str, machine: Machine, attached: Attached) -> None:
    (folder / "kernel.py").write_text(code, encoding="utf-8")
    metadata = {
        "id": kernel,
        "title": kernel.partition("/")[2].replace("-", " "),
        "code_file": "kernel.py",
        "language": "python",
        "kernel_type": "script",
        "is_private": True,
        "enable_gpu": machine.accelerator is not None,
        "enable_internet": machine.internet,
        "machine_shape": machine.accelerator,
        "competition_sources": attached.competitions,
        "kernel_sources": attached.kernels,
        "dataset_sources": attached.datasets,
    }
    (folder / "kernel-metadata.json").write_text(json.dumps(metadata), encoding="utf-8")


def _push(client: KaggleClient, folder: str, kernel: str, before: int) -> Any:
    """Push once; return None where the answer was lost and a version is there that was not `before`."""
    import requests

    try:
        return client.api.kernels_push(folder)
    except requests.RequestException as error:
        status = status_of(error)
        if status in (400, 403):
            raise InputError(_refusal(client, kernel, _reason(error))) from None
        if (status is None or status >= 500) and _is_there(client, kernel, before):
            return None
        raise


def _is_there(client: KaggleClient, kernel: str, before: int) -> bool:
    import requests

    try:
        return kernel_version(client, kernel) > before
    except requests.RequestException:
        raise InputError(
            f"Kaggle's answer to the push of {kernel} was lost, and Kaggle does not tell whether it runs: run the "
            "same command again in a few minutes; it looks first."
        ) from None


def _accepted(client: KaggleClient, kernel: str, reply: Any) -> str:
    if reply.invalid_competition_sources:
        rules = f"https://www.kaggle.com/competitions/{client.competition}/rules"
        raise InputError(f"Kaggle did not attach {client.competition}: accept its rules at {rules} and run this again.")
    invalid = [*(reply.invalid_kernel_sources or []), *(reply.invalid_dataset_sources or [])]
    if reply.error or invalid:
        raise InputError(_refusal(client, kernel, reply.error or f"it does not attach {', '.join(invalid)}"))
    return f"{kernel}/{reply.version_number}"


def _refusal(client: KaggleClient, kernel: str, reason: str) -> str:
    words = " ".join(reason.split())[:200] or "no reason given"
    return (
        f"Kaggle refuses to run {kernel} ({words}): check that you have accepted the rules of "
        f"{client.competition} and verified your phone number at https://www.kaggle.com/settings, without which there "
        "is no GPU and no internet."
    )


def _reason(error: Any) -> str:
    try:
        return str(error.response.json().get("message", ""))
    except ValueError:
        return ""
