"""A run that is killed, stopped or out of time goes on, and ends with the files of one that was left alone."""

import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from itertools import cycle

import pytest
from projects import Project, make_project

# How often the run is killed; more by `KILLS=20 python -m pytest tests/workflow/test_interruptions.py`.
KILLS = int(os.environ.get("KILLS", "4"))
LONG = {"epochs": 15 + 8 * KILLS, "checkpoint_minutes": 0, "ema": 0.9, "augment": "crop"}
RESULTS = (
    "data/cache/sandbox/32/train.npy",
    "models/model.keras",
    "models/history.csv",
    "models/metrics.json",
    "data/predictions.npz",
    "data/submission.csv",
)


def results(project: Project) -> dict[str, bytes]:
    return {name: project.path(name).read_bytes() for name in RESULTS}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of a run that nobody disturbs."""
    project = make_project(tmp_path_factory.mktemp("undisturbed"))
    project.set(**LONG)
    project.snakemake("submission")
    return results(project)


def decoding(project: Project, started: float) -> bool:
    return any(project.path("data/cache/sandbox").glob(".32.*.partial"))


def in_a_step(project: Project, started: float) -> bool:
    written = [path.stat().st_mtime for path in project.path("checkpoints").glob("*/fold-0.npz")]
    return bool(written) and written[0] > started


def writing_a_checkpoint(project: Project, started: float) -> bool:
    return any(project.path("checkpoints").glob("*/.fold-0.*.partial.npz"))


def evaluating(project: Project, started: float) -> bool:
    return any(project.path("models/lineage").glob(".evaluate.*.partial"))


def moments(kills: int) -> Iterator[Callable[[Project, float], bool]]:
    """In the order in which a run meets them, training's two by turns."""
    quarter = max(kills // 4, 1)
    yield from [decoding] * quarter
    training = cycle([in_a_step, writing_a_checkpoint])
    yield from (next(training) for _ in range(kills - 2 * quarter))
    yield from [evaluating] * quarter


def kill_at(project: Project, moment: Callable[[Project, float], bool], pause: float) -> None:
    """Start a run, wait for the moment and a little longer, and kill all of its processes."""
    started = time.time()
    running = project.start("snakemake", "--cores", "1", "submission")
    while not moment(project, started):
        assert running.poll() is None, f"the run ended before it was {moment.__name__}"
        time.sleep(0.0005)
    time.sleep(pause)
    os.killpg(running.pid, signal.SIGKILL)
    running.wait()


def test_killed_at_random_moments_a_run_ends_with_the_files_of_an_undisturbed_one(
    project: Project, undisturbed: dict[str, bytes]
) -> None:
    project.set(**LONG)
    chance = random.Random(0)
    for moment in moments(KILLS):
        longest = {in_a_step: 0.3, evaluating: 0.5}.get(moment, 0.01)
        kill_at(project, moment, chance.uniform(0, longest))
    project.snakemake("submission")
    assert results(project) == undisturbed
    assert list(project.path("checkpoints").iterdir()) == []


def test_a_time_limit_and_ctrl_c_save_a_checkpoint_say_so_and_the_next_run_goes_on(
    project: Project, undisturbed: dict[str, bytes]
) -> None:
    project.set(**(LONG | {"checkpoint_minutes": 60, "max_hours": "0.0000001"}))
    assert "max_hours: stopped after" in project.snakemake("submission", expect=1)
    project.set(max_hours="null")
    with project.path("printed.txt").open("wb") as file:
        running = project.start("snakemake", "--cores", "1", "submission", stdout=file)
        while b"epoch 2/" not in project.path("printed.txt").read_bytes():
            assert running.poll() is None, "the run ended before its second epoch"
            time.sleep(0.01)
        os.killpg(running.pid, signal.SIGINT)
        assert running.wait() != 0
    printed = project.path("printed.txt").read_text()
    assert "SIGINT: stopped after" in printed
    assert "the same command goes on from there" in printed
    assert "Traceback" not in printed
    assert f"epoch 1/{LONG['epochs']}:" not in project.snakemake("submission")
    assert results(project) == undisturbed
