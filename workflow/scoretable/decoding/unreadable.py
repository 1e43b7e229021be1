"""What no image may be, whatever its format."""

import numpy as np

# Of a picture, whatever it shows: a worker takes 0.3 to 1 GB for so many, and 10 GB for 60,000 x 60,000, of which a
# file of some kilobytes can be made. Cameras make up to 60 million at once.
MAX_PIXELS = 100_000_000


class UnreadableImage(Exception):
    """The data are not a whole picture that can be decoded; the message says why."""


def refuse_size(height: int, width: int) -> None:
    """Raise UnreadableImage for a picture of too many pixels."""
    if height * width > MAX_PIXELS:
        raise UnreadableImage(f"it has {width}x{height} pixels, more than {MAX_PIXELS // 1_000_000} million")


def refuse_gaps(values: np.ndarray) -> np.ndarray:
    """Return `values`; raise UnreadableImage where one is no finite number."""
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        raise UnreadableImage("it has values that are not finite numbers")
    return values
