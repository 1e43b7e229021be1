"""A GPU that stays idle is told of."""

import pynvml
import pytest
from scoretable.devices.device import Device
from scoretable.session import unused_gpu


@pytest.fixture(autouse=True)
def _gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with a GPU, on which the backend does not compute."""
    monkeypatch.setattr(pynvml, "nvmlInit", lambda: None)
    monkeypatch.setattr(pynvml, "nvmlDeviceGetHandleByIndex", lambda index: index)
    monkeypatch.setattr(pynvml, "nvmlDeviceGetName", lambda handle: "NVIDIA H200")
    monkeypatch.setattr(unused_gpu, "find_device", lambda: Device("a CPU", is_gpu=False))
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)


def test_a_gpu_without_the_cuda_packages_is_told_of_with_the_command_that_installs_them() -> None:
    told = unused_gpu.describe_unused_gpu()
    assert told is not None
    assert told.startswith("NVIDIA H200: this GPU stays idle")
    assert "`make environment GPU=1`" in told


def test_a_gpu_that_computes_is_not_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unused_gpu, "find_device", lambda: Device("NVIDIA H200", is_gpu=True))
    assert unused_gpu.describe_unused_gpu() is None


@pytest.mark.parametrize("hidden", ["", "-1"])
def test_a_gpu_that_you_have_hidden_is_not_told_of(monkeypatch: pytest.MonkeyPatch, hidden: str) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", hidden)
    assert unused_gpu.describe_unused_gpu() is None


def test_a_machine_without_a_gpu_is_told_of_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise pynvml.NVMLError_LibraryNotFound

    monkeypatch.setattr(pynvml, "nvmlInit", fail)
    assert unused_gpu.describe_unused_gpu() is None
