"""JAX where TensorFlow cannot be imported: python on_jax_alone.py <folder> <trainings as JSON>.

After the trainings (see train_on_devices.py), in which the last is one of two devices, it makes a row from `train` to
`evaluate` twice, in <folder>/undisturbed and in <folder>/resumed, where training stops after its first step.
"""

import json
import sys
from contextlib import chdir
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from typing import Any

import numpy as np
from scoretable.competition.description import load_competition
from scoretable.rows.layout import Layout
from scoretable.rows.lineage import Record
from scoretable.rows.param_groups import SessionParams
from scoretable.rows.params import Params
from scoretable.workspace.errors import TrainingStopped
from small_training import change_images, small_cache, step_in_parts
from train_on_devices import train_all

ROW = Params(model="SmallCNN", weights=None, epochs=1, steps_per_epoch=3, batch_size=8, precision="float32")
COMPETITIONS = Path(__file__).parents[2] / "workflow/competitions"


class WithoutTensorFlow(PathFinder):
    """Finds what Python finds, but for TensorFlow. (Keras takes a mark in sys.modules for TensorFlow itself.)"""

    @classmethod
    def find_spec(cls, fullname: str, *arguments: Any, **named: Any) -> ModuleSpec | None:
        return None if fullname == "tensorflow" else super().find_spec(fullname, *arguments, **named)


def make_row(folder: Path, sessions: list[SessionParams]) -> None:
    """Train in these sessions, of which all but the last stop, then predict and evaluate."""
    from scoretable.steps import evaluate, predict, train

    folder.mkdir()
    layout, record = Layout.of(ROW), Record("0123", folder)
    with chdir(folder):
        for session in sessions[:-1]:
            number_layers_anew()
            try:
                train.run(ROW, session, layout, record)
            except TrainingStopped:
                assert list(Path("checkpoints/0123").glob("*.npz"))
            else:
                raise AssertionError("the training did not stop")
        number_layers_anew()
        for step in (train, predict, evaluate):
            step.run(ROW, sessions[-1], layout, record)


def number_layers_anew() -> None:
    """Let the names of layers be those of a process of its own."""
    import keras

    keras.backend.clear_session()


def serve_from_memory() -> None:
    """Let the steps read the small cache, and draw no plots, which is most of an evaluation."""
    from scoretable.evaluation import plots, plots_by_task
    from scoretable.steps import evaluate, predict, train

    for step in (train, predict, evaluate):
        step.open_cache = lambda folder: small_cache()
    for step in (train, evaluate):
        step.load_competition = lambda name: load_competition(name, COMPETITIONS)
    for module in (plots, plots_by_task):
        module.save_figure = lambda figure, target: target.touch()


def compare_convolutions() -> dict[str, float]:
    """Return how far values and gradients of the quick convolutions are from JAX's own, as a share of the largest."""
    import jax
    from keras.src.backend.jax import nn

    generator = np.random.default_rng(0)
    found = {}
    for name, quick, kernel, strides, padding in (
        ("depthwise", nn.depthwise_conv, (3, 3, 4, 1), 1, "same"),
        ("depthwise, strided", nn.depthwise_conv, (5, 5, 4, 1), 2, "same"),
        ("depthwise, valid", nn.depthwise_conv, (3, 2, 4, 1), 2, "valid"),
        ("pointwise", nn.conv, (1, 1, 4, 3), 1, "same"),
    ):
        pixels, weights = (generator.normal(size=shape).astype("float32") for shape in ((2, 7, 8, 4), kernel))

        def loss(pixels: Any, weights: Any, way: Any) -> Any:
            return (way(pixels, weights, strides, padding) ** 2).sum()  # noqa: B023

        ways = [
            jax.jit(jax.value_and_grad(loss, (0, 1)), static_argnums=2)(pixels, weights, way)
            for way in (quick, quick.args[0])
        ]
        pairs = zip(*map(jax.tree.leaves, ways), strict=True)
        found[name] = max(float(abs(one - other).max() / abs(other).max()) for one, other in pairs)
    return found


def compare_parts() -> dict[str, Any]:
    """Return how far a step in four parts is from one on the whole batch, and the bytes that XLA plans for each."""
    (whole, figures, first), (parted, others, second) = step_in_parts(1), step_in_parts(4)
    programs = [step.jax.jit(step._step).lower(step.state, None, feed).compile() for step, feed in (first, second)]
    return {
        "apart": max(float(abs(one - other).max()) for one, other in zip(whole, parted, strict=True)),
        "figures": [figures, others],
        "bytes": [program.memory_analysis().temp_size_in_bytes for program in programs],
    }


def answer_with(model: Path) -> Any:
    """Return the answers of a model's file to the small cache's test images."""
    from scoretable.models.classifier import load_model
    from scoretable.prediction.inference import predict_answers

    return predict_answers(load_model(model), small_cache().test_images, np.arange(4)).tolist()


def main(folder: Path, ordered: str) -> None:
    """Print the histories and what the tests look at, as JSON in the last line."""
    sys.meta_path = [WithoutTensorFlow if finder is PathFinder else finder for finder in sys.meta_path]
    histories, counted = train_all(folder, json.loads(ordered))
    found: dict[str, Any] = {"histories": histories, "counted": counted}
    serve_from_memory()
    make_row(folder / "undisturbed", [SessionParams(devices=1, tensorboard=True)])
    make_row(folder / "resumed", [SessionParams(devices=1, max_hours=1e-9), SessionParams(devices=1)])
    found |= {"convolutions": compare_convolutions(), "answers": answer_with(folder / "tensorflow.keras")}
    found["parts"] = compare_parts()
    found["changed"] = change_images(xla=True).tolist()
    print(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
