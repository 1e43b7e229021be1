"""What is told of a training in models/training.json."""

from dataclasses import replace

import pytest
from scoretable.devices.device import Device
from scoretable.training.call_length import CallLength
from scoretable.training.checkpoint import Progress
from scoretable.training.loop import Trained
from scoretable.training.run_description import describe_run, join_runs


class _Model:
    def count_params(self) -> int:
        return 10


def trained(**progress: float) -> Trained:
    used = "float32", "stream", Device("CPU", False), 1, CallLength(1, None, 1)
    return Trained(_Model(), Progress(**progress), *used)  # type: ignore[arg-type]


def test_images_per_second_are_those_of_the_steps() -> None:
    described = describe_run(trained(seconds=100.0, step_seconds=40.0, waited=1.0, timed_images=800, sessions=2))
    assert (described["images_per_second"], described["input_wait_share"]) == (20.0, 0.025)
    assert (described["train_seconds"], described["sessions"], described["device"]) == (100.0, 2, "CPU")


def test_how_the_device_was_fed_is_known() -> None:
    described = describe_run(trained())
    assert (described["steps_per_call"], described["batches_ahead"]) == (1, 2)
    assert "seconds_per_step" not in described
    calls = CallLength(32, None, 1000)
    calls.seconds = {1: 0.02, 2: 0.01}
    assert describe_run(replace(trained(), calls=calls))["seconds_per_step"] == {1: 0.02, 2: 0.01}


def test_a_training_too_short_to_be_timed_has_no_rate() -> None:
    assert describe_run(trained(seconds=1.0))["images_per_second"] is None


def test_times_of_folds_add_up() -> None:
    whole = join_runs([describe_run(trained(seconds=float(seconds), sessions=1)) for seconds in (5, 7)])
    assert (whole["train_seconds"], whole["sessions"], whole["parameters"]) == (12.0, 2, 20)


def test_seconds_of_all_gpus_and_their_price_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scoretable.devices.device._peak_on_device", lambda: None)
    training = replace(trained(seconds=1800.0), device=Device("GPU", True), devices=2)
    described = describe_run(training, price_per_hour=3.0)
    assert (described["gpu_seconds"], described["cost"]) == (3600.0, 3.0)
    whole = join_runs([described, described])
    assert (whole["gpu_seconds"], whole["cost"]) == (7200.0, 6.0)


def test_a_cpu_has_no_gpu_seconds_and_nothing_costs_without_a_price() -> None:
    assert not {"gpu_seconds", "cost"} & set(describe_run(trained(seconds=1800.0)))
    assert describe_run(trained(seconds=1800.0), price_per_hour=0.5)["cost"] == 0.25
