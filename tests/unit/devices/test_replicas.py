"""Several devices, of one machine or of several, train as one does."""

import json
import socket
from dataclasses import replace
from pathlib import Path

import pytest
from scoretable.devices.replicas import open_replicas
from scoretable.devices.workers import Worker, find_worker, slurm_addresses
from scoretable.scoring.measure import Measure
from scoretable.training.loop import train
from scoretable.workspace.errors import InputError
from unit.processes import assert_equal_curves, histories, start
from unit.small_training import RECIPE, small_cache, with_further

# All that looks at a whole batch: batch normalisation, dropout, mixed images; averaged weights, and two losses.
CHANGES = {"augment": ["mixup", "cutmix", "flip"], "class_weights": "balanced", "ema": 0.9, "epochs": 2}
CHANGES |= {"optimizer": "sgd", "second_target": "age"}


@pytest.mark.turns(4, seconds=32)
def test_two_devices_and_two_workers_over_loopback_have_the_loss_curve_of_one_device(
    tmp_path: Path, one_block: None
) -> None:
    with socket.socket() as first, socket.socket() as second:
        for port in (first, second):
            port.bind(("127.0.0.1", 0))
        cluster = {"worker": [f"127.0.0.1:{port.getsockname()[1]}" for port in (first, second)]}
    folders = [tmp_path / f"worker{index}" for index in range(2)]
    for folder in folders:
        folder.mkdir()
    workers = [
        start(
            folder, [(1, CHANGES)],
            TF_CONFIG=json.dumps({"cluster": cluster, "task": {"type": "worker", "index": index}}),
        )
        for index, folder in enumerate(folders)
    ]  # fmt: skip
    recipe = replace(RECIPE, measure=Measure("log_loss", "multiclass", 2), **CHANGES)
    one = train(with_further(small_cache()), recipe, tmp_path / "one.npz").history
    (chief,), (other,) = map(histories, workers)
    (two,) = histories(start(tmp_path, [(2, CHANGES)]))
    assert_equal_curves(one, two)
    assert_equal_curves(one, chief)
    assert chief == other
    assert [len(list(folder.iterdir())) for folder in folders] == [1, 0]


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
