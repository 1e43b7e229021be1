"""What is known about the device, and about what a training took."""

from dataclasses import replace

import pytest
from scoretable.devices.device import Device, find_device, library_versions, peak_memory
from scoretable.steps.train import describe, summarise
from scoretable.training.call_length import CallLength
from scoretable.training.checkpoint import Progress
from scoretable.training.image_source import choose_placement
from scoretable.training.loop import Trained


def test_the_device_of_this_machine_has_a_name_and_a_peak_of_memory() -> None:
    device = find_device()
    assert device.name
    assert 10_000_000 < peak_memory(device)["peak_memory"] < 10**13


def test_versions_of_keras_and_its_backend_are_known() -> None:
    versions = library_versions()
    assert set(versions) == {"keras", "tensorflow", "numpy", "opencv-python-headless"}
    assert versions["keras"].startswith("3.")


def test_images_live_on_an_accelerator_with_room_and_are_streamed_elsewhere() -> None:
    assert choose_placement(None, 6 * 10**9, 80 * 10**9) == "device"
    assert choose_placement(None, 60 * 10**9, 80 * 10**9) == "stream"
    assert choose_placement(None, 10**6, None) == "stream"
    assert choose_placement("device", 10**6, None) == "device"


class _Model:
    def count_params(self) -> int:
        return 10


def trained(**progress: float) -> Trained:
    used = "float32", "stream", Device("CPU", False), 1, CallLength(1, None, 1)
    return Trained(_Model(), Progress(**progress), *used)  # type: ignore[arg-type]


def test_images_per_second_are_those_of_the_steps() -> None:
    described = describe(trained(seconds=100.0, step_seconds=40.0, waited=1.0, timed_images=800, sessions=2))
    assert (described["images_per_second"], described["input_wait_share"]) == (20.0, 0.025)
    assert (described["train_seconds"], described["sessions"], described["device"]) == (100.0, 2, "CPU")


def test_how_the_device_was_fed_is_known() -> None:
    described = describe(trained())
    assert (described["steps_per_call"], described["batches_ahead"]) == (1, 2)
    assert "seconds_per_step" not in described
    calls = CallLength(32, None, 1000)
    calls.seconds = {1: 0.02, 2: 0.01}
    assert describe(replace(trained(), calls=calls))["seconds_per_step"] == {1: 0.02, 2: 0.01}


def test_a_training_too_short_to_be_timed_has_no_rate() -> None:
    assert describe(trained(seconds=1.0))["images_per_second"] is None


def test_times_of_folds_add_up() -> None:
    whole = summarise([describe(trained(seconds=float(seconds), sessions=1)) for seconds in (5, 7)])
    assert (whole["train_seconds"], whole["sessions"], whole["parameters"]) == (12.0, 2, 20)


def test_seconds_of_all_gpus_and_their_price_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scoretable.devices.device._peak_on_device", lambda: None)
    training = replace(trained(seconds=1800.0), device=Device("GPU", True), devices=2)
    described = describe(training, price_per_hour=3.0)
    assert (described["gpu_seconds"], described["cost"]) == (3600.0, 3.0)
    whole = summarise([described, described])
    assert (whole["gpu_seconds"], whole["cost"]) == (7200.0, 6.0)


def test_a_cpu_has_no_gpu_seconds_and_nothing_costs_without_a_price() -> None:
    assert not {"gpu_seconds", "cost"} & set(describe(trained(seconds=1800.0)))
    assert describe(trained(seconds=1800.0), price_per_hour=0.5)["cost"] == 0.25
