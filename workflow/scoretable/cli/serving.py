"""The commands that take a saved row as a model; `predict` is also the step of that name."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scoretable.cli import steps
from scoretable.cli.shared import PARAMS, ROOT, ROWS_PANEL, Row, command, complete_row
from scoretable.workspace.errors import InputError, how_many

if TYPE_CHECKING:
    from scoretable.serving.answers import Answer
    from scoretable.serving.row_model import RowModel

app = typer.Typer()


@command(
    app,
    ROWS_PANEL,
    "scoretable predict row-8 photo.jpg",
    "scoretable predict row-8 photos/ --output answers.csv --look looks/",
    "scoretable predict                   # the step of params.yaml's row",
)
def predict(
    row: Annotated[
        str | None,
        typer.Argument(metavar="ROW", help="Name of an experiment.", autocompletion=complete_row, show_default=False),
    ] = None,
    photos: Annotated[
        list[Path] | None, typer.Argument(metavar="PHOTO", help="Photos, and folders of photos.", show_default=False)
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="CSV to write, in place of printing.", show_default=False)
    ] = None,
    look: Annotated[
        Path | None,
        typer.Option("--look", help="Folder for pictures of where the model looked.", show_default=False),
    ] = None,
    lineage: steps.Digest = None,
) -> str:
    """Answer photos by a saved row; without a row, run the step of that name."""
    if row is None:
        if output or look:
            raise InputError(
                f"{'--output' if output else '--look'} is for photos: name a row and its photos, as in `scoretable "
                "predict row-8 a.jpg`."
            )
        return steps.run_step("predict", lineage, None)
    if not photos and Path(row).exists():
        raise InputError(
            f"{row} is a photo or a folder: name the row before it, as in `scoretable predict row-8 {row}`."
        )
    if not photos:
        raise InputError(f"name photos or folders of photos after the row, as in `scoretable predict {row} a.jpg`.")
    return _answer(row, photos, output, look)


@command(app, ROWS_PANEL, "scoretable export row-8", "scoretable export row-8 --output leaves.onnx")
def export(
    row: Row,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Default: data/ROW.onnx.", show_default=False)
    ] = None,
) -> str:
    """Write a row's model as an ONNX file, checked against Keras, and its model card."""
    from scoretable.devices.keras_import import import_keras
    from scoretable.experiments.experiment import find_experiment
    from scoretable.rows.param_text import show_value
    from scoretable.serving.export import export_row, refuse_lacking_packages
    from scoretable.serving.row_model import RowModel, fetch_model
    from scoretable.table.model_card import write_model_card
    from scoretable.workspace.atomic import replacing

    experiment = find_experiment(ROOT, row)
    found, target = RowModel.of(experiment, ROOT), output or Path(f"data/{row}.onnx")
    card = target.with_suffix(".md")
    if card == target:
        raise InputError(f"--output {target} is where the model card would be: name the model's file, as {row}.onnx.")
    refuse_lacking_packages()
    import_keras(found.params.deterministic, None, "tensorflow")
    with fetch_model(experiment) as model:
        made = export_row(model, found, experiment, target)
    with replacing(card) as temporary:
        temporary.write_text(write_model_card(experiment, ROOT), encoding="utf-8")
    without = f"; without the row's tta: {show_value(found.params.tta)}" if found.params.views else ""
    return (
        f"{target}: {made.megabytes:.1f} MB, from {found.fit.height}x{found.fit.width} pixels (uint8, RGB){without}; "
        f"largest difference from Keras {made.difference:.1e} on {how_many(made.images, 'validation image')}, "
        f"{made.milliseconds:.1f} ms an image on this CPU\n{card}: its model card"
    )


def _answer(name: str, places: list[Path], output: Path | None, look: Path | None) -> str:
    from scoretable.devices.keras_import import import_keras
    from scoretable.experiments.experiment import find_experiment
    from scoretable.rows.params import SESSION, load_session
    from scoretable.serving.photos import find_photos
    from scoretable.serving.row_model import RowModel, fetch_model

    if look is not None and look.exists() and not look.is_dir():
        raise InputError(f"--look {look} is a file: name a folder, which is made where there is none.")
    experiment = find_experiment(ROOT, name)
    row, found = RowModel.of(experiment, ROOT), find_photos(places)
    if row.params.box == "crop":
        print(
            f"scoretable: {name} has seen boxes of photos only (box: crop): crop yours to what it is to look at.",
            file=sys.stderr,
        )
    backend = "tensorflow" if look else load_session(PARAMS.with_name(SESSION)).backend
    import_keras(row.params.deterministic, None, backend)
    from scoretable.serving.answers import answer_photos, write_answers
    from scoretable.serving.grad_cam import write_looks

    with fetch_model(experiment) as model:
        answers = answer_photos(model, row, found.photos)
        if look is not None:
            answers = write_looks(answers, model, row, look)
        broken = _tell(answers if output is None else write_answers(answers, row, output), row, output is None)
    where = f"; the answers are in {output}" if output else ""
    where += f"; where it looked is in {look}" if look else ""
    others = f", {how_many(found.others, 'other file')} left out" if found.others else ""
    if broken:
        raise InputError(
            f"{how_many(len(broken), 'photo')} of {len(found.photos)} cannot be read, such as {broken[0].photo} "
            f"({broken[0].unreadable}): save it as JPEG or PNG, or leave it out; all others are answered{where}."
        )
    cut = f", {row.cut.describe()}" if row.cut.describe() else ""
    return f"{how_many(len(found.photos), 'photo')} answered by {name}{cut}{others}{where}"


def _tell(answers: "Iterator[Answer]", row: "RowModel", is_printed: bool) -> "list[Answer]":
    """Print each answer, or only which photos have none, and return those."""
    from tqdm import tqdm

    from scoretable.serving.answers import describe_answer

    broken = []
    for answer in answers:
        if answer.unreadable:
            broken.append(answer)
        if answer.unreadable or is_printed:  # without breaking the bar
            tqdm.write(describe_answer(answer, row), file=sys.stderr if answer.unreadable else sys.stdout)
    return broken
