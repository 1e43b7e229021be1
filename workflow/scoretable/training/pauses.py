"""When a training saves its state, and when it stops with it saved."""

import time
from collections.abc import Callable

from scoretable.session.stopping import StopRequest, TimeLimits
from scoretable.training.checkpoint import CheckpointFile, Progress
from scoretable.training.recipe import Session
from scoretable.workspace.errors import TrainingStopped, how_many

SAVING_SHARE = 0.02  # of the time may go into checkpoints


class Pauses:
    """The clock of one session. `save` begins to write `file`, whose `progress` it keeps up to date."""

    def __init__(
        self, session: Session, progress: Progress, epochs: int, steps_per_epoch: int, file: CheckpointFile,
        save: Callable[[], None],
    ) -> None:  # fmt: skip
        self.session, self.progress, self.file, self.save = session, progress, file, save
        self.epochs, self.steps_per_epoch = epochs, steps_per_epoch
        self.limits = TimeLimits(session.max_hours, session.max_total_hours, progress.seconds)
        self.saved_at = time.monotonic()

    def save_and_stop_as_needed(self, request: StopRequest) -> None:
        """Begin to save where it is time to; at a limit or a signal, raise TrainingStopped with all saved.

        Raises OSError where a checkpoint could not be written.
        """
        self.file.check()
        if self.progress.step == self.epochs * self.steps_per_epoch:
            return
        reason = self._reason(request)
        since = time.monotonic() - self.saved_at
        pause = 60 * self.session.checkpoint_minutes and max(
            60 * self.session.checkpoint_minutes, self.file.seconds / SAVING_SHARE
        )
        if reason or since >= pause:
            self._save()
        if reason:
            self._stop(reason)

    def save_and_stop_together(self, request: StopRequest, any_worker: Callable[[bool], bool]) -> None:
        """Save in every worker, and raise TrainingStopped in all where one of them has to stop."""
        if self.progress.step == self.epochs * self.steps_per_epoch:
            return
        reason = self._reason(request)
        self._save()
        if any_worker(bool(reason)):
            self._stop(reason or "another worker has to stop")

    def note_time(self) -> None:
        """Bring the seconds of all sessions in `progress` up to date."""
        self.progress.seconds = self.limits.earlier_seconds + self.limits.seconds

    def _reason(self, request: StopRequest) -> str:
        return self.limits.reached(self.file.seconds) or request.name

    def _save(self) -> None:
        self.note_time()
        self.save()
        self.saved_at = time.monotonic()

    def _stop(self, reason: str) -> None:
        self.file.join()
        epoch, step = divmod(self.progress.step, self.steps_per_epoch)
        raise TrainingStopped(
            f"{reason}: stopped after {self.progress.seconds / 3600:.2f} h of training with {epoch} of {self.epochs} "
            f"epochs and {how_many(step, 'step')} done and saved; the same command continues from there."
        )
