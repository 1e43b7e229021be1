"""The commands about a competition's file: one that writes it, and one that says whether it fits the archive."""

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scoretable.cli.shared import COMPETITION_PANEL, PARAMS, command
from scoretable.workspace.errors import InputError, how_many

if TYPE_CHECKING:
    from scoretable.archive.archive import Archive
    from scoretable.competition.answer_form import AnswerForm
    from scoretable.competition.description import Competition
    from scoretable.manifest.manifest import Manifest

app = typer.Typer()
SHEETS = Path("data/contact_sheets")


@command(
    app, COMPETITION_PANEL, "scoretable init dog-breed-identification", "scoretable init my-leaves --metric log_loss"
)
def init(
    name: Annotated[
        str, typer.Argument(help="The competition: the name of its archive, or its name on Kaggle.", show_default=False)
    ],
    metric: Annotated[
        str | None, typer.Option(help="What it is scored by, as its page says.", show_default=False)
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
) -> None:
    """Write a competition's file from its archive, or from Kaggle's list of files."""
    from tempfile import TemporaryDirectory

    from scoretable.archive.archive import open_archive
    from scoretable.competition.description import COMPETITIONS, load_competition
    from scoretable.discovery.description import check_metric, describe_archive
    from scoretable.workspace.atomic import replacing

    score = check_metric(metric)
    if not re.fullmatch(r"\w[\w.-]*", name):
        raise InputError(f"{name} cannot be the name of a file: use letters, digits, hyphens and underscores.")
    target = COMPETITIONS / f"{name}.yaml"
    if target.exists() and not force:
        raise InputError(
            f"{target} is there already, and was left as it is: `scoretable init {name} --force` replaces it."
        )
    archive = _find_archive(name)
    with TemporaryDirectory() as scratch:
        if archive is None:
            _ask_kaggle(name, Path(scratch) / "listing.zip")
        place = str(archive or "Kaggle's list of its files")
        with open_archive(archive or Path(scratch) / "listing.zip", Path(scratch)) as opened:
            draft = describe_archive(opened, name, "archive" if archive else "kaggle", score)
            text = draft.write(f"Written by `scoretable init {name}` from {place}.")
            with replacing(target) as temporary:
                temporary.write_text(text, encoding="utf-8")
            print(f"{target}: written from {place}.", flush=True)
            sheet = None
            try:
                print(_look_through(opened, load_competition(name), place, sheet=archive is not None))
                sheet = SHEETS / f"{name}.png" if archive else None
            finally:  # if the file does not fit yet, the sentence that says so comes after this
                print("\n".join(draft.next_steps(target, sheet)), flush=True)


@command(app, COMPETITION_PANEL, "scoretable check", "scoretable check dog-breed-identification")
def check(
    name: Annotated[
        str | None, typer.Argument(help="The competition. Default: that of params.yaml.", show_default=False)
    ] = None,
) -> str:
    """Compare a competition's file with its archive, before anything is trained."""
    from tempfile import TemporaryDirectory

    from scoretable.archive.archive import open_archive
    from scoretable.competition.description import load_competition
    from scoretable.competition.metric_fit import refuse_open_metric
    from scoretable.rows.params import load_params

    competition = load_competition(name or load_params(PARAMS).competition)
    archive = _find_archive(competition.name)
    if archive is None:
        raise InputError(f"there is no archive of {competition.name} here: {_bring(competition)}.")
    with TemporaryDirectory() as scratch, open_archive(archive, Path(scratch)) as opened:
        summary, _, answer = _summarise(opened, competition, str(archive))
    refuse_open_metric(answer.form, competition)
    return summary


def _bring(competition: "Competition") -> str:
    """Say what brings a competition's archive."""
    name = competition.name
    put = f"put it at data/archives/{name}.zip"
    fetch = f"set competition: {name} in params.yaml and type `snakemake --cores 1 download`"
    if competition.source == "archive":
        return f"{put}, or name its path as archive in session.yaml"
    if competition.source == "sandbox":
        return f"{fetch}, which draws it"
    return (
        f"accept the rules on its page, {fetch}, or {put}. A new file needs no archive: `scoretable init {name} "
        "--force` asks Kaggle for the list of its files"
    )


def _ask_kaggle(name: str, target: Path) -> None:
    from scoretable.kaggle.listing import fetch_listing
    from scoretable.rows.params import SESSION, load_session

    try:
        fetch_listing(name, target, load_session(PARAMS.with_name(SESSION)).kaggle_timeout)
    except InputError as error:
        raise InputError(f"there is no archive at data/archives/{name}.zip; {error}") from None


def _look_through(opened: "Archive", competition: "Competition", place: str, sheet: bool) -> str:
    """Draw the contact sheet, if there are images to draw, and return its path and the summary."""
    from scoretable.competition.task import is_number
    from scoretable.discovery.contact_sheet import draw_contact_sheet
    from scoretable.rows.params import load_params

    summary, manifest, _ = _summarise(opened, competition, place)
    if not sheet:
        return summary
    target = SHEETS / f"{competition.name}.png"
    draw_contact_sheet(manifest, opened, competition, load_params(PARAMS), target)
    each = "" if is_number(competition.task) else " of each class"
    return f"{target}: some images{each}, as the pipeline sees them.\n{summary}"


def _summarise(opened: "Archive", competition: "Competition", place: str) -> tuple[str, "Manifest", "AnswerForm"]:
    """Return what a competition's file finds in an archive, in a few lines, and the images; `place` names it."""
    from scoretable.competition.answer_form import check_sample
    from scoretable.competition.description import COMPETITIONS
    from scoretable.competition.sample import read_sample_in
    from scoretable.manifest.manifest import read_manifest

    manifest = read_manifest(opened, competition)
    sample = read_sample_in(opened, competition.submission, competition.encoding)
    answer = check_sample(sample, competition, manifest.classes)
    lines = [
        f"{COMPETITIONS / competition.name}.yaml fits {place}:",
        f"  training  {_describe_training(manifest, competition)}",
        f"  test      {how_many(len(manifest.test), 'image')}{_describe_ids(competition, sample.empty)}",
        f"  answer    {answer.describe(manifest.classes)}",
        f"  metric    {_describe_metric(competition)}",
    ]
    return "\n".join([*lines, *manifest.describe_reading()]), manifest, answer


def _find_archive(name: str) -> Path | None:
    from scoretable.archive.kept import kept_archive, named_archive
    from scoretable.rows.layout import Layout
    from scoretable.rows.params import SESSION, load_session

    named = named_archive(load_session(PARAMS.with_name(SESSION)).archive)
    places = (named, kept_archive(name), Layout(name, image_size="").archive)
    return next((Path(os.path.relpath(place)) for place in places if place is not None and place.exists()), None)


def _describe_training(manifest: "Manifest", competition: "Competition") -> str:
    images = how_many(len(manifest.train), "image")
    groups = f", {how_many(manifest.train['group'].nunique(), 'group')}" if "group" in manifest.train else ""
    if not manifest.classes:
        return f"{images}, whose labels are numbers{groups}"
    if competition.task == "multi_regression":
        return f"{images}, {how_many(len(manifest.classes), 'number')} each{groups}"
    counts = manifest.train["label"].value_counts()
    if set(counts.index) != set(manifest.classes):  # several labels per image, or none
        return f"{images}, {len(manifest.classes)} labels{groups}"
    if counts.iloc[0] == counts.iloc[-1]:
        return f"{images}, {len(counts)} classes{groups}: {counts.iloc[0]} of each"
    rarest, commonest = counts.index[-1], counts.index[0]
    return (
        f"{images}, {len(counts)} classes{groups}: from {counts.iloc[-1]} ({rarest}) to {counts.iloc[0]} ({commonest})"
    )


def _describe_ids(competition: "Competition", header_only: bool) -> str:
    origin = f"those of {competition.test.listing}" if competition.test.listing else "the images' names"
    return f"; {competition.submission.sample} has no rows, so the ids are {origin}" if header_only else ""


def _describe_metric(competition: "Competition") -> str:
    direction = "larger" if competition.larger_is_better else "smaller"
    origin = "" if competition.metric else "; the file names none, so this is the task's own"
    setting = {"fbeta": f" with beta {competition.metric_beta:g}", "map_at_k": f" with k {competition.metric_k}"}
    return f"{competition.score}{setting.get(competition.score, '')} ({direction} is better{origin})"
