"""A training that is killed, stopped or out of time goes on, and ends with the files of one that was left alone."""

import json
import os
import random
import signal
import time
from collections.abc import Callable
from itertools import cycle

import pytest
from projects import Project

# How often a training is killed; more by `KILLS=20 python -m pytest tests/workflow/test_interruptions.py`.
KILLS = int(os.environ.get("KILLS", "1"))
LONG = {"epochs": 15 + 8 * KILLS, "checkpoint_minutes": 0, "ema": 0.9, "augment": "crop"}
RESULTS = ("data/cache/sandbox/32/train.npy", "models/model.keras", "models/history.csv")


def results(project: Project) -> dict[str, bytes]:
    return {name: project.path(name).read_bytes() for name in RESULTS}


def decoding(project: Project, started: float) -> bool:
    return any(project.path("data/cache/sandbox").glob(".32.[0-9]*.partial/train.npy"))  # not the record's folder


def in_a_step(project: Project, started: float) -> bool:
    written = [path.stat().st_mtime for path in project.path("checkpoints").glob("*/fold-0.npz")]
    return bool(written) and written[0] > started


def writing_a_checkpoint(project: Project, started: float) -> bool:
    return any(project.path("checkpoints").glob("*/.fold-0.*.partial.npz"))


def kill_at(project: Project, moment: Callable[[Project, float], bool], pause: float) -> None:
    """Start a run, wait for the moment and a little longer, and kill all of its processes."""
    started = time.time()
    running = project.start("snakemake", "--cores", "1", "--", "train")
    while not moment(project, started):
        assert running.poll() is None, f"the run ended before it was {moment.__name__}"
        time.sleep(0.0005)
    time.sleep(pause)
    os.killpg(running.pid, signal.SIGKILL)
    assert running.wait() == -signal.SIGKILL, f"the run ended while it was {moment.__name__}"


def stop_with_ctrl_c(project: Project) -> str:
    """Start a run, press Ctrl-C in its training, and return what it printed."""
    printed = project.path("printed.txt")
    started = time.time()
    with printed.open("wb") as file:
        running = project.start("snakemake", "--cores", "1", "--", "train", stdout=file)
        while not in_a_step(project, started):
            assert running.poll() is None, "the run ended before a step of its training"
            time.sleep(0.01)
        os.killpg(running.pid, signal.SIGINT)
        assert running.wait() != 0
    return printed.read_text()


@pytest.mark.turns(6, seconds=65)
def test_whatever_ends_a_training_the_next_one_goes_on_to_the_files_of_an_undisturbed_one(project: Project) -> None:
    undisturbed = project.copy(project.folder.with_name("undisturbed"))
    undisturbed.set(**LONG)
    undisturbed.snakemake("--", "train")

    chance = random.Random(0)
    project.set(**LONG)
    kill_at(project, decoding, chance.uniform(0, 0.01))

    project.set(max_hours="0.0000001")
    printed = project.snakemake("submission", expect=1)
    assert "max_hours: stopped after" in printed
    assert "the same command continues from there" in printed
    assert "The log of this step: logs/train.log" in printed.splitlines()
    assert "max_hours: stopped after" in project.path("logs/train.log").read_text()
    assert "45 training and 15 test images" in project.path("logs/preprocess.log").read_text()
    assert "Traceback" not in printed
    project.set(max_hours="null")

    for _, moment in zip(range(KILLS), cycle([writing_a_checkpoint, in_a_step]), strict=False):
        kill_at(project, moment, chance.uniform(0, 0.3) if moment is in_a_step else 0)
    printed = stop_with_ctrl_c(project)
    assert "SIGINT: stopped after" in printed
    assert "Traceback" not in printed

    project.snakemake("--", "train")
    assert results(project) == results(undisturbed)
    assert json.loads(project.path("models/training.json").read_text())["sessions"] >= 3, "it began anew"
    assert list(project.path("checkpoints").iterdir()) == []
