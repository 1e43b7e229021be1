"""The parts of gpu.py: what each trains, and the process of one."""

import os
import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from harness import Turn

CLASSES = 10
ROW_8_IMAGES, ROW_8_EPOCHS = 10_407, 50  # of which 8,326 are trained on
NO_GPU = "JAX finds no GPU here; `--quick` rehearses on a CPU"
VERSIONS = ("jax", "jaxlib", "keras", "numpy", "torch", "timm")


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
    if part.framework == "timm":
        from gpu_timm import measure_timm as measure
    else:
        from gpu_training import measure_training as measure
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


def find_versions() -> dict[str, str]:
    """Return the versions of what is installed."""
    found = {"python": platform.python_version()}
    for name in VERSIONS:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
