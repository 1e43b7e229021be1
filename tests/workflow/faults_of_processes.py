"""Faults of processes: killed, interrupted, two at once, and the locks that they leave."""

import json
import os
import signal
import time

from disturbances import KILLS, Running, wait_for_step
from projects import Project
from scene import FLIPPED, STEPS, SUBMISSION, Scene

DEAD = {"pid": 4194303, "cmd": "dvc exp run"}  # of a process that is no more


def kill_snakemake(scene: Scene) -> tuple[str, ...]:
    """`kill -9` of a run in any step: of its main process, of the step's process, or of all."""
    step = scene.draw_step()
    moment = "save" if step == "submission" else step
    scene.disturb(SUBMISSION, moment, scene.chance.choice(KILLS))
    scene.go_on_beside_orphans(SUBMISSION)
    return SUBMISSION


def kill_dvc(scene: Scene) -> tuple[str, ...]:
    """`kill -9` of `dvc exp run` in any of its steps, the first three being run by force."""
    step = scene.chance.choice([*STEPS, "save"])
    forced = ("--force",) if step in ("download", "preprocess", "train") else ()
    scene.disturb((*FLIPPED, *forced), step, scene.chance.choice(KILLS))
    scene.go_on_beside_orphans(FLIPPED)
    return FLIPPED


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
    scene.go_on_beside_orphans(SUBMISSION)
    return SUBMISSION


def run_two_at_once(scene: Scene) -> tuple[str, ...]:
    """A second run of Snakemake or DVC in the folder where one is going on, which stands still meanwhile."""
    second = scene.chance.choice([SUBMISSION, ("dvc", "exp", "run")])
    step = scene.draw_step()
    with scene.project.path("first.txt").open("wb") as file:
        first = scene.project.start(*SUBMISSION, stdout=file)
        wait_for_step(scene.project.path("first.txt"), first, step)
        os.killpg(first.pid, signal.SIGSTOP)
        status, printed = scene.run(second)
        os.killpg(first.pid, signal.SIGCONT)
        assert first.wait() == 0, scene.project.path("first.txt").read_text(errors="replace")
    refused = "another process is running" in printed
    assert refused == (status != 0), printed
    assert refused or second != SUBMISSION, printed  # DVC may find all of it in its cache, and run nothing
    return SUBMISSION


def run_two_temporary_experiments(scene: Scene) -> tuple[str, ...]:
    """`dvc exp run --temp` twice at once."""
    temporary = [scene.project.start(*FLIPPED, "--temp", "--name", name) for name in ("one", "other")]
    assert [running.wait() for running in temporary] == [0, 0]
    return SUBMISSION


def leave_a_stale_lock(scene: Scene) -> tuple[str, ...]:
    """What a killed process of DVC, git or Snakemake leaves behind."""
    left = {
        ".dvc/tmp/lock": "4194304",
        ".dvc/tmp/rwlock": json.dumps({"write": {str(scene.project.path("data")): DEAD}, "read": {}}),
        ".dvc/tmp/rwlock.lock": "",
        ".snakemake/locks/0.input.lock": "data/submission.csv\n",
        ".snakemake/scoretable-locks/snakemake": "",
        ".git/index.lock": "",
        ".git/refs/exps/stash.lock": "",
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
