"""Submitting to a code competition: a kernel without internet makes the file from the model, a private dataset."""

import json
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from scoretable.kaggle.client import KaggleClient
from scoretable.kaggle.dataset import keep_dataset
from scoretable.kaggle.inference import SUBMISSION
from scoretable.kaggle.kernel import ACTIVE, await_kernel, fetch_output, kernel_state, kernel_version, owner_of
from scoretable.kaggle.kernel_code import write_kernel_code
from scoretable.kaggle.kernel_push import Attached, Machine, push_kernel
from scoretable.kaggle.wheels import fetch_wheels
from scoretable.rows.committed_source import pack_commit
from scoretable.rows.layout import Layout
from scoretable.rows.param_groups import SessionParams
from scoretable.rows.params import Params
from scoretable.workspace.digests import file_digest
from scoretable.workspace.errors import InputError, how_many

LOCK = "requirements.lock"
# What Kaggle's own environment lacks, or has in versions that may not read the model or the command; the rest is its.
BROUGHT = ("annotated-doc", "keras", "shellingham", "simplejpeg", "typer")


def prepare_code_submission(
    client: KaggleClient, params: Params, session: SessionParams, layout: Layout
) -> Callable[[str], Any]:
    """Let a kernel make the row's submission on Kaggle, and return what submits its output under a description.

    A dataset or a kernel of the same files is used if it is there. Raises InputError where the kernel fails.
    """
    digest = file_digest(layout.model)
    model = keep_model(client, layout, digest[:16])
    name = f"scoretable-submit-{file_digest(layout.submission)[:16]}"
    kernel = f"{owner_of(client)}/{name}"
    state, _ = kernel_state(client, kernel)
    if state not in ("complete", *ACTIVE):
        order = {
            "competition": params.competition, "lock": LOCK, "model": model.partition("/")[2],
            "files": {str(layout.model): digest},
            "figures": {str(layout.evaluation): json.loads(layout.evaluation.read_text(encoding="utf-8"))},
            "params": params.model_dump(),
            "session": session.model_dump() | {"train_on": "here", "archive": None},
        }  # fmt: skip
        source = pack_commit(Path.cwd(), (LOCK,))
        code = write_kernel_code(source, "kaggle.inference", "run_inference", order, f"the submission {name}")
        machine = Machine(session.kaggle_accelerator, internet=False)
        push_kernel(client, name, code, machine, Attached((params.competition,), (), (model,)))
        print(f"Pushed to Kaggle: https://www.kaggle.com/code/{kernel}", flush=True)
    if state != "complete":
        await_kernel(client, kernel)
    print(compare_output(client, kernel, layout.submission), flush=True)
    version = kernel_version(client, kernel)

    def hand_in(description: str) -> Any:
        return client.api.competition_submit_code(
            SUBMISSION, description, client.competition, kernel, version, quiet=True
        )

    return hand_in


def keep_model(client: KaggleClient, layout: Layout, digest: str) -> str:
    """Keep the trained model and the packages that it needs there as a private dataset."""

    def fill(folder: Path) -> None:
        shutil.copyfile(layout.model, folder / layout.model.name)
        fetch_wheels(Path(LOCK), BROUGHT, folder)

    return keep_dataset(client, f"scoretable-model-{digest}", fill)


def compare_output(client: KaggleClient, kernel: str, submission: Path) -> str:
    """Say whether the kernel's file is the one here; raise InputError where it made none."""
    with tempfile.TemporaryDirectory() as temporary:
        fetch_output(client, kernel, Path(temporary), f"^{SUBMISSION}$")
        made = Path(temporary) / SUBMISSION
        if not made.exists():
            raise InputError(f"{kernel} on Kaggle made no {SUBMISSION}: read its log on the website.")
        here, there = (path.read_text(encoding="utf-8").splitlines() for path in (submission, made))
    if here == there:
        return f"{kernel} makes the same file as here"
    if len(here) != len(there):
        return (
            f"{kernel} makes {how_many(len(there) - 1, 'row')}, not {len(here) - 1} as here: it found other test images"
        )
    different = sum(one != other for one, other in zip(here, there, strict=True))
    return f"{kernel} makes a different file from the one here: {different} of {len(here) - 1} rows differ"
