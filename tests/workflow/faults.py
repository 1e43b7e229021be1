"""Faults that a seed draws: each disturbs a run of a project, and says how the run is repeated.

A fault is a function of a `Scene`. It brings the project into a state in which a step is left to do, disturbs the run
of that step, asserts that what was said is clear, and does what the sentence asks for. The ordinary command that it
returns must then end with the files of an undisturbed run.
"""

import os
import random
import re
import shutil
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass

from disturbances import (
    KILLS,
    Running,
    damage,
    end_orphans,
    kill_all,
    read_only,
    small_disk,
    wait_for_checkpoint,
    wait_for_step,
)
from projects import Project

# Files and folders that a step makes, in the order of the steps; and the seconds that it takes, Keras included.
OUTPUTS = {
    "download": ("data/raw/sandbox.zip", "data/raw/sandbox.lineage"),
    "preprocess": ("data/cache/sandbox/32", "data/cache/sandbox/32.lineage"),
    "train": ("models/model.keras", "models/history.csv", "models/training.json", "models/lineage/train"),
    "evaluate": ("models/metrics.json", "models/plots", "models/lineage/evaluate"),
    "predict": ("data/predictions.npz", "data/lineage/predict"),
    "submission": ("data/submission.csv", "data/lineage/submission"),
}
STEPS = tuple(OUTPUTS)
SECONDS = {"download": 1, "preprocess": 1, "train": 10, "evaluate": 7, "predict": 6, "submission": 1, "save": 8}
LIKELY = ("evaluate", "predict", "submission", "submission", "train", "preprocess", "download")  # cheap ones more often
READERS = {  # which step reads a file before anything else
    "data/raw/sandbox.zip": "preprocess",
    "data/cache/sandbox/32/train.npy": "train",
    "data/cache/sandbox/32/test.npy": "predict",
    "data/cache/sandbox/32/train.csv": "evaluate",
    "models/model.keras": "evaluate",
    "data/predictions.npz": "submission",
}
SUBMISSION = ("snakemake", "--cores", "1", "submission")
FLIPPED = ("dvc", "exp", "run", "-S", "tta=flip")
PRINTED = "printed.txt"
YEARS = (315532800, 4102444800)  # seconds of 1980 and 2100


@dataclass(frozen=True)
class Scene:
    """A finished project of the test's own, and chance."""

    project: Project
    chance: random.Random

    def undo(self, step: str) -> None:
        """Take away what `step` and the steps after it made."""
        for name in [name for later in STEPS[STEPS.index(step) :] for name in OUTPUTS[later]]:
            path = self.project.path(name)
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    def draw_step(self) -> str:
        """Undo a step and those after it, and return its name."""
        step = self.chance.choice(LIKELY)
        self.undo(step)
        return step

    def run(self, command: tuple[str, ...] = SUBMISSION) -> tuple[int, str]:
        """Run a command to its end; return its exit status and what it printed."""
        with self.project.path(PRINTED).open("wb") as file:
            status = self.project.start(*command, stdout=file).wait()
        return status, self.project.path(PRINTED).read_text(errors="replace")

    def disturb(self, command: tuple[str, ...], step: str, how: Callable[[Project, Running], None]) -> None:
        """Start a command, wait for a moment in `step`, and do something to the run, which ends by that."""
        with self.project.path(PRINTED).open("wb") as file:
            running = self.project.start(*command, stdout=file)
            wait_for_step(self.project.path(PRINTED), running, step)
            time.sleep(self.chance.uniform(0, SECONDS[step]))
            how(self.project, running)


Fault = Callable[[Scene], tuple[str, ...]]


def kill_snakemake(scene: Scene) -> tuple[str, ...]:
    """`kill -9` of a run in any step: of its main process, of the step's process, or of all."""
    step = scene.draw_step()
    moment = "save" if step == "submission" else step
    scene.disturb(SUBMISSION, moment, scene.chance.choice(KILLS))
    _go_on_beside_orphans(scene, SUBMISSION)
    return SUBMISSION


def damage_a_file(scene: Scene) -> tuple[str, ...]:
    """A flipped bit, or a byte less, in a file that the next step reads."""
    name = scene.chance.choice(sorted(READERS))
    scene.undo(READERS[name])
    damage(scene.project.path(name), scene.chance)
    status, printed = scene.run()
    if status:
        assert f"scoretable: {name} is damaged" in printed, printed
        assert "run the same command again" in printed
        assert "Traceback" not in printed
    else:
        assert f"{name} is damaged" in printed or name == "data/raw/sandbox.zip", printed
    return SUBMISSION


def leave_a_stale_lock(scene: Scene) -> tuple[str, ...]:
    """What a killed process of DVC, git or Snakemake leaves behind."""
    left = {
        ".dvc/tmp/lock": "4194304",
        ".dvc/tmp/rwlock": '{"data": {"write": {"pid": 4194303, "cmd": "dvc exp run"}}}',
        ".dvc/tmp/rwlock.lock": "",
        ".snakemake/locks/0.input.lock": "data/submission.csv\n",
        ".snakemake/scoretable-locks/snakemake": "",
        ".git/index.lock": "",
    }
    name = scene.chance.choice(sorted(left))
    scene.undo("submission")
    path = scene.project.path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(left[name])
    if name == ".git/index.lock":
        status, printed = scene.run()
        assert status == 0, printed
        assert "delete .git/index.lock" in printed, printed
        path.unlink()
    return SUBMISSION


def fill_the_disk(scene: Scene) -> tuple[str, ...]:
    """A disk with little room below a folder that the step writes to."""
    step = scene.draw_step()
    folder = scene.project.path("models" if step in ("train", "evaluate") else "data")
    with small_disk(folder, scene.chance.randrange(0, 60_000)):
        status, printed = scene.run()
    _assert_told(status, printed, "disk")
    return SUBMISSION


def run_two_at_once(scene: Scene) -> tuple[str, ...]:
    """A second run of Snakemake or DVC in the folder where one is going on."""
    second = scene.chance.choice([SUBMISSION, ("dvc", "exp", "run")])
    step = scene.draw_step()
    with scene.project.path("first.txt").open("wb") as file:
        first = scene.project.start(*SUBMISSION, stdout=file)
        wait_for_step(scene.project.path("first.txt"), first, step)
        _, printed = scene.run(second)
        first.wait()
    told = printed + scene.project.path("first.txt").read_text(errors="replace")
    assert "another process is running" in told or first.returncode == 0, told
    return SUBMISSION


def kill_dvc(scene: Scene) -> tuple[str, ...]:
    """`kill -9` of `dvc exp run` in any of its steps."""
    step = scene.chance.choice(["evaluate", "predict", "submission", "save"])
    scene.disturb(FLIPPED, step, scene.chance.choice(KILLS))
    _go_on_beside_orphans(scene, FLIPPED)
    return FLIPPED


def limit_the_size_of_files(scene: Scene) -> tuple[str, ...]:
    """`ulimit -f`, which ends a write in the middle of a file."""
    step = scene.draw_step()
    blocks = scene.chance.randrange(0 if step in ("predict", "submission") else 8, 64)
    command = f"ulimit -f {blocks}; exec {' '.join(SUBMISSION)}"
    result = scene.project.run("bash", "-c", command, expect=None)
    assert "Traceback" not in result or "snakemake" in result, result
    return SUBMISSION


def make_a_folder_read_only(scene: Scene) -> tuple[str, ...]:
    """A read-only mount where the step writes."""
    step = scene.draw_step()
    folder = {"download": "data/raw", "preprocess": "data/cache", "train": "models", "evaluate": "models"}
    with read_only(scene.project.path(folder.get(step, "data"))):
        status, printed = scene.run()
    assert status != 0
    _assert_told(status, printed, "cannot be written")
    return SUBMISSION


def set_the_clock(scene: Scene) -> tuple[str, ...]:
    """Times of 1980 and 2100 on files of the project, as a clock leaves them that jumps between runs."""
    scene.draw_step()
    for _ in range(scene.chance.randrange(1, 3)):
        for path in sorted(scene.project.folder.rglob("*")):
            if path.is_file() and ".git/" not in str(path) and scene.chance.random() < 0.7:
                seconds = scene.chance.choice(YEARS)
                os.utime(path, (seconds, seconds))
        scene.run(("snakemake", "--cores", "1", "-n", "submission"))
    return SUBMISSION


def press_ctrl_c_twice(scene: Scene) -> tuple[str, ...]:
    """Ctrl-C, and once more before the run has ended."""
    step = scene.draw_step()

    def press(project: Project, running: Running) -> None:
        for _ in range(2):
            if running.poll() is None:
                os.killpg(running.pid, signal.SIGINT)
                time.sleep(scene.chance.uniform(0, 1))
        running.wait()

    scene.disturb(SUBMISSION, step, press)
    _go_on_beside_orphans(scene, SUBMISSION)
    return SUBMISSION


def damage_the_cache_of_dvc(scene: Scene) -> tuple[str, ...]:
    """A flipped bit in DVC's copy of a file, which `dvc checkout` brings into the workspace."""
    name = scene.chance.choice(["data/cache/sandbox/32/train.npy", "models/model.keras", "data/predictions.npz"])
    path = scene.project.path(name)
    objects = scene.project.path(".dvc/cache/files/md5").glob("*/*")
    cached = next(file for file in objects if file.stat().st_ino == path.stat().st_ino)
    scene.undo(READERS[name])
    path.unlink()
    damage(cached, scene.chance)
    cached.chmod(0o444)  # what DVC takes for untouched
    scene.project.run("dvc", "checkout", "--force", name)
    status, printed = scene.run()
    assert status != 0
    assert f"scoretable: {name} is damaged" in printed, printed
    return SUBMISSION


def damage_a_checkpoint(scene: Scene) -> tuple[str, ...]:
    """A flipped bit in the checkpoint of a training that was killed."""
    scene.undo("train")
    scene.project.set(checkpoint_minutes=0)

    def kill_at_a_checkpoint(project: Project, running: Running) -> None:
        wait_for_checkpoint(project, running)
        if running.poll() is None:
            kill_all(project, running)

    scene.disturb(SUBMISSION, "train", kill_at_a_checkpoint)
    found = list(scene.project.path("checkpoints").glob("*/fold-0.npz"))
    scene.project.set(checkpoint_minutes="1.0")
    if found:
        damage(found[0], scene.chance)
        status, printed = scene.run()
        assert status != 0
        assert "is damaged" in printed and "delete it and run the same command again" in printed, printed
        found[0].unlink()
    return SUBMISSION


def run_two_temporary_experiments(scene: Scene) -> tuple[str, ...]:
    """`dvc exp run --temp` twice at once."""
    temporary = [scene.project.start(*FLIPPED, "--temp", "--name", name) for name in ("one", "other")]
    assert [running.wait() for running in temporary] == [0, 0]
    return SUBMISSION


def _go_on_beside_orphans(scene: Scene, command: tuple[str, ...]) -> None:
    """Run the command at once, beside what may have outlived the kill: it goes on, or says that it cannot."""
    status, printed = scene.run(command)
    assert status == 0 or "another process is running" in printed, printed
    end_orphans(scene.project)


def _assert_told(status: int, printed: str, word: str) -> None:
    """Assert that a run that failed says why in a sentence."""
    if status:
        assert re.search(rf"^(?:scoretable: )?\S[^\n]*{word}[^\n]*: [^\n]*\.$", printed, re.MULTILINE), printed
        assert "Traceback" not in printed, printed


FAULTS: tuple[Fault, ...] = (
    kill_snakemake,
    damage_a_file,
    leave_a_stale_lock,
    fill_the_disk,
    run_two_at_once,
    kill_dvc,
    limit_the_size_of_files,
    make_a_folder_read_only,
    set_the_clock,
    press_ctrl_c_twice,
    damage_the_cache_of_dvc,
    damage_a_checkpoint,
    run_two_temporary_experiments,
)
