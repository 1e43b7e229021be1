"""How fast and how faithful the images of an archive become rows of the cache.

Usage: python benchmarks/preprocess.py --archive PATH --size 448

All ways read the archive's JPEGs through the same reader, on one thread and on several, and take turns in each round;
rates and ratios are medians over the rounds. CPU times say more than the clock on a machine that is busy with other
work. The PIL way is that of the notebooks that the score table comes from: a full decode and a bicubic resize.
"""

import io
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import simplejpeg
from harness import Figures, make_parser, median, median_ratio, obtain_archive, print_table, run_rounds, write_results
from PIL import Image
from scoretable.archive.archive import Archive, open_archive
from scoretable.decoding.decode import decode_image, many_pictures

Resize = Callable[[bytes, int], np.ndarray]


def with_scoretable(data: bytes, size: int) -> np.ndarray:
    return decode_image(data, size, size, "stretch").pixels


def with_pil(data: bytes, size: int, kind: Image.Resampling = Image.Resampling.BICUBIC) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB").resize((size, size), kind))


def decode_only(data: bytes, size: int) -> np.ndarray:
    return simplejpeg.decode_jpeg(data)


SCORETABLE, PIL, BILINEAR, DECODE = "scoretable", "PIL, bicubic", "PIL, bilinear", "decode only"
WAYS: dict[str, Resize] = {PIL: with_pil, SCORETABLE: with_scoretable, DECODE: decode_only}


def measure_speed(archive: Archive, names: list[str], size: int, rounds: int, workers: int) -> list[dict[str, Any]]:
    """Return a row a way, with medians over the rounds."""
    with ThreadPoolExecutor(workers) as pool:
        ways = {way: partial(time_once, archive, names, size, resize, pool) for way, resize in WAYS.items()}
        passes = run_rounds(ways, rounds + 1)[1:]  # the first one starts the threads
    return [
        {
            "threads": workers,
            "way": way,
            "images/s": median(passes, way, "images/s"),
            "ratio to PIL": median_ratio(passes, way, PIL, "images/s"),
            "share of decode only": median_ratio(passes, way, DECODE, "images/s"),
            "images a CPU second": median(passes, way, "images a CPU second"),
            "ratio to PIL, CPU": median_ratio(passes, way, PIL, "images a CPU second"),
            "share of decode only, CPU": median_ratio(passes, way, DECODE, "images a CPU second"),
        }
        for way in WAYS
    ]


def time_once(archive: Archive, names: list[str], size: int, resize: Resize, pool: ThreadPoolExecutor) -> Figures:
    """Take all images once, and return images a second of the clock and of this process' CPU time."""
    wall, cpu = time.perf_counter(), time.process_time()
    count = sum(1 for pixels in pool.map(lambda name: resize(archive.read(name), size), names) if pixels.ndim == 3)
    return {
        "images/s": count / (time.perf_counter() - wall),
        "images a CPU second": count / (time.process_time() - cpu),
    }


def measure_quality(archive: Archive, names: list[str], size: int) -> dict[str, float]:
    """Return the median PSNR in dB of each way against a full decode and a Lanczos resize."""
    ways: dict[str, Resize] = {
        SCORETABLE: with_scoretable,
        PIL: with_pil,
        BILINEAR: partial(with_pil, kind=Image.Resampling.BILINEAR),
    }
    found: dict[str, list[float]] = {way: [] for way in ways}
    for data in map(archive.read, names):
        reference = with_pil(data, size, Image.Resampling.LANCZOS).astype(float)
        for way, resized in ways.items():
            error = np.mean((resized(data, size) - reference) ** 2)
            found[way].append(20 * np.log10(255) - 10 * np.log10(max(error, 1e-9)))
    return {way: float(np.median(values)) for way, values in found.items()}


def judge(speed: list[dict[str, Any]], quality: dict[str, float]) -> list[dict[str, Any]]:
    """Return what was asked for beside what was reached, on all threads."""
    reached = next(row for row in reversed(speed) if row["way"] == SCORETABLE)
    return [
        {"goal": "ratio to PIL", "asked for": ">= 1.9", "reached": reached["ratio to PIL"]},
        {"goal": "share of decode only", "asked for": ">= 0.55", "reached": reached["share of decode only"]},
        {"goal": "PSNR, dB", "asked for": f">= {quality[BILINEAR]:.1f} ({BILINEAR})", "reached": quality[SCORETABLE]},
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    parser = make_parser(__doc__, images=270, rounds=5)
    parser.add_argument("--size", type=int, default=448, help="side of the cached images in pixels")
    parser.add_argument("--workers", type=int, default=2, help="the larger number of threads")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as temporary:
        archive_file, _ = obtain_archive(options, Path(temporary))
        with many_pictures(), open_archive(archive_file, Path(temporary)) as archive:
            names = [name for name in archive.names if name.lower().endswith((".jpg", ".jpeg"))][: options.images]
            counts = (1, options.workers)
            speed = [row for n in counts for row in measure_speed(archive, names, options.size, options.rounds, n)]
            quality = measure_quality(archive, names[:100], options.size)
    goals = judge(speed, quality)
    print(f"{len(names)} images to {options.size} px, medians of {options.rounds} rounds\n")
    psnr = [{"way": way, "median PSNR to a Lanczos resize, dB": decibel} for way, decibel in quality.items()]
    for table in (speed, psnr, goals):
        print_table(table)
    write_results(options, "preprocess", images=len(names), rows=speed, psnr=psnr, goals=goals)


if __name__ == "__main__":
    main()
