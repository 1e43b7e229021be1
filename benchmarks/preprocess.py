"""How fast and how faithful the images of an archive become rows of the cache.

Usage: python benchmarks/preprocess.py --archive PATH --size 448

All ways read the archive's JPEGs through the same reader and run in turn, several rounds, so that whatever else
keeps the machine busy meets all of them; the ratios are medians over the rounds. The PIL way is that of the
notebooks that the score table comes from: a full decode and a bicubic resize.
"""

import argparse
import io
import json
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import simplejpeg
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "workflow"))

from scoretable.archive import Archive, open_archive
from scoretable.decoding import decode_image

Way = Callable[[bytes, int], np.ndarray]


def with_scoretable(data: bytes, size: int) -> np.ndarray:
    return decode_image(data, size, size, "stretch").pixels


def with_pil(data: bytes, size: int, kind: Image.Resampling = Image.Resampling.BICUBIC) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB").resize((size, size), kind))


def decode_only(data: bytes, size: int) -> np.ndarray:
    return simplejpeg.decode_jpeg(data)


WAYS: dict[str, Way] = {"PIL, bicubic": with_pil, "scoretable": with_scoretable, "decode only": decode_only}


def measure(archive: Archive, names: list[str], size: int, rounds: int, workers: int) -> list[dict[str, Any]]:
    """Return a row a way and number of workers: images/s, ratio to PIL, share of decoding alone (medians)."""
    pools: list[tuple[str, int, Executor]] = [
        (kind.__name__.removesuffix("PoolExecutor").lower(), count, kind(count))
        for kind, count in ((ThreadPoolExecutor, 1), (ThreadPoolExecutor, workers), (ProcessPoolExecutor, workers))
    ]
    rates: dict[tuple[str, str, int], list[float]] = {}
    for number in range(rounds + 1):
        for pool_kind, count, pool in pools:
            for way in WAYS:
                rate = time_once(archive, names, size, way, pool)
                if number:  # the first round starts processes and fills caches
                    rates.setdefault((way, pool_kind, count), []).append(rate)
    for _, _, pool in pools:
        pool.shutdown()
    rows = []
    for (way, pool_kind, count), values in rates.items():
        against = {other: np.divide(values, rates[other, pool_kind, count]) for other in WAYS}
        rows.append(
            {
                "way": way,
                "workers": f"{count} {pool_kind}",
                "images/s": float(np.median(values)),
                "ratio to PIL": float(np.median(against["PIL, bicubic"])),
                "share of decode only": float(np.median(against["decode only"])),
            }
        )
    return rows


def time_once(archive: Archive, names: list[str], size: int, way: str, pool: Executor) -> float:
    """Return images/s of one pass; threads read the archive themselves, processes are handed the bytes."""
    start = time.perf_counter()
    if isinstance(pool, ThreadPoolExecutor):
        done = pool.map(lambda name: WAYS[way](archive.read(name), size), names)
    else:
        done = pool.map(partial(WAYS[way], size=size), map(archive.read, names), chunksize=4)
    count = sum(1 for pixels in done if pixels.ndim == 3)
    return count / (time.perf_counter() - start)


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
    cv2.setNumThreads(1)
    with tempfile.TemporaryDirectory() as scratch, open_archive(options.archive, Path(scratch)) as archive:
        names = [name for name in archive.names if name.lower().endswith((".jpg", ".jpeg"))][: options.images]
        speed = measure(archive, names, options.size, options.rounds, options.workers)
        quality = measure_quality(archive, names[:100], options.size)
    print(f"{len(names)} images to {options.size}x{options.size} pixels, medians of {options.rounds} rounds\n")
    print("| way | workers | images/s | ratio to PIL | share of decode only |\n|---|---|---|---|---|")
    for row in speed:
        figures = f"{row['images/s']:.0f} | {row['ratio to PIL']:.2f} | {row['share of decode only']:.2f}"
        print(f"| {row['way']} | {row['workers']} | {figures} |")
    print("\n| way | median PSNR to a Lanczos resize, dB |\n|---|---|")
    for way, decibel in quality.items():
        print(f"| {way} | {decibel:.1f} |")
    if options.json:
        content = {"size": options.size, "images": len(names), "speed": speed, "psnr": quality}
        options.json.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
