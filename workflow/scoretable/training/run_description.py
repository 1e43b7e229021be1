"""What a training took and on what it ran, as models/training.json says it."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scoretable.training.loop import Trained


def describe_run(trained: "Trained", price_per_hour: float | None = None) -> dict[str, Any]:
    """Return what a training took and on what it ran; times are in seconds, memory is in bytes.

    price_per_hour: of one device, in the currency that `cost` then has.
    """
    import keras

    from scoretable.devices.device import library_versions, peak_memory

    progress = trained.progress
    timed = progress.step_seconds or None
    device_seconds = progress.seconds * trained.devices
    return {
        "train_seconds": round(progress.seconds, 1),
        **({"gpu_seconds": round(device_seconds, 1)} if trained.device.is_gpu else {}),
        **({"cost": round(device_seconds / 3600 * price_per_hour, 4)} if price_per_hour else {}),
        "sessions": progress.sessions,
        "images_per_second": round(progress.timed_images / timed, 1) if timed else None,
        "input_wait_share": round(progress.waited / timed, 4) if timed else None,
        "parameters": trained.model.count_params(),
        **peak_memory(trained.device),
        "backend": keras.backend.backend(),
        "device": trained.device.name,
        "devices": trained.devices,
        "precision": trained.precision,
        "placement": trained.placement,
        "steps_per_call": trained.calls.steps,
        **({"seconds_per_step": trained.calls.seconds} if trained.calls.seconds else {}),
        "batches_ahead": trained.calls.ahead,
        "versions": library_versions(),
    }


def join_runs(trainings: list[dict[str, Any]]) -> dict[str, Any]:
    """Return one description of several folds' trainings: times add up, the rest is the last one's."""
    if len(trainings) == 1:
        return trainings[0]
    names = ("train_seconds", "gpu_seconds", "cost", "sessions", "parameters")
    added = {
        name: sum(training.get(name, 0) for training in trainings)
        for name in names
        if any(name in training for training in trainings)
    }
    return trainings[-1] | added
