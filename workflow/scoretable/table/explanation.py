"""What a row was made from, how to make it again, and what differs from the workspace."""

import shlex
from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from scoretable.experiments.experiment import RESULTS, Experiment, params_at
from scoretable.experiments.row_records import row_code
from scoretable.rows.layout import Layout
from scoretable.rows.params import load_params
from scoretable.rows.source_digest import source_digest
from scoretable.table.proof import draw_badges
from scoretable.table.reported_rows import load_tables
from scoretable.table.reproduce import MACHINE, override
from scoretable.table.table import read_draws
from scoretable.table.text import one_line
from scoretable.uncertainty.shares import wilson
from scoretable.workspace.digests import file_md5


def explain(experiment: Experiment, root: Path) -> str:
    """Return the row's commit, data, params, environment and results, its command, and what differs here now."""
    training = experiment.read_json("models/training.json")
    versions = ", ".join(f"{name} {version}" for name, version in training.get("versions", {}).items())
    parts = [
        f"{experiment.name}, made {experiment.committed}",
        *(f"insight     {one_line(line)}" for line in experiment.insight.splitlines()),
        f"code        commit {experiment.baseline}",
        f"experiment  commit {experiment.revision}",
        *(f"data        {path}, MD5 {digest}" for path, digest in experiment.outputs.items() if path.endswith(".zip")),
        *(f"result      {path}, MD5 {experiment.outputs.get(path, 'unknown')}" for path in RESULTS),
        *(f"score       {line}" for line in score_lines(experiment)),
        f"made on     {training.get('device', 'unknown')}; {versions or 'versions unknown'}",
        "params      " + "\n            ".join(f"{name}: {value}" for name, value in experiment.params.items()),
        "proven      " + "\n            ".join(_proofs(experiment, root)),
        f"rerun       scoretable verify {experiment.name}\n            {rerun_command(experiment)}",
    ]
    differences = list(workspace_differences(experiment, root))
    parts.append("the workspace differs in:" if differences else "the workspace is this row")
    return "\n".join(parts + [f"  {difference}" for difference in differences])


def _proofs(experiment: Experiment, root: Path) -> Iterator[str]:
    """Yield what is proven of the row, and what could be."""
    reported = load_tables(root)
    ((draw, reruns),) = read_draws([experiment], reported, root)
    badges = draw_badges(draw, reported[reruns] if reruns else None)
    yield from (one_line(badge.words) for badge in badges)
    if not experiment.verifications:
        yield f"It was not verified: `scoretable verify {experiment.name}` makes it again and compares."
    if not {"submitted", "scored"} & {badge.kind for badge in badges}:
        yield "It was not submitted."


def score_lines(experiment: Experiment) -> Iterator[str]:
    """Yield each share of images that the row was scored by, with what other images could have given (Wilson)."""
    evaluation = experiment.read_json(Layout.evaluation.as_posix())
    counts = {"validation": (evaluation.get("correct"), evaluation.get("images"))}
    score = experiment.score
    counts |= {which: (score.get(f"{which}_correct"), score.get(f"{which}_images")) for which in ("public", "private")}
    for which, (correct, images) in counts.items():
        if correct is not None and images:
            low, high = (float(end) for end in wilson(correct, images))
            yield f"{which} {correct / images:.4f}, {correct} of {images}; other images: {low:.4f} to {high:.4f}"


def rerun_command(experiment: Experiment) -> str:
    """Return the commands that make the row again in a clone, without scoretable's own ones."""
    there = params_at(experiment.root, experiment.baseline)
    settings = " ".join(
        f"-S {shlex.quote(f'{name}={override(value)}')}"
        for name, value in experiment.params.items()
        if name not in MACHINE and name in there and value != there[name]
    )
    return f"git checkout {experiment.baseline[:12]} && dvc exp run {settings}".rstrip()


def workspace_differences(experiment: Experiment, root: Path) -> Iterator[str]:
    """Yield a line for each param, source file and result that is not the row's in the workspace."""
    now = load_params(root / "params.yaml").model_dump()
    yield from _param_differences(experiment.params, now)
    yield from _code_differences(row_code(experiment), root)
    for name, version in experiment.read_json("models/training.json").get("versions", {}).items():
        if version != installed_version(name):
            yield f"{name}: {version} in the row, {installed_version(name) or 'none'} here"
    for path, digest in {name: experiment.outputs.get(name) for name in RESULTS}.items():
        if digest is None or digest.endswith(".dir"):
            continue
        there = file_md5(root / path)
        if there is None:
            yield f"{path}: missing"
        elif there != digest:
            yield f"{path}: different content"


def installed_version(name: str) -> str | None:
    """Return the version of an installed package, None where there is none."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _code_differences(code: Mapping[str, str], root: Path) -> Iterator[str]:
    for path, digest in code.items():
        if not (root / path).is_file():
            yield f"{path}: missing"
        elif source_digest(root / path) != digest:
            yield f"{path}: different code"


def _param_differences(row: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    for name in [*row, *(name for name in now if name not in row)]:
        if name not in MACHINE and row.get(name) != now.get(name):
            yield f"{name}: {row.get(name)} in the row, {now.get(name)} here"
