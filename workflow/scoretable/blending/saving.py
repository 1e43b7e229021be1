"""A blend as a row of its own: an experiment that names its parts, and can be made again from them."""

import json
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from scoretable.blending.blend import Blend, blend_rows
from scoretable.blending.estimate import Estimate
from scoretable.blending.fetching import Row
from scoretable.blending.fitting import PARTS, Shared
from scoretable.blending.text import describe_weights
from scoretable.competition.description import Competition
from scoretable.competition.task import TASKS
from scoretable.experiments.amending import create_experiment
from scoretable.experiments.dvc_settings import cache_folder
from scoretable.experiments.experiment import BLEND, SCORE, SUBMISSION, Experiment, list_experiments
from scoretable.experiments.row_records import submission_digest
from scoretable.experiments.score_file import NOT_SUBMITTED, SCORES
from scoretable.prediction.predictions import save_predictions
from scoretable.rows.layout import Layout
from scoretable.rows.naming import slug
from scoretable.scoring.decision import deal
from scoretable.scoring.scores import PLACES
from scoretable.steps.submission import hand_in
from scoretable.table.figure import Figure
from scoretable.table.verification import Remake
from scoretable.workspace.array_file import write_arrays
from scoretable.workspace.atomic import replacing, write_json
from scoretable.workspace.digests import file_digest, file_md5
from scoretable.workspace.errors import InputError

STAGE_OF = {  # of dvc.yaml, by the output
    Layout.predictions: "predict", Layout.validation: "predict", Layout.metrics: "evaluate",
    Layout.evaluation: "evaluate", Layout.submission: "submission",
}  # fmt: skip


def save_blend(
    blend: Blend, rows: Mapping[str, Row], name: str, root: Path, layout: Layout, competition: Competition
) -> Experiment:
    """Keep a blend as the experiment `name`, with its answers to validation and test images, score and submission.

    Its params are those that all parts have in common, and in place of the model the weights: so nothing can train it
    by mistake. models/blend.json names the parts with their commits and the digests of their submissions.
    Raises InputError where the name is taken or none, where a part is no experiment, and without a validation score.
    """
    parts = {part: row for part, row in rows.items() if isinstance(row, Experiment)}
    _refuse_unsaveable(blend, parts, name, root)
    with tempfile.TemporaryDirectory() as folder:
        made = write_files(blend, Path(folder), layout, competition)
        sha256, outputs = file_digest(made[Layout.submission]), {path: _keep(file, root) for path, file in made.items()}
    kept = str(Layout(competition.name, "").archive)  # also where `layout` reads a copy of it from elsewhere
    archive = next(iter(parts.values())).outputs.get(kept)
    files = {
        "params.yaml": yaml.safe_dump(_common_params(blend, parts), sort_keys=False, allow_unicode=True).encode(),
        "dvc.lock": _lock(outputs, {kept: archive} if archive else {}, name).encode(),
        BLEND: _json(_lineage(blend, parts)),
        SUBMISSION: _json(NOT_SUBMITTED | {"sha256": sha256}),
        SCORE: _json(dict.fromkeys(SCORES)),
    }
    return create_experiment(root, name, f"Blend {describe_weights(blend.names, blend.weights)}", files)


def remake(experiment: Experiment, root: Path, layout: Layout, competition: Competition) -> Remake:
    """Make a blend again from its parts, and return which results are identical; errors as in `blend_rows`."""
    there = list_experiments(root)
    known = experiment.blend
    rows = {str(part["name"]): _find(part, there) for part in known["parts"]}
    blend = blend_rows(rows, layout, competition, known["weights"], known["on"])
    with tempfile.TemporaryDirectory() as folder:
        made = write_files(blend, Path(folder), layout, competition)
        same = {str(path): file_md5(file) == experiment.outputs.get(str(path)) for path, file in made.items()}
    return Remake(same, "this machine, from its parts")


def write_files(blend: Blend, folder: Path, layout: Layout, competition: Competition) -> dict[Path, Path]:
    """Write the files of a blend that is a row into a folder; return each by its place in a row."""
    if blend.shared is None or blend.worth is None:
        raise InputError(f"a blend without a validation score is no row: {blend.reason}")
    files = {path: folder / path.name for path in STAGE_OF}
    predictions = blend.predictions
    save_predictions(
        files[Layout.predictions], [predictions.answers], predictions.ids, predictions.classes, competition.task
    )
    _write_validation(files[Layout.validation], blend.shared, blend.worth, predictions.classes)
    figures = _figures(blend.worth, blend)
    write_json(files[Layout.evaluation], figures)
    write_json(files[Layout.metrics], {competition.score: figures[competition.score]})
    hand_in(competition, layout.archive, predictions, files[Layout.submission], blend.cut)
    return files


def _refuse_unsaveable(blend: Blend, parts: Mapping[str, Experiment], name: str, root: Path) -> None:
    if blend.worth is None:
        raise InputError(f"--save needs rows with a validation score in common: {blend.reason}")
    revisions = [part for part in blend.names if part not in parts]
    if revisions:
        raise InputError(f"--save needs rows that are experiments, and {revisions[0]} is a Git revision: omit it.")
    if slug(name) != name or not re.search("[A-Za-z]", name):
        raise InputError(
            f"--save: {name} is no name for a row: use letters, digits, dots and hyphens, such as blend-1."
        )
    if any(row.name == name for row in list_experiments(root)):
        raise InputError(f"--save: there is a row {name}, and no row is replaced: take another name.")


def _find(part: Mapping[str, Any], there: list[Experiment]) -> Row:
    """Return a part, whatever it is called and whatever was noted with it since, or else its commit."""
    same = (row for row in there if answers_of(row) == part["answers"])
    return next(same, str(part["revision"]))


def answers_of(row: Experiment) -> dict[str, str | None]:
    """Return the MD5 of all that a blend takes of a row, by its path."""
    taken = (Layout.predictions, Layout.validation, Layout.evaluation)
    return {path.as_posix(): row.outputs.get(path.as_posix()) for path in taken}


def _write_validation(path: Path, shared: Shared, worth: Estimate, classes: list[str]) -> None:
    """Write the answers by weights that other images chose, so that they can be scored, compared and blended."""
    answers = worth.nested.deals[0].answers
    with replacing(path) as temporary:
        write_arrays(
            temporary, TASKS[shared.measure.task].answer, [answers], len(answers),
            truth=shared.truth, ids=np.array(shared.ids, str), classes=np.array(classes, str),
            fold=deal(shared.truth, PARTS), row=shared.places,
        )  # fmt: skip


def _figures(worth: Estimate, blend: Blend) -> dict[str, Any]:
    measure, cut = worth.nested.measure, blend.cut
    figures: dict[str, Any] = {measure.metric: round(worth.blend.score, PLACES)}
    if blend.shared is not None and blend.shared.rule == "found":
        figures |= {"threshold": cut.threshold} if cut.points is None else {"cut_points": list(cut.points)}
    if cut.at_least_one:
        figures["empty"] = "likeliest"
    right = worth.nested.correct()
    if right is not None:
        figures["correct"] = round(float(right.sum()))
    return figures | {"images": worth.images, f"{measure.metric}_naive": round(worth.naive, PLACES)}


def _lineage(blend: Blend, parts: Mapping[str, Experiment]) -> dict[str, Any]:
    worth = blend.worth
    told = _interval(worth.blend) if worth else None
    return {
        "weights": blend.way,
        "on": blend.mixing.on,
        "images": worth.images if worth else None,
        "interval": told,
        "parts": [
            {
                "name": name,
                "weight": weight,
                "revision": parts[name].revision,
                "answers": answers_of(parts[name]),
                "submission": submission_digest(parts[name]),
            }
            for name, weight in zip(blend.names, blend.weights, strict=True)
        ],
    }


def _interval(figure: Figure) -> list[float] | None:
    return None if figure.low is None or figure.high is None else [round(figure.low, 5), round(figure.high, 5)]


def _common_params(blend: Blend, parts: Mapping[str, Experiment]) -> dict[str, Any]:
    first, *others = (row.params for row in parts.values())
    return {"model": describe_weights(blend.names, blend.weights)} | {
        name: value
        for name, value in first.items()
        if name != "model" and all(name in other and other[name] == value for other in others)
    }


def _keep(file: Path, root: Path) -> str:
    """Put a file into DVC's cache, and return its MD5."""
    digest = str(file_md5(file))
    place = cache_folder(root) / digest[:2] / digest[2:]
    if not place.exists():
        with replacing(place) as temporary:
            temporary.write_bytes(file.read_bytes())
        place.chmod(0o444)  # as DVC keeps them
    return digest


def _lock(outputs: Mapping[Path, str], archive: Mapping[str, str], name: str) -> str:
    stages: dict[str, Any] = {"download": dict(archive)} if archive else {}
    for path, digest in outputs.items():
        stages.setdefault(STAGE_OF[path], {})[path.as_posix()] = digest
    content = {
        stage: {
            "cmd": f"scoretable verify {name}",
            "outs": [{"path": path, "hash": "md5", "md5": digest} for path, digest in outs.items()],
        }
        for stage, outs in stages.items()
    }
    return yaml.safe_dump({"schema": "2.0", "stages": content}, sort_keys=False)


def _json(content: Mapping[str, Any]) -> bytes:
    return (json.dumps(content, indent=2) + "\n").encode()
