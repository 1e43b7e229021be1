"""How fast shuffled batches of training images come: scoretable's cache against loaders that read the JPEGs.

Usage: python benchmarks/loader.py --size 448

Nothing is trained. A turn of each way makes batches of the same images at the same size and lets them go:

- scoretable: streamed from the image cache, as a training on a CPU gets them, plain and with flips and crops. The cache
  was made before (benchmarks/preprocess.py has the price of that, which is paid once);
- Keras' directory loader, keras.utils.image_dataset_from_directory, which decodes and resizes every time;
- the augmenting generator of the notebooks, ImageDataGenerator.flow_from_directory, with rotation, shifts, shear, zoom
  and flips.

A turn is one pass for the directory loader, several for the cache and --generator-batches for the generator, so that
none is over in a moment and none takes minutes. CPU times say more than the clock on a machine that is busy with other
work: 'CPU' columns count the time of all cores, without other processes.
"""

import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from harness import (
    Figures,
    Way,
    make_cache,
    make_parser,
    median,
    median_ratio,
    obtain_archive,
    print_table,
    run_rounds,
    unpack_into_classes,
    write_results,
)
from scoretable.devices.keras_import import import_keras
from scoretable.images.image_cache import ImageCache
from scoretable.training.augmentation import Augmentation
from scoretable.training.batches import TrainingBatches
from scoretable.training.image_source import StreamedImages
from scoretable.training.made_ahead import MadeAhead

PLAIN, AUGMENTED = "scoretable", "scoretable, flip and crop"
DIRECTORY, GENERATOR = "Keras directory loader", "augmenting generator"
GOALS = ((AUGMENTED, GENERATOR, 100), (PLAIN, DIRECTORY, 10))


def streamed(cache: ImageCache, augment: tuple[str, ...], batch_size: int, passes: int) -> Callable[[], Iterable[Any]]:
    """Return what yields the pixels of `passes` passes over the cache."""
    rows, (height, width) = np.arange(len(cache.train)), cache.train_images.shape[1:3]
    batches = TrainingBatches(len(rows), batch_size, None, Augmentation(augment), height, width, seed=0)
    source = StreamedImages(cache.train_images, rows, cache.targets, batches)
    steps = passes * batches.steps_per_epoch

    def pixels() -> Iterator[Any]:
        with MadeAhead(source.feed, range(steps)) as feeds:
            yield from (feed["pixels"] for feed in feeds)

    return pixels


def directory_loader(folder: Path, size: int, batch_size: int) -> Callable[[], Iterable[Any]]:
    import keras

    dataset = keras.utils.image_dataset_from_directory(
        folder, label_mode="categorical", batch_size=batch_size, image_size=(size, size), shuffle=True, seed=0,
        verbose=False,
    )  # fmt: skip
    return lambda: (pixels for pixels, _ in dataset)


def augmenting_generator(folder: Path, size: int, batch_size: int, batches: int) -> Callable[[], Iterable[Any]]:
    from tensorflow.keras.preprocessing.image import ImageDataGenerator

    generator = ImageDataGenerator(
        rescale=1 / 255, rotation_range=20, width_shift_range=0.1, height_shift_range=0.1, shear_range=0.2,
        zoom_range=0.2, horizontal_flip=True,
    )  # fmt: skip
    flow = generator.flow_from_directory(str(folder), target_size=(size, size), batch_size=batch_size, seed=0)
    return lambda: (pixels for pixels, _ in islice(flow, batches))


def take_turn(batches: Callable[[], Iterable[Any]]) -> Figures:
    wall, cpu = time.perf_counter(), time.process_time()
    images = sum(len(pixels) for pixels in batches())
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return {"images/s": images / wall, "images/s of CPU": images / cpu}


def summarise(rounds: Sequence[dict[str, Figures]]) -> list[dict[str, Any]]:
    return [
        {
            "way": way,
            "images/s": median(rounds, way, "images/s"),
            "CPU ms an image": 1000 / median(rounds, way, "images/s of CPU"),
            "ratio to directory loader": median_ratio(rounds, way, DIRECTORY, "images/s"),
            "ratio to generator": median_ratio(rounds, way, GENERATOR, "images/s"),
            "the same, CPU": median_ratio(rounds, way, GENERATOR, "images/s of CPU"),
        }
        for way in rounds[0]
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    parser = make_parser(__doc__, images=320, rounds=5)
    parser.add_argument("--size", type=int, default=448, help="side of the images in pixels")
    parser.add_argument("--batch", type=int, default=32, help="images a batch")
    parser.add_argument("--passes", type=int, default=10, help="passes over the cache a turn")
    parser.add_argument("--generator-batches", type=int, default=2, help="batches of the generator a turn")
    options = parser.parse_args(arguments)
    import_keras(deterministic=False)  # the loaders of others keep the backend's default of threads
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        archive, competition = obtain_archive(options, folder)
        cache = make_cache(archive, competition, folder / "cache", options.size)
        unpack_into_classes(archive, competition, folder / "classes", set(cache.train["id"]))
        sources = {
            PLAIN: streamed(cache, (), options.batch, options.passes),
            AUGMENTED: streamed(cache, ("flip", "crop"), options.batch, options.passes),
            DIRECTORY: directory_loader(folder / "classes", options.size, options.batch),
            GENERATOR: augmenting_generator(folder / "classes", options.size, options.batch, options.generator_batches),
        }
        ways: dict[str, Way] = {name: partial(take_turn, source) for name, source in sources.items()}
        rounds = run_rounds(ways, 1 + options.rounds)[1:]  # the first one fills caches and starts threads
        images = len(cache.train)
    rows = summarise(rounds)
    goals = [
        {"goal": f"{way} against {other}", "at least": goal, "reached": median_ratio(rounds, way, other, "images/s")}
        for way, other, goal in GOALS
    ]
    print(f"{images} images, {options.size} px, batches of {options.batch}, medians of {options.rounds} rounds\n")
    print_table(rows)
    print_table(goals)
    write_results(options, "loader", images=images, rows=rows, goals=goals, rounds=rounds)


if __name__ == "__main__":
    main()
