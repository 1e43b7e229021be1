"""What a saved row answers photos with: its model, how it sees a photo, and how its answers are read."""

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scoretable.competition.description import COMPETITIONS, Competition, load_competition
from scoretable.decoding.value_range import Range
from scoretable.experiments.experiment import Experiment
from scoretable.images.cache_files import Fit
from scoretable.rows.layout import Layout
from scoretable.rows.params import Params, parse_params
from scoretable.scoring.choices import Cut
from scoretable.scoring.decision import parse_figures
from scoretable.workspace.errors import InputError

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class RowModel:
    """A row's params, competition and classes, and how its photos are decoded and its answers cut into labels.

    value_range: the values that become black and white in photos of more than 8 bits a channel; None where the row's
    own images had 8.
    """

    name: str
    params: Params
    competition: Competition
    classes: list[str]
    fit: Fit
    value_range: Range | None
    cut: Cut

    @classmethod
    def of(cls, experiment: Experiment, root: Path) -> "RowModel":
        """Return that of a saved row of the repository `root`.

        Raises InputError where the row is a blend, a file of it is neither in DVC's cache nor on its remote, the
        competition's file is missing or describes another task by now, or one file is no whole image of it.
        """
        if experiment.blend:
            raise InputError(
                f"row {experiment.name} is a blend, which has no model: name one of its parts, which `scoretable "
                f"explain {experiment.name}` lists."
            )
        known = {name: experiment.params[name] for name in Params.model_fields if name in experiment.params}
        params = parse_params(known, f"params.yaml of row {experiment.name}")
        layout = Layout.of(params)
        competition = load_competition(params.competition, root / COMPETITIONS)
        if competition.train.channels:
            raise InputError(
                f"an image of competition: {competition.name} lies in several files, one for each channel, so row "
                f"{experiment.name} cannot answer photos: it answers those of the competition's archive alone."
            )
        with fetched(experiment, layout.evaluation) as evaluation:
            figures = f"{layout.evaluation} of row {experiment.name}"
            cut = parse_figures(evaluation.read_bytes(), figures)[1]
        with fetched(experiment, layout.cache / "manifest.json") as manifest:
            seen = _parse_manifest(manifest.read_bytes(), experiment)
        if seen["task"] != competition.task:
            raise InputError(
                f"{COMPETITIONS / competition.name}.yaml says task: {competition.task} by now, and row "
                f"{experiment.name} was made with {seen['task']}: get that file back from the row's commit "
                f"{experiment.baseline[:12]}."
            )
        return cls(experiment.name, params, competition, seen["classes"], seen["fit"], seen["value_range"], cut)


@contextmanager
def fetch_model(experiment: Experiment) -> "Iterator[keras.Model]":
    """Load the row's model; Keras must be imported already. Raises InputError where it is nowhere, or damaged."""
    from scoretable.models.classifier import load_model

    with fetched(experiment, Layout.model) as path:
        try:
            model = load_model(path)
        except InputError:
            place = experiment.cached(str(Layout.model))
            raise InputError(
                f"{Layout.model} of row {experiment.name} is damaged: remove DVC's copy{f' {place}' if place else ''}, "
                f"and {_bringing(experiment.name)}."
            ) from None
        yield model  # out there, so that what is refused of a whole model is not called damage


@contextmanager
def fetched(experiment: Experiment, path: Path) -> Iterator[Path]:
    """Yield where an output of the row lies, under its own name: in DVC's cache, or taken from DVC's remote."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / path.name
        here = experiment.cached(str(path))
        if here is None:
            _download(experiment, path, target)
        else:
            target.symlink_to(here.resolve())
        yield target


def _download(experiment: Experiment, path: Path, target: Path) -> None:
    from dvc.api import DVCFileSystem
    from dvc.exceptions import DvcException

    try:
        DVCFileSystem(str(experiment.root), rev=experiment.revision).get_file(str(path), str(target))
    except (DvcException, OSError):
        raise InputError(
            f"{path} of row {experiment.name} is neither here nor on DVC's remote: {_bringing(experiment.name)}."
        ) from None


def _bringing(row: str) -> str:
    return (
        f"bring it with `dvc exp pull origin {row}`, or make it again with `dvc exp apply {row}`, `snakemake --cores 1 "
        "submission` and `dvc commit --force dvc.yaml`"
    )


def _parse_manifest(content: bytes, experiment: Experiment) -> dict[str, Any]:
    try:
        manifest = json.loads(content)
        fit = Fit(*(manifest[name] for name in ("height", "width", "aspect", "box", "box_margin")))
        values = tuple(map(float, manifest["value_range"])) if "value_range" in manifest else None
        return {"task": manifest["task"], "classes": manifest["classes"], "fit": fit, "value_range": values}
    except (ValueError, KeyError, TypeError):
        raise InputError(
            f"the image cache's manifest.json of row {experiment.name} is damaged or too old: "
            f"{_bringing(experiment.name)}."
        ) from None
