"""Private datasets on Kaggle, which bring files to a kernel."""

import contextlib
import io
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from scoretable.kaggle.client import KaggleClient
from scoretable.kaggle.kernel import ABSENT, call_if_there, owner_of
from scoretable.workspace.errors import InputError

PAUSE, LONGEST_MINUTES = 5.0, 30.0  # between two looks at a new dataset, and until it should be ready


def keep_dataset(client: KaggleClient, name: str, fill: Callable[[Path], Any]) -> str:
    """Make the private dataset `name` unless it is there, wait until it is ready, and return owner/name.

    fill: puts the files into the folder that it gets. A name is for one set of files, so it should have their hash in
    it. Raises InputError where Kaggle refuses.
    """
    dataset = f"{owner_of(client)}/{name}"
    client.call(_create_unless_there, client, dataset, fill)
    started = time.monotonic()
    while (state := _state(client, dataset)) != "ready":
        if state in ("failed", "deleted") or time.monotonic() - started > 60 * LONGEST_MINUTES:
            raise InputError(
                f"the dataset {dataset} on Kaggle is {state}: delete it there and run the same command again."
            )
        time.sleep(PAUSE)
    return dataset


def _state(client: KaggleClient, dataset: str) -> str:
    return str(call_if_there(client, client.api.dataset_status, dataset) or ABSENT)


def _create_unless_there(client: KaggleClient, dataset: str, fill: Callable[[Path], Any]) -> None:
    if _state(client, dataset) not in (ABSENT, "failed", "deleted"):
        return
    title = dataset.partition("/")[2].replace("-", " ")
    with tempfile.TemporaryDirectory() as temporary, contextlib.redirect_stdout(io.StringIO()):
        folder = Path(temporary)
        fill(folder)
        metadata = {"id": dataset, "title": title, "licenses": [{"name": "other"}]}
        (folder / "dataset-metadata.json").write_text(json.dumps(metadata), encoding="utf-8")
        try:
            reply = client.api.dataset_create_new(str(folder), public=False, quiet=True, convert_to_csv=False)
        except ValueError as error:
            raise InputError(
                f"a file of the dataset {dataset} was not uploaded ({' '.join(str(error).split())[:200]}): run the "
                "same command again."
            ) from None
    if reply.error:
        raise InputError(f"Kaggle refuses the dataset {dataset} ({' '.join(reply.error.split())[:200]}).")
