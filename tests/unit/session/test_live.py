"""Watching a training from outside."""

import json
from pathlib import Path

import pandas as pd
from scoretable.session.live import LiveLog

HISTORY = [{"epoch": epoch, "loss": 1.0 / epoch, "val_accuracy": 0.1 * epoch} for epoch in (1, 2, 3)]


def curve(folder: Path, name: str) -> dict[int, float]:
    table = pd.read_csv(folder / f"plots/metrics/{name}.tsv", sep="\t")
    return dict(zip(table["step"], table[name], strict=True))


def test_the_files_follow_the_training_epoch_by_epoch(tmp_path: Path) -> None:
    with LiveLog(tmp_path / "live") as log:
        log.update([])
        log.update(HISTORY[:1])
        assert curve(tmp_path / "live", "loss") == {1: 1.0}
        log.update(HISTORY[:2])
        assert curve(tmp_path / "live", "loss") == {1: 1.0, 2: 0.5}
        assert json.loads((tmp_path / "live/metrics.json").read_text())["val_accuracy"] == 0.2


def test_a_session_that_goes_on_shows_all_epochs_once(tmp_path: Path) -> None:
    with LiveLog(tmp_path / "live") as log:
        log.update(HISTORY[:2])
    with LiveLog(tmp_path / "live") as log:
        log.update(HISTORY[:2])
        log.update(HISTORY)
    assert curve(tmp_path / "live", "val_accuracy") == {1: 0.1, 2: 0.2, 3: 0.1 * 3}


def test_tensorboard_reads_the_same_curve(tmp_path: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import TENSORS, EventAccumulator
    from tensorboard.util.tensor_util import make_ndarray

    with LiveLog(tmp_path / "live", tmp_path / "board") as log:
        log.update(HISTORY)
    events = EventAccumulator(str(tmp_path / "board"), size_guidance={TENSORS: 0})
    events.Reload()
    read = [(event.step, float(make_ndarray(event.tensor_proto))) for event in events.Tensors("loss")]
    assert [(step, round(value, 6)) for step, value in read] == [(1, 1.0), (2, 0.5), (3, 0.333333)]
