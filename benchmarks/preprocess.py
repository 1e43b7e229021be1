"""How fast and how faithful the images of an archive become rows of the cache.

Usage: python benchmarks/preprocess.py --archive PATH --size 448

All ways read the archive's JPEGs through the same reader and run in turn, several rounds, so that whatever else
keeps the machine busy meets all of them; rates and ratios are medians over the rounds. CPU times say more than the
clock on a machine that is busy with other work. The PIL way is that of the notebooks that the score table comes
from: a full decode and a bicubic resize.
"""

import argparse
import io
import itertools
import json
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import simplejpeg
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "workflow"))

from scoretable.archive import Archive, open_archive
from scoretable.decoding import decode_image, many_pictures

Way = Callable[[bytes, int], np.ndarray]


def with_scoretable(data: bytes, size: int) -> np.ndarray:
    return decode_image(data, size, size, "stretch").pixels


def with_pil(data: bytes, size: int, kind: Image.Resampling = Image.Resampling.BICUBIC) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB").resize((size, size), kind))


def decode_only(data: bytes, size: int) -> np.ndarray:
    return simplejpeg.decode_jpeg(data)


WAYS: dict[str, Way] = {"PIL, bicubic": with_pil, "scoretable": with_scoretable, "decode only": decode_only}


class Pass(NamedTuple):
    """Seconds an image, of the clock and of all cores (without those of other processes)."""

    wall: float
    cpu: float


def measure(archive: Archive, names: list[str], size: int, rounds: int, workers: int) -> list[dict[str, Any]]:
    """Return a row a way and kind of workers, with medians over the rounds."""
    kinds = ((ThreadPoolExecutor, 1), (ThreadPoolExecutor, workers), (ProcessPoolExecutor, workers))
    rows = []
    for kind, count in kinds:
        with kind(count) as pool:
            passes = [
                {way: time_once(archive, names, size, way, pool) for way in WAYS}
                for _ in range(rounds + 1)  # the first starts the workers and does not count
            ][1:]
        title = f"{count} {kind.__name__.removesuffix('PoolExecutor').lower()}"
        rows += [summarise(way, title, passes, with_cpu=kind is ThreadPoolExecutor) for way in WAYS]
    return rows


def summarise(way: str, workers: str, passes: list[dict[str, Pass]], with_cpu: bool) -> dict[str, Any]:
    def ratio_to(other: str, clock: str) -> float:
        return float(np.median([getattr(done[other], clock) / getattr(done[way], clock) for done in passes]))

    row = {
        "way": way,
        "workers": workers,
        "images/s": float(np.median([1 / done[way].wall for done in passes])),
        "ratio to PIL": ratio_to("PIL, bicubic", "wall"),
        "share of decode only": ratio_to("decode only", "wall"),
    }
    cpu = {
        "CPU ms an image": float(np.median([done[way].cpu * 1000 for done in passes])),
        "ratio to PIL, CPU": ratio_to("PIL, bicubic", "cpu"),
        "share of decode only, CPU": ratio_to("decode only", "cpu"),
    }
    return row | (cpu if with_cpu else dict.fromkeys(cpu))


def time_once(archive: Archive, names: list[str], size: int, way: str, pool: Executor) -> Pass:
    """Run one pass; threads read the archive themselves, processes are handed the bytes."""
    wall, cpu = time.perf_counter(), time.process_time()
    if isinstance(pool, ThreadPoolExecutor):
        done = pool.map(lambda name: WAYS[way](archive.read(name), size), names)
    else:
        done = pool.map(WAYS[way], map(archive.read, names), itertools.repeat(size), chunksize=4)
    count = sum(1 for pixels in done if pixels.ndim == 3)
    return Pass((time.perf_counter() - wall) / count, (time.process_time() - cpu) / count)


def measure_quality(archive: Archive, names: list[str], size: int) -> dict[str, float]:
    """Return the median PSNR in dB of each way against a full decode and a Lanczos resize."""
    ways: dict[str, Way] = {
        "scoretable": with_scoretable,
        "PIL, bicubic": with_pil,
        "PIL, bilinear": partial(with_pil, kind=Image.Resampling.BILINEAR),
    }
    found: dict[str, list[float]] = {way: [] for way in ways}
    for data in map(archive.read, names):
        reference = with_pil(data, size, Image.Resampling.LANCZOS).astype(float)
        for way, resized in ways.items():
            error = np.mean((resized(data, size) - reference) ** 2)
            found[way].append(20 * np.log10(255) - 10 * np.log10(max(error, 1e-9)))
    return {way: float(np.median(values)) for way, values in found.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--archive", type=Path, required=True, help="a zip archive with JPEGs")
    parser.add_argument("--size", type=int, default=448, help="side of the cached images in pixels")
    parser.add_argument("--images", type=int, default=200, help="how many images to take")
    parser.add_argument("--rounds", type=int, default=5, help="how often each way runs")
    parser.add_argument("--workers", type=int, default=2, help="the larger number of workers")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    options = parser.parse_args()
    with (
        many_pictures(),
        tempfile.TemporaryDirectory() as scratch,
        open_archive(options.archive, Path(scratch)) as archive,
    ):
        names = [name for name in archive.names if name.lower().endswith((".jpg", ".jpeg"))][: options.images]
        speed = measure(archive, names, options.size, options.rounds, options.workers)
        quality = measure_quality(archive, names[:100], options.size)
    print(f"{len(names)} images to {options.size}x{options.size} pixels, medians of {options.rounds} rounds\n")
    print(f"| {' | '.join(speed[0])} |\n|{'---|' * len(speed[0])}")
    for row in speed:
        cells = [f"{cell:.2f}" if isinstance(cell, float) else str(cell or "") for cell in row.values()]
        print(f"| {' | '.join(cells)} |")
    print("\n| way | median PSNR to a Lanczos resize, dB |\n|---|---|")
    for way, decibel in quality.items():
        print(f"| {way} | {decibel:.1f} |")
    if options.json:
        content = {"size": options.size, "images": len(names), "speed": speed, "psnr": quality}
        options.json.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
