"""The parts of gpu.py: what each trains, and how its process measures that."""

import hashlib
import os
import platform
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from harness import SEED, Turn, plain_recipe
from scoretable.devices.keras_import import import_keras
from train_step import measure_limit

if TYPE_CHECKING:
    from scoretable.images.image_cache import ImageCache
    from scoretable.training.loop import Training

CLASSES = 10
ROW_8_IMAGES, ROW_8_EPOCHS = 10_407, 50  # of which 8,326 are trained on
NO_GPU = "JAX finds no GPU here; `--quick` rehearses on a CPU"
VERSIONS = ("jax", "jaxlib", "keras", "numpy", "torch", "timm")
XLA_COMPILES = "/jax/core/compile/backend_compile_duration"


@dataclass(frozen=True)
class Part:
    """One process's work. images: held-out ones included; steps: of an epoch, None: each image once.

    steps_per_call: None: as many as the project takes on this device. alone: no other part compiles beside it. on_cpu:
    it is small enough for a CPU.
    """

    name: str
    model: str
    size: int
    batch: int
    precision: str = "mixed_bfloat16"
    deterministic: bool = True
    images: int = 1280
    steps: int | None = 96
    steps_per_call: int | None = None
    framework: str = "scoretable"
    alone: bool = False
    on_cpu: bool = False


def list_parts() -> list[Part]:
    """Return all parts, what matters most first."""
    row_8 = Part("row 8", "InceptionV3", 448, 16, images=ROW_8_IMAGES, steps=None, alone=True)
    others = [Part("", "EfficientNetV2S", 384, 32), Part("", "ConvNeXtTiny", 384, 32)]
    batches = [Part("", "InceptionV3", 448, batch) for batch in (16, 32, 128)]
    as_default = [*batches, *others]
    quick = [replace(part, deterministic=False) for part in as_default]
    exact = [replace(part, precision="float32") for part in as_default]
    both = [replace(part, precision="float32") for part in quick]
    again = replace(batches[0], name="again")
    timm = [replace(part, framework="timm", deterministic=False) for part in (batches[0], *others)]
    wanted = [
        batches[0], again, quick[0], timm[0], *batches[1:], *others, exact[0], both[0], *timm[1:], *quick[1:],
        *exact[1:], *both[1:], replace(quick[0], name="again"),
    ]  # fmt: skip
    return [row_8, *(replace(part, name=name_part(part)) for part in wanted)]


def own_parts(model: str, size: str, batch: str) -> list[Part]:
    """Return the parts of one setting: both formats, with and without determinism."""
    part = Part("", model, int(size), int(batch), images=max(1280, 8 * int(batch)))
    ways = [replace(part, deterministic=deterministic) for deterministic in (True, False)]
    parts = [*ways, *(replace(way, precision="float32") for way in ways)]
    return [replace(part, name=name_part(part)) for part in parts]


def quick_parts() -> list[Part]:
    """Return parts of each kind, so small that a CPU runs them."""
    small = Part("", "SmallCNN", 32, 4, images=60, steps=8, steps_per_call=3, on_cpu=True)
    row_8 = replace(small, name="row 8", steps=None, alone=True)
    wanted = [small, replace(small, name="again"), replace(small, precision="float32", deterministic=False)]
    wanted.append(replace(small, framework="timm", deterministic=False))
    return [row_8, *(replace(part, name=name_part(part)) for part in wanted)]


def name_part(part: Part) -> str:
    """Return a name that tells parts apart.

    >>> name_part(Part("again", "InceptionV3", 448, 16))
    'InceptionV3 448 px, 16, mixed_bfloat16, deterministic, again'
    """
    words = [f"{part.model} {part.size} px", str(part.batch), part.precision]
    words.append("deterministic" if part.deterministic else "not deterministic")
    words += [part.framework] if part.framework != "scoretable" else []
    return ", ".join([*words, part.name] if part.name else words)


def measure_part(turn: Turn, part: Part) -> None:
    """Measure a part in this process: hand in what its first epoch took, and at its turn all the rest."""
    started = time.perf_counter()
    measure = measure_training
    if part.framework == "timm":
        from gpu_timm import measure_timm as measure
    if not part.alone:  # several processes share the card
        os.environ["XLA_PYTHON_CLIENT_PREALLOCATE"] = "false"
    try:
        with silenced():
            turn(measure(turn, part, started))
    except EOFError:
        raise
    except Exception as error:  # a card without room, an operation that XLA does not compile: other parts go on
        turn({"failed": f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"})


@contextmanager
def silenced() -> Iterator[None]:
    """Leave out the bar and the lines of a training, between which the table would drown."""
    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):
        yield


def measure_training(turn: Turn, part: Part, started: float) -> dict[str, Any]:
    """Train two epochs with the project's own loop, and return what it, the bare step and their parts take."""
    import_keras(part.deterministic)
    import jax
    from scoretable.devices.device import find_device, peak_memory
    from scoretable.session.stopping import StopRequest
    from scoretable.training.loop import Training
    from scoretable.training.recipe import Session

    if not (part.on_cpu or find_device().is_gpu):
        return {"skipped": NO_GPU}
    compilations: list[float] = []
    jax.monitoring.register_event_duration_secs_listener(
        lambda event, seconds, **_: compilations.append(seconds) if event == XLA_COMPILES else None
    )
    recipe = replace(plain_recipe(part.model, part.batch, 2, part.steps, part.deterministic), precision=part.precision)
    session = Session(checkpoint_minutes=24 * 60, placement="device", steps_per_call=part.steps_per_call)
    with tempfile.TemporaryDirectory() as folder:
        training = Training(make_images(part), recipe, Path(folder) / "checkpoint.npz", session)
        ends, before = [time.perf_counter()], np.zeros(3)

        def watch(history: Sequence[dict[str, Any]]) -> None:
            nonlocal before
            ends.append(time.perf_counter())
            if len(history) == 1:
                turn({"compilation": sum(compilations)})
                before = read_clock(training)
            ends.append(time.perf_counter())

        training.run(StopRequest(), watch)
        epochs = ends[3] - ends[2], ends[5] - ends[4]
        images, seconds, waited = read_clock(training) - before
        digest = digest_weights(training)
        compiled = sum(compilations)
        figures = {
            "device": training.device.name, "versions": find_versions(), "train images": len(training.rows),
            "steps in an epoch": training.batches.steps_per_epoch,
            "start": ends[1] - started, "first epoch": epochs[0], "second epoch": epochs[1], "compilation": compiled,
            "loop": images / seconds, "waiting": waited / seconds, "weights": digest,
            "loss": training.progress.history[-1]["loss"], "steps_per_call": training.steps_per_call,
            "bare": measure_limit(training, training.batches.steps_per_epoch),
            **analyse_step(training), **time_parts(training, part, Path(folder)), **peak_memory(training.device),
        }  # fmt: skip
    return figures | {"compiled again": sum(compilations) - compiled}


def make_images(part: Part) -> "ImageCache":
    """Return a cache of seeded random pixels, in memory: at most 512 different images, again and again."""
    import pandas as pd
    from scoretable.images.image_cache import ImageCache

    shape = (min(part.images, 512), part.size, part.size, 3)
    different = np.random.default_rng(SEED).integers(0, 256, shape, np.uint8)
    images = np.resize(different, (part.images, *shape[1:]))
    labels = np.arange(part.images) % CLASSES
    names = [f"class {number}" for number in range(CLASSES)]
    train = pd.DataFrame({"id": [str(number) for number in labels], "label": [names[number] for number in labels]})
    return ImageCache(images, images[:0], train, train[:0], labels, names, "made by gpu.py")


def read_clock(training: "Training") -> np.ndarray:
    """Return the images, seconds and seconds of waiting so far of steps that were not compiled first."""
    progress = training.progress
    return np.array([progress.timed_images, progress.step_seconds, progress.waited])


def digest_weights(training: "Training") -> str:
    """Return the SHA-256 of all variables, the optimizer's too."""
    training.step.write_back()
    found = hashlib.sha256()
    for variable in training.variables:
        found.update(np.asarray(variable.numpy()).tobytes())
    return found.hexdigest()


def analyse_step(training: "Training") -> dict[str, Any]:
    """Return what XLA says of a call of the step: operations an image, and bytes of memory beside the arguments.

    Operations are counted in the step as it is traced, whose loop over steps counts as one of them: in what XLA
    compiles for a GPU, convolutions are calls of cuDNN.
    """
    from scoretable.training.image_source import Feeds

    step, source, found = training.step, training.source, {}
    compiled = step._train

    def analysed(*arguments: Any) -> Any:
        lowered = compiled.lower(*arguments)
        found["operations"] = (lowered.cost_analysis() or {}).get("flops", 0.0) / training.batches.batch_size
        program = lowered.compile()
        costs, memory = program.cost_analysis() or {}, program.memory_analysis()
        found["operations compiled"] = costs.get("flops", 0.0) / training.batches.batch_size
        found["bytes accessed"] = costs.get("bytes accessed")
        found["step memory"] = getattr(memory, "temp_size_in_bytes", None)
        return compiled(*arguments)

    step._train = analysed
    try:
        step.train(source.resident, next(iter(Feeds(source, 0, training.steps_per_call, training.steps_per_call))))
    except Exception as error:  # not every card's XLA answers, and what is measured is worth more
        found["not analysed"] = f"{type(error).__name__}: {error}"[:300]
    finally:
        step._train = compiled
    return found


def time_parts(training: "Training", part: Part, folder: Path) -> dict[str, Any]:
    """Return seconds: of augmentation and of making a feed for one step, of a validation, and of a checkpoint."""
    import jax
    from keras import ops
    from scoretable.training.augmentation import slice_on_device
    from scoretable.training.checkpoint import save_checkpoint

    source, step = training.source, training.step
    feed = {name: ops.convert_to_tensor(array) for name, array in source.feed(0).items()}
    augment = jax.jit(lambda images, feed: slice_on_device(ops.take(images, feed["positions"], axis=0), feed))
    jax.block_until_ready(augment(source.resident, feed))

    def save() -> None:
        step.write_back()
        save_checkpoint(folder / "measured.npz", training.variables, training.progress)

    def augment_often() -> None:
        jax.block_until_ready([augment(source.resident, feed) for _ in range(32)])

    return {
        "augmentation": seconds_of(augment_often) / 32,
        "feed": seconds_of(lambda: [source.feed(number) for number in range(32)]) / 32,
        "validation": seconds_of(lambda: training.validation.figures(step)),
        "checkpoint": seconds_of(save),
        "checkpoint bytes": (folder / "measured.npz").stat().st_size,
        "streamed": measure_streaming(training, part),
    }


def measure_streaming(training: "Training", part: Part) -> float | None:
    """Return at how many images/s the host makes batches, where images do not fit on the card; None without OpenCV."""
    if find_spec("cv2") is None:
        return None
    from scoretable.training.image_source import Feeds, StreamedImages

    images = training.validation.batches.images
    source = StreamedImages(images, training.rows, training.validation.batches.targets, training.batches)
    steps = 8 * training.steps_per_call
    seconds = seconds_of(lambda: list(map(len, Feeds(source, 0, steps, training.steps_per_call))))
    return steps * part.batch / seconds


def seconds_of(work: Callable[[], Any]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def find_versions() -> dict[str, str]:
    """Return the versions of what is installed."""
    found = {"python": platform.python_version()}
    for name in VERSIONS:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
