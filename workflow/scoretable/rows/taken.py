"""What a row takes of earlier rows: which of their files, and which param says so."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from scoretable.rows.layout import Layout
from scoretable.rows.params import ROW


class Taken(NamedTuple):
    """A file `path` of the row `row`, which the param `key` names."""

    key: str
    row: str
    path: Path


def taken_by(params: Mapping[str, Any]) -> list[Taken]:
    """Return what a row with these params takes of earlier ones; a row's predictions tell the classes of its model."""
    weights = str(params.get("weights") or "")
    paths = (Layout.model, Layout.predictions) if weights.startswith(ROW) else ()
    taken = [Taken("weights", weights.removeprefix(ROW), path) for path in paths]
    labels = params.get("pseudo_labels")
    return taken if labels is None else [*taken, Taken("pseudo_labels", str(labels), Layout.predictions)]
