"""The command about a competition's file: whether it fits the archive."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scoretable.cli.shared import COMPETITION_PANEL, PARAMS, command
from scoretable.workspace.errors import InputError, how_many

if TYPE_CHECKING:
    from scoretable.competition.description import Competition
    from scoretable.images.manifest import Manifest

app = typer.Typer()


@command(app, COMPETITION_PANEL, "scoretable check", "scoretable check dog-breed-identification")
def check(
    name: Annotated[
        str | None, typer.Argument(help="The competition. Default: that of params.yaml.", show_default=False)
    ] = None,
) -> str:
    """Compare a competition's file with its archive, before anything is trained."""
    from tempfile import TemporaryDirectory

    from scoretable.archive.archive import open_archive
    from scoretable.competition.answer_form import check_sample
    from scoretable.competition.description import COMPETITIONS, load_competition
    from scoretable.competition.sample import read_sample_in
    from scoretable.images.manifest import read_manifest
    from scoretable.rows.params import load_params

    competition = load_competition(name or load_params(PARAMS).competition)
    archive = _archive_of(competition.name)
    with TemporaryDirectory() as scratch, open_archive(archive, Path(scratch)) as opened:
        manifest = read_manifest(opened, competition)
        answer = check_sample(
            read_sample_in(opened, competition.submission, competition.encoding), competition, manifest.classes
        )
    lines = [
        f"{COMPETITIONS / competition.name}.yaml fits {archive}:",
        f"  training  {_describe_training(manifest)}",
        f"  test      {how_many(len(manifest.test), 'image')}",
        f"  answer    {answer.describe(manifest.classes)}",
        f"  metric    {_describe_metric(competition)}",
    ]
    skipped = f"  skipped   {how_many(len(manifest.skipped), 'row')}, by policies: {_reasons(manifest)}"
    return "\n".join(lines + ([skipped] if manifest.skipped else []))


def _archive_of(name: str) -> Path:
    from scoretable.archive.kept import kept_archive, named_archive
    from scoretable.rows.layout import Layout
    from scoretable.rows.params import SESSION, load_session

    named = named_archive(load_session(PARAMS.with_name(SESSION)).archive)
    places = [place for place in (named, kept_archive(name), Layout(name, image_size="").archive) if place is not None]
    for place in places:
        if place.exists():
            return Path(os.path.relpath(place))
    raise InputError(
        f"there is no archive of {name} here: put it at data/archives/{name}.zip, or set competition: {name} in "
        "params.yaml and run `snakemake --cores 1 download`."
    )


def _describe_training(manifest: "Manifest") -> str:
    images = how_many(len(manifest.train), "image")
    groups = f", {how_many(manifest.train['group'].nunique(), 'group')}" if "group" in manifest.train else ""
    if not manifest.classes:
        return f"{images}, whose labels are numbers{groups}"
    counts = manifest.train["label"].value_counts()
    if set(counts.index) != set(manifest.classes):  # several labels per image, or none
        return f"{images}, {len(manifest.classes)} labels{groups}"
    if counts.iloc[0] == counts.iloc[-1]:
        return f"{images}, {len(counts)} classes{groups}: {counts.iloc[0]} of each"
    rarest, commonest = counts.index[-1], counts.index[0]
    return (
        f"{images}, {len(counts)} classes{groups}: from {counts.iloc[-1]} ({rarest}) to {counts.iloc[0]} ({commonest})"
    )


def _describe_metric(competition: "Competition") -> str:
    direction = "larger" if competition.larger_is_better else "smaller"
    origin = "" if competition.metric else "; the file names none, so this is the task's own"
    return f"{competition.score} ({direction} is better{origin})"


def _reasons(manifest: "Manifest") -> str:
    reasons = dict.fromkeys(row["reason"] for row in manifest.skipped)
    return "; ".join(list(reasons)[:3])
