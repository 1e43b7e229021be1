"""What each stage of a row is made of: the stages before it, and the packages whose code decides its result.

This is the only place that says so. A package that is in no list cannot change a result: how a row is kept, run on
Kaggle, shown and compared. `.dvcignore` hides those packages from DVC, which watches the whole folder and may call
more stages than have anything to do; such a stage ends in seconds, since its lineage is the same.
"""

from dataclasses import dataclass
from pathlib import Path

PACKAGE = Path("workflow/scoretable")

_DATA = ("workspace", "competition")
_IMAGES = (*_DATA, "images")
_MODEL = (*_IMAGES, "scoring", "models", "devices", "training")


@dataclass(frozen=True)
class Stage:
    """One stage. after: the stages whose lineage it continues; reads: further ones whose outputs it reads."""

    packages: tuple[str, ...]
    after: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()

    @property
    def makers(self) -> tuple[str, ...]:
        """The stages whose outputs it reads."""
        return (*self.reads, *self.after)


STAGES = {
    "download": Stage((*_DATA, "archive", "sandbox")),
    "preprocess": Stage((*_IMAGES, "archive", "decoding", "duplicates", "manifest"), after=("download",)),
    "train": Stage(_MODEL, after=("preprocess",)),
    "predict": Stage((*_MODEL, "prediction"), after=("train",), reads=("preprocess",)),
    "evaluate": Stage(
        (*_IMAGES, "scoring", "prediction", "evaluation"), after=("predict",), reads=("preprocess", "train")
    ),
    "submission": Stage(
        (*_DATA, "scoring", "archive", "prediction"), after=("predict", "evaluate"), reads=("download",)
    ),
}
STEPS = tuple(STAGES)


def source_files(step: str, root: Path) -> list[Path]:
    """Return the modules that a stage is made of, relative to `root`: its packages, and its own module in steps/."""
    folders = [root / PACKAGE / package for package in STAGES[step].packages]
    found = [path for folder in folders for path in folder.rglob("*.py")]
    return sorted(path.relative_to(root) for path in [*found, root / PACKAGE / "steps" / f"{step}.py"])
