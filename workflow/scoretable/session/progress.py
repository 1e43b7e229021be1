"""What a person sees while a training runs."""

import time
from collections.abc import Callable

from tqdm import tqdm

REFRESH_SECONDS = 1.0


class EpochBar:
    """One bar over the images of all epochs with images/s and the time left, and one line per epoch that stays."""

    def __init__(self, epochs: int, steps: int, batch_size: int, steps_done: int) -> None:
        self.epochs, self.batch_size, self.shown_at = epochs, batch_size, 0.0
        self.bar = tqdm(
            desc="train", unit="image", total=epochs * steps * batch_size, initial=steps_done * batch_size,
            dynamic_ncols=True, mininterval=REFRESH_SECONDS,
        )  # fmt: skip

    def __enter__(self) -> "EpochBar":
        return self

    def __exit__(self, *_: object) -> None:
        self.bar.close()

    def update(self, steps: int, figures: Callable[[], dict[str, float]]) -> None:
        """Move on by some steps; `figures` is asked once a second only, since the answer has to wait for the device."""
        if time.monotonic() - self.shown_at > REFRESH_SECONDS:
            shown = figures()
            self.bar.set_postfix({name: f"{shown[name]:.3f}" for name in list(shown)[:2]}, refresh=False)
            self.shown_at = time.monotonic()
        self.bar.update(steps * self.batch_size)

    def tell(self, line: str) -> None:
        """Write a line above the bar."""
        self.bar.write(line)

    def close_epoch(self, figures: dict[str, float], watched: str) -> None:
        """Write the epoch's line above the bar, with what of the validation says which epoch is best."""
        metric = list(figures)[2]
        scored = metric if watched == "loss" else watched
        self.bar.write(
            f"epoch {figures['epoch']}/{self.epochs}: loss {figures['loss']:.4f}, {metric} {figures[metric]:.4f}, "
            f"validation loss {figures['val_loss']:.4f}, validation {scored} {figures[f'val_{scored}']:.4f}"
        )
