"""Watching a training from outside: DVCLive's files, and TensorBoard's."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import TracebackType


class LiveLog:
    """Keeps metrics and curves of the running training in `folder`, where `dvc plots show` finds them.

    `tensorboard` is a folder for TensorBoard's event file, or None. Both hold the history from the first epoch on,
    also when a training goes on in a new session.
    """

    def __init__(self, folder: Path, tensorboard: Path | None = None) -> None:
        from dvclive.live import Live

        # The row itself is saved by the pipeline, not by DVCLive.
        self.live: Any = Live(str(folder), save_dvc_exp=False, dvcyaml=None, report=None)
        self.writer = _event_writer(tensorboard) if tensorboard else None
        self.epochs = 0

    def __enter__(self) -> "LiveLog":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: "TracebackType | None"
    ) -> None:
        self.live.end()
        if self.writer:
            self.writer.close()

    def update(self, history: list[dict[str, float]]) -> None:
        """Log the epochs that are new; their number counts from 1."""
        for entry in history[self.epochs :]:
            self.live.step = int(entry["epoch"])
            for name, value in entry.items():
                if name != "epoch":
                    self.live.log_metric(name, value)
            self.live.make_summary()
            if self.writer:
                self._write_events(entry)
        self.epochs = len(history)

    def _write_events(self, entry: dict[str, float]) -> None:
        assert self.writer is not None
        for name, value in entry.items():
            self.writer.add_scalar(name, value, int(entry["epoch"]))
        self.writer.flush()


def _event_writer(folder: Path) -> Any:
    import shutil

    from tensorboard.summary import Writer  # which needs no TensorFlow

    shutil.rmtree(folder, ignore_errors=True)
    return Writer(str(folder))
