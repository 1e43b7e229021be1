"""What a person sees while a training runs."""

from tqdm import tqdm


class EpochBar:
    """One bar over the batches of all epochs with the time left, and one line an epoch that stays."""

    def __init__(self, epochs: int, steps: int, epochs_done: int, metric: str = "accuracy") -> None:
        self.epochs, self.metric = epochs, metric
        self.bar = tqdm(
            desc="train", unit="batch", total=epochs * steps, initial=epochs_done * steps, dynamic_ncols=True,
            mininterval=1.0,
        )  # fmt: skip

    def __enter__(self) -> "EpochBar":
        return self

    def __exit__(self, *_: object) -> None:
        self.bar.close()

    def update(self, figures: dict[str, float]) -> None:
        """Move on by a batch, showing the epoch's mean loss so far."""
        self.bar.set_postfix(loss=f"{float(figures['loss']):.3f}", refresh=False)
        self.bar.update()

    def close_epoch(self, figures: dict[str, float]) -> None:
        """Write the epoch's line above the bar."""
        self.bar.write(
            f"epoch {figures['epoch']}/{self.epochs}: loss {figures['loss']:.4f}, {self.metric} "
            f"{figures[self.metric]:.4f}, validation loss {figures['val_loss']:.4f}, validation {self.metric} "
            f"{figures[f'val_{self.metric}']:.4f}"
        )
