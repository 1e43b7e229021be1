"""How fast training is on one GPU, how near its limits, and what the team's row 8 takes there.

Usage: python benchmarks/gpu.py --output gpu.json

It needs jax and what keras needs, and no TensorFlow, network, archive or image: the pixels are made here. Where the
repository is not installed, carry it: `benchmarks/gpu_bundle.sh` makes one file for that, and says how. `--quick`
rehearses everything with tiny sizes, also on a CPU; its figures say nothing.

Each part is a process of its own, which trains two epochs with the project's own loop on images that lie on the card:

- loop: the images/s of the second epoch, as any training has them;
- bare: the same compiled step, fed with one batch that lies on the card already;
- % of peak: the operations of the loop against what the card can do (gpu_cards.py), counted by XLA in the traced step;
- compiled: seconds of XLA; timm: of the first step;
- GB: the most memory of the card that was in use at once, by images, weights and the step.

The first part is row 8 of the team's table: InceptionV3 with 448 px in batches of 16, 50 epochs. It runs alone, with
all 10,407 images and a whole validation, for two of its epochs. Then several parts compile side by side, and each is
measured alone. Two parts that are called the same but for `again` end with the same weights, or the table says so.

A part that does not fit into `--seconds`, or that fails, is named, and the others go on. The JSON file is written anew
after each part, so a run that is stopped loses nothing.
"""

import argparse
import math
import multiprocessing
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "workflow"))
sys.path.append(str(ROOT / "packages"))  # of a carried bundle; what the machine has itself comes first
os.environ["KERAS_BACKEND"] = "jax"

from gpu_cards import PEAKS, share_of_peak  # noqa: E402
from gpu_epoch import describe  # noqa: E402
from gpu_parts import NO_GPU, Part, list_parts, measure_part, own_parts, quick_parts  # noqa: E402
from harness import RESULTS, print_table, serve  # noqa: E402
from scoretable.workspace.atomic import write_json  # noqa: E402

SECONDS, SECONDS_OF_REHEARSAL = 360.0, 3600.0  # a busy CPU may take long
PREPARING, MEASURING = 1 / 2, 1 / 6  # of all seconds, after which a part is given up: until it is compiled, and then
ENDING = 5.0  # until a part that is done is killed
LEAST = 30.0  # seconds that must be left for a further part to start
CORES_A_PART = 3  # that compile

Result = dict[str, Any]


class RunningPart:
    """A part's process."""

    def __init__(self, part: Part) -> None:
        context = multiprocessing.get_context("spawn")
        self.part = part
        self.connection, there = context.Pipe()
        self.process = context.Process(target=serve, args=(measure_part, there, part))
        self.process.start()
        there.close()

    def receive(self, deadline: float) -> Result:
        """Return what it hands in next; where it does not by the deadline, why."""
        if not self.connection.poll(max(0.0, deadline - time.monotonic())):
            return {"skipped": "out of time"}
        try:
            return self.connection.recv()
        except (EOFError, OSError):
            self.process.join()
            return {"failed": f"its process ended with exit code {self.process.exitcode}"}

    def measure(self, deadline: float) -> Result:
        """Let it take its turn, and return what it measured."""
        try:
            self.connection.send(None)
        except OSError:
            return self.receive(deadline)
        return self.receive(deadline)

    def stop(self) -> None:
        """End its process: it ends by itself where it has handed in all."""
        self.connection.close()
        self.process.join(ENDING)
        self.process.kill()
        self.process.join()


def run_together(parts: Sequence[Part], seconds: float, deadline: float) -> list[Result]:
    """Compile parts side by side, then measure one after the other, and return what is known of each."""
    running = [RunningPart(part) for part in parts]
    limit = min(deadline, time.monotonic() + PREPARING * seconds)
    ready = [part.receive(limit) for part in running]
    given_up = [bool(found.keys() & {"failed", "skipped"}) for found in ready]
    for part, ended in zip(running, given_up, strict=True):
        if ended:  # before others are measured
            part.stop()
    results = []
    for part, found, ended in zip(running, ready, given_up, strict=True):
        measured = {} if ended else part.measure(min(deadline, time.monotonic() + MEASURING * seconds))
        if not ended:
            part.stop()
        results.append(asdict(part.part) | {"compiled together": len(parts)} | found | measured)
    return results


def add_shares(result: Result) -> Result:
    """Add what follows from a part's figures."""
    if "loop" not in result:
        return result
    operations = result.get("operations")
    share = share_of_peak(result["device"], result["precision"], operations * result["loop"] if operations else None)
    against = result["loop"] / result["bare"] if "bare" in result else None
    return result | {"loop against bare": against, "share of peak": share}


def compare_weights(results: Sequence[Result]) -> dict[str, bool]:
    """Return of each part that ran twice whether its weights are equal to the bit."""
    found: dict[str, list[str]] = {}
    for result in results:
        if "weights" in result:
            found.setdefault(result["name"].removesuffix(", again"), []).append(result["weights"])
    return {name: len(set(digests)) == 1 for name, digests in found.items() if len(digests) > 1}


def table_row(result: Result) -> dict[str, Any]:
    def rounded(name: str, unit: float = 1.0) -> float | None:
        return result[name] / unit if result.get(name) is not None else None

    return {
        "part": result["name"],
        "loop, images/s": rounded("loop"),
        "bare, images/s": rounded("bare"),
        "loop/bare": rounded("loop against bare"),
        "% of peak": rounded("share of peak", 0.01),
        "compiled, s": rounded("compilation"),
        "GB": rounded("peak_device_memory", 1e9),
        "": result.get("failed") or result.get("skipped"),
    }


def summarise(results: Sequence[Result], seconds: float) -> Result:
    """Return what the file holds."""
    measured = [result for result in results if "loop" in result]
    row_8 = next((result for result in measured if result["name"] == "row 8"), None)
    device = measured[0]["device"] if measured else "none"
    peak = PEAKS.get(device)
    revision = ROOT / "REVISION"
    return {
        "benchmark": "gpu",
        "date": time.strftime("%Y-%m-%d"),
        "revision": revision.read_text(encoding="utf-8").strip() if revision.exists() else None,
        "device": device,
        "versions": {name: value for result in measured for name, value in result["versions"].items()},
        "peak": peak._asdict() if peak else None,
        "seconds": seconds,
        "row 8": describe(row_8) if row_8 else None,
        "weights are equal": compare_weights(results),
        "parts": results,
    }


def show(summary: Result) -> None:
    print(f"\n{summary['device']}, {', '.join(f'{name} {value}' for name, value in summary['versions'].items())}")
    print("" if summary["peak"] else "The peak of this device is not known: no share of it is given.\n")
    print_table([table_row(result) for result in summary["parts"]])
    if summary["row 8"]:
        spent = summary["row 8"]["seconds of an epoch"]
        whole = sum(spent.values())
        print_table([{"row 8": name, "seconds of an epoch": s, "%": 100 * s / whole} for name, s in spent.items()])
        beside = summary["row 8"]["beside it"].items()
        print_table([{"row 8": name, "seconds beside an epoch": s, "%": 100 * s / whole} for name, s in beside])
        print_table([{"row 8": name, "seconds": seconds} for name, seconds in summary["row 8"]["seconds"].items()])
    for name, equal in summary["weights are equal"].items():
        print(f"Two runs of {name}: {'equal weights, to the bit' if equal else 'DIFFERENT weights'}.")


def choose_output() -> Path:
    return Path(os.environ.get("OUT") or RESULTS) / "gpu.json"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--output", type=Path, default=choose_output(), help="the JSON file, else in $OUT or in results/"
    )
    parser.add_argument("--seconds", type=float, help=f"in which everything is done; {SECONDS:.0f} without it")
    parser.add_argument("--together", type=int, help="parts that compile side by side; one for every three cores")
    parser.add_argument("--parts", default="", help="only parts with one of these words, with commas: timm,row 8")
    parser.add_argument("--only", nargs=3, metavar=("MODEL", "SIZE", "BATCH"), help="measure this training instead")
    parser.add_argument("--quick", action="store_true", help="rehearse with tiny sizes")
    options = parser.parse_args(arguments)
    started = time.monotonic()
    allowed = options.seconds or (SECONDS_OF_REHEARSAL if options.quick else SECONDS)
    waiting = quick_parts() if options.quick else own_parts(*options.only) if options.only else list_parts()
    words = options.parts.split(",")
    waiting = [part for part in waiting if any(word in part.name for word in words)]
    together = options.together or max(1, (os.cpu_count() or 1) // CORES_A_PART)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    results: list[Result] = []
    while waiting:
        count = 1 if waiting[0].alone else together
        chosen, waiting = waiting[:count], waiting[count:]
        left = started + allowed - time.monotonic()
        if left < LEAST:
            results += [asdict(part) | {"skipped": "out of time"} for part in [*chosen, *waiting]]
            break
        results += map(add_shares, run_together(chosen, allowed, started + allowed))
        if any(NO_GPU in result.values() for result in results):
            sys.exit(f"gpu.py: {NO_GPU}")
        write_json(options.output, summarise(results, time.monotonic() - started))
        print(
            f"{len(results)} parts of {len(results) + len(waiting)}, {math.ceil(left)} s left before", file=sys.stderr
        )
    summary = summarise(results, time.monotonic() - started)
    write_json(options.output, summary)
    show(summary)


if __name__ == "__main__":
    main()
