"""A training with the project's own loop as a part of gpu.py, and what its pieces take."""

import hashlib
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from gpu_parts import CLASSES, NO_GPU, Part, find_versions
from harness import SEED, Turn, plain_recipe
from scoretable.devices.keras_import import import_keras
from train_step import measure_limit

if TYPE_CHECKING:
    from scoretable.images.image_cache import ImageCache
    from scoretable.training.loop import Training

XLA_COMPILES = "/jax/core/compile/backend_compile_duration"


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
            "loss": training.progress.history[-1]["loss"], "steps_per_call": training.calls.steps,
            "seconds_per_step": training.calls.seconds, "batches ahead": training.calls.ahead,
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
        step.train(source.resident, [training.replicas.put(source.feed(0))])
    except Exception as error:  # not every card's XLA answers, and what is measured is worth more
        found["not analysed"] = f"{type(error).__name__}: {error}"[:300]
    finally:
        step._train = compiled
    return found


def time_parts(training: "Training", part: Part, folder: Path) -> dict[str, Any]:
    """Return seconds: of augmentation, of making a feed for one step and of its transfer, of a validation, and of a
    checkpoint, in all and while the training waits for it."""
    import jax
    from keras import ops
    from scoretable.training.augmentation import slice_on_device
    from scoretable.training.checkpoint import CheckpointFile

    source, step = training.source, training.step
    feeds = [source.feed(number) for number in range(32)]
    feed = training.replicas.put(feeds[0])
    augment = jax.jit(lambda images, feed: slice_on_device(ops.take(images, feed["positions"], axis=0), feed))
    jax.block_until_ready(augment(source.resident, feed))

    def augment_often() -> None:
        jax.block_until_ready([augment(source.resident, feed) for _ in range(32)])

    figures = {
        "augmentation": seconds_of(augment_often) / 32,
        "feed": seconds_of(lambda: [source.feed(number) for number in range(32)]) / 32,
        "transfer": seconds_of(lambda: jax.block_until_ready([*map(training.replicas.put, feeds)])) / 32,
        "validation": seconds_of(lambda: training.validation.figures(step)),
    }
    with CheckpointFile(folder / "measured.npz") as file:
        step.write_back()  # compiles the copies
        started = time.perf_counter()
        step.write_back()
        file.save(training.variables, training.progress)
        figures["checkpoint copied"] = time.perf_counter() - started
        file.join()
        figures["checkpoint"] = time.perf_counter() - started
    size = (folder / "measured.npz").stat().st_size
    return figures | {"checkpoint bytes": size} | measure_streaming(training, part)


def measure_streaming(training: "Training", part: Part) -> dict[str, float]:
    """Return at how many images/s the host makes batches, and puts them on the card, where images do not fit there.

    Nothing without OpenCV.
    """
    if find_spec("cv2") is None:
        return {}
    import jax
    from scoretable.training.image_source import StreamedImages
    from scoretable.training.made_ahead import MadeAhead

    images = training.validation.batches.images
    source = StreamedImages(images, training.rows, training.validation.batches.targets, training.batches)
    steps = 8 * training.calls.steps

    def put(step: int) -> None:
        jax.block_until_ready(training.replicas.put(source.feed(step)))

    def rate(make: Callable[[int], Any]) -> float:
        with MadeAhead(make, range(steps)) as made:
            return steps * part.batch / seconds_of(lambda: list(map(id, made)))

    return {"streamed": rate(source.feed), "streamed to the card": rate(put)}


def seconds_of(work: Callable[[], Any]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
