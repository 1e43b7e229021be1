"""Several devices, of one machine or of several, train as one does."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from scoretable.devices.replicas import open_replicas
from scoretable.devices.workers import Worker, find_worker, slurm_addresses
from scoretable.workspace.errors import InputError

HERE = Path(__file__).parents[1]
# All that looks at a whole batch: batch normalisation, dropout, mixed images; and averaged weights.
RECIPE = {"augment": ["mixup", "cutmix", "flip"], "class_weights": "balanced", "ema": 0.9, "epochs": 2}
RECIPE |= {"optimizer": "sgd"}
SHORT = {"epochs": 1, "steps_per_epoch": 3, "optimizer": "sgd"}  # since JAX compiles for long


def start(folder: Path, devices: str, changes: dict[str, Any], **environment: str) -> subprocess.Popen[str]:
    folder.mkdir()
    paths = os.pathsep.join([str(HERE), str(HERE.parents[1] / "workflow")])
    return subprocess.Popen(
        [sys.executable, str(HERE / "train_on_devices.py"), str(folder), devices, json.dumps(changes)],
        env=os.environ | {"PYTHONPATH": paths, "TF_CPP_MIN_LOG_LEVEL": "3"} | environment,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


def histories(process: subprocess.Popen[str]) -> list[list[dict[str, float]]]:
    printed, _ = process.communicate(timeout=300)
    assert process.returncode == 0, printed
    found: list[list[dict[str, float]]] = json.loads(printed.splitlines()[-1])
    return found


def assert_equal_curves(alone: list[dict[str, float]], together: list[dict[str, float]]) -> None:
    assert len(alone) == len(together) > 0
    for one, other in zip(alone, together, strict=True):
        assert other == pytest.approx(one, rel=1e-4, abs=1e-5)
        assert other["val_log_loss"] == pytest.approx(other["val_loss"], rel=1e-4, abs=1e-5)


def test_two_devices_and_two_workers_over_loopback_have_the_loss_curve_of_one_device(tmp_path: Path) -> None:
    with socket.socket() as first, socket.socket() as second:
        for port in (first, second):
            port.bind(("127.0.0.1", 0))
        cluster = {"worker": [f"127.0.0.1:{port.getsockname()[1]}" for port in (first, second)]}
    workers = [
        start(
            tmp_path / f"worker{index}", "1", RECIPE,
            TF_CONFIG=json.dumps({"cluster": cluster, "task": {"type": "worker", "index": index}}),
        )
        for index in range(2)
    ]  # fmt: skip
    (chief,), (other,) = map(histories, workers)
    one, two = histories(start(tmp_path / "alone", "1,2", RECIPE))
    assert_equal_curves(one, two)
    assert_equal_curves(one, chief)
    assert chief == other
    assert [len(list((tmp_path / f"worker{index}").iterdir())) for index in range(2)] == [1, 0]


def test_two_devices_have_the_loss_curve_of_one_on_jax_too(tmp_path: Path) -> None:
    one, two = histories(start(tmp_path / "jax", "1,2", SHORT, KERAS_BACKEND="jax"))
    assert_equal_curves(one, two)


@pytest.mark.parametrize(
    ("devices", "batch_size", "sentence"),
    [
        (2, 8, "devices: 2 is more than this machine has [(]1[)]: give fewer"),
        (2, 7, "devices: 2 devices cannot share batches of 7 images evenly: change batch_size or devices."),
    ],
)
def test_devices_that_are_not_there_or_cannot_share_a_batch_are_refused(
    devices: int, batch_size: int, sentence: str
) -> None:
    with pytest.raises(InputError, match=sentence):
        open_replicas(devices, batch_size)


def test_one_device_takes_batches_of_any_size() -> None:
    assert open_replicas(None, 7).count == open_replicas(1, 7).count == 1


def test_a_process_alone_is_the_only_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TF_CONFIG", raising=False)
    monkeypatch.delenv("SLURM_STEP_NUM_TASKS", raising=False)
    assert find_worker() == Worker(0, 1)


def test_slurms_tasks_are_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLURM_STEP_NUM_TASKS", "4")
    monkeypatch.setenv("SLURM_PROCID", "3")
    assert find_worker() == Worker(3, 4)


@pytest.mark.parametrize("text", ["", "{", "{}", '{"cluster": {"worker": 3}, "task": {"index": 0}}'])
def test_a_damaged_tf_config_is_refused_in_a_sentence(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("TF_CONFIG", text)
    with pytest.raises(InputError, match="TF_CONFIG does not say which worker this is"):
        find_worker()


def test_slurms_nodes_and_tasks_become_addresses() -> None:
    nodes = ["a", "b", "c"]
    assert slurm_addresses(nodes, "2(x2),1", 9000) == ["a:9000", "a:9001", "b:9000", "b:9001", "c:9000"]
    assert slurm_addresses(["a"], "1", 9000) == ["a:9000"]
