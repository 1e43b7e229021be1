"""What a person sees while a training runs."""

from typing import Any

import keras
from tqdm import tqdm


class EpochBar(keras.callbacks.Callback):
    """One bar over all batches with the time left, and one line an epoch that stays."""

    def __init__(self, epochs: int) -> None:
        super().__init__()
        self.epochs = epochs
        self.bar: tqdm | None = None

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Show the bar."""
        self.bar = tqdm(desc="train", unit="batch", dynamic_ncols=True, mininterval=1.0)

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Count epochs of earlier sessions as done."""
        assert self.bar is not None
        if self.bar.total is None:
            self.bar.total = self.epochs * self.params["steps"]
            self.bar.initial = self.bar.n = epoch * self.params["steps"]

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Move the bar."""
        assert self.bar is not None
        self.bar.update()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Write the epoch's line."""
        figures = logs or {}
        tqdm.write(
            f"epoch {epoch + 1}/{self.epochs}: loss {figures['loss']:.4f}, accuracy {figures['accuracy']:.4f}, "
            f"validation loss {figures['val_loss']:.4f}, validation accuracy {figures['val_accuracy']:.4f}"
        )

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Close the bar."""
        assert self.bar is not None
        self.bar.close()
