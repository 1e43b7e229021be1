"""Step: the trained model."""

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from scoretable.atomic import replacing, write_json
from scoretable.image_cache import open_cache
from scoretable.task import Task, resolve_head, resolve_metrics

if TYPE_CHECKING:
    from scoretable.layout import Layout
    from scoretable.lineage import Record
    from scoretable.params import Params
    from scoretable.training import Recipe


def run(params: "Params", layout: "Layout", record: "Record") -> str:
    """Train, going on from a checkpoint of the same lineage."""
    from scoretable.model import save_model
    from scoretable.training import train

    checkpoint = checkpoint_root(Path.cwd()) / f"{record.digest}.npz"
    cache = open_cache(layout.cache)
    recipe = recipe_of(params, cache.task)
    trained = train(cache, recipe, checkpoint, params.max_hours)
    history = pd.DataFrame(trained.history)
    save_model(trained.model, layout.model)
    with replacing(layout.history) as temporary:
        history.to_csv(temporary, index=False, float_format="%.8g", lineterminator="\n")
    rate = trained.images / trained.seconds if trained.images else 0.0
    write_json(
        layout.training,
        {
            "train_seconds": round(trained.seconds, 1),
            "images_per_second": round(rate, 1),
            "parameters": trained.model.count_params(),
        },
    )
    checkpoint.unlink(missing_ok=True)
    return (
        f"{layout.model}: {params.model}, {len(history)} epochs, validation {recipe.metrics[0]} "
        f"{history[f'val_{recipe.metrics[0]}'].iloc[-1]:.4f}, {trained.seconds:.0f} s, {rate:.0f} images/s"
    )


def recipe_of(params: "Params", task: Task) -> "Recipe":
    """Return the training recipe that params.yaml describes; raise InputError where it does not fit the task."""
    from scoretable.training import Recipe

    activation, loss = resolve_head(task, params.activation, params.loss)
    return Recipe(
        backbone=params.model,
        weights=params.weights,
        dropout=params.dropout,
        batch_norm_momentum=params.batch_norm_momentum,
        activation=activation,
        loss=loss,
        metrics=resolve_metrics(task, params.metric_names),
        optimizer=params.optimizer,
        learning_rate=params.learning_rate,
        schedule=params.schedule,
        batch_size=params.batch_size,
        epochs=params.epochs,
        steps_per_epoch=params.steps_per_epoch,
        augment=params.augment,
        folds=params.folds,
        fold=params.fold,
        seed=params.seed,
        precision=params.precision,
    )


def checkpoint_root(workspace: Path) -> Path:
    """Folder of checkpoints, in the main repository even when DVC runs an experiment in a temporary copy of it."""
    parts = workspace.resolve().parts
    for index in range(len(parts) - 2):
        if parts[index : index + 3] == (".dvc", "tmp", "exps"):
            return Path(*parts[:index]) / "checkpoints"
    return workspace / "checkpoints"
