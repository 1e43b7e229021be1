"""A finished project in which one step is left to do, with chance: what every fault works on."""

import random
import re
import shutil
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from disturbances import Running, end_orphans, wait_for_step
from projects import Project

# Files and folders that a step makes, in the order of the steps; and the seconds that it takes, Keras included.
OUTPUTS = {
    "download": ("data/raw/sandbox.zip", "data/raw/sandbox.lineage"),
    "preprocess": ("data/cache/sandbox/32", "data/cache/sandbox/32.lineage"),
    "train": ("models/model.keras", "models/history.csv", "models/training.json", "models/lineage/train"),
    "predict": ("data/predictions.npz", "models/validation.npz", "data/lineage/predict"),
    "evaluate": ("models/metrics.json", "models/evaluation.json", "models/plots", "models/lineage/evaluate"),
    "submission": ("data/submission.csv", "data/lineage/submission"),
}
STEPS = tuple(OUTPUTS)
SECONDS = {
    "start": 0,
    "download": 1,
    "preprocess": 1,
    "train": 10,
    "predict": 7,
    "evaluate": 3,
    "submission": 1,
    "save": 8,
}
LATE = ("predict", "evaluate", "submission", "submission")  # cheap to make again, the cheapest more often
LIKELY = (*LATE, "train", "preprocess", "download")
READERS = {  # which step reads a file before anything else
    "data/raw/sandbox.zip": "preprocess",
    "data/cache/sandbox/32/train.npy": "train",
    "data/cache/sandbox/32/test.npy": "predict",
    "data/cache/sandbox/32/train.csv": "train",
    "models/model.keras": "predict",
    "models/validation.npz": "evaluate",
    "data/predictions.npz": "submission",
}
SUBMISSION = ("snakemake", "--cores", "1", "submission")
FLIPPED = ("dvc", "exp", "run", "-S", "tta=flip")
PRINTED = "printed.txt"


@dataclass(frozen=True)
class Scene:
    """A finished project of the test's own, and chance."""

    project: Project
    chance: random.Random
    steps: tuple[str, ...] = LIKELY  # to draw from

    def undo(self, step: str) -> None:
        """Take away what `step` and the steps after it made."""
        for name in [name for later in STEPS[STEPS.index(step) :] for name in OUTPUTS[later]]:
            path = self.project.path(name)
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    def draw_file(self, names: Iterable[str]) -> str:
        """Return one of the files that one of these steps reads first."""
        return self.chance.choice([name for name in names if READERS[name] in self.steps])

    def draw_step(self) -> str:
        """Undo a step and those after it, and return its name."""
        step = self.chance.choice(self.steps)
        self.undo(step)
        return step

    def run(self, command: tuple[str, ...] = SUBMISSION) -> tuple[int, str]:
        """Run a command to its end; return its exit status and what it printed, which is no traceback of a step."""
        with self.project.path(PRINTED).open("wb") as file:
            status = self.project.start(*command, stdout=file).wait()
        return status, self._printed()

    def disturb(
        self, command: tuple[str, ...], step: str, how: Callable[[Project, Running], None], **environment: str
    ) -> None:
        """Start a command, wait for a moment in `step`, and do something to the run, which ends by that."""
        with self.project.path(PRINTED).open("wb") as file:
            running = self.project.start(*command, stdout=file, **environment)
            wait_for_step(self.project.path(PRINTED), running, step)
            time.sleep(self.chance.uniform(0, SECONDS[step]))
            how(self.project, running)
        self._printed()

    def _printed(self) -> str:
        printed = self.project.path(PRINTED).read_text(errors="replace")
        assert not re.search(r'File ".*/scoretable/', printed), printed
        return printed

    def go_on_beside_orphans(self, command: tuple[str, ...]) -> None:
        """Run the command at once, beside what may have outlived a kill: it goes on, or says that it cannot.

        A kill while DVC or git writes leaves a lock, which is named. The docs say that a run of Snakemake removes those
        of DVC, and the line itself to delete git's.
        """
        status, printed = self.run(command)
        named = re.search(r"RWLock-file|\.git/\S*\.lock", printed)
        assert status == 0 or named or "another process is running" in printed, f"{printed}\nstatus {status}"
        end_orphans(self.project)
        if named:
            self.run((*SUBMISSION, "-n"))
            self.project.path(".git/index.lock").unlink(missing_ok=True)


Fault = Callable[[Scene], tuple[str, ...]]


def assert_told(status: int, printed: str, word: str) -> None:
    """Assert that a run that failed says why in a sentence."""
    if status:
        assert re.search(rf"^(?:scoretable: )?\S[^\n]*{word}[^\n]*: [^\n]*\.$", printed, re.MULTILINE), printed
        assert "Traceback" not in printed, printed
