"""What is known about the device."""

from scoretable.devices.device import find_device, library_versions, peak_memory
from scoretable.training.image_source import choose_placement


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
