"""Turning and scaling pictures, in the compiled step."""

from typing import Any


def warp(images: Any, affine: Any, xla: bool) -> Any:
    """Return float32 (B, H, W, 3) with each pixel read where `affine` (B, 8) says, as affine_transform takes it.

    Between pixels bilinear, beyond the border mirrored. XLA has no kernel for TensorFlow's own.
    """
    from keras import ops

    if not xla:
        return ops.image.affine_transform(images, affine, "bilinear", "reflect", data_format="channels_last")
    height, width = images.shape[1:3]
    x, y = ops.arange(width, dtype="float32")[None], ops.arange(height, dtype="float32")[:, None]
    a = [affine[:, place, None, None] for place in range(6)]
    right, down = a[0] * x + a[1] * y + a[2], a[3] * x + a[4] * y + a[5]
    left, top = ops.floor(right), ops.floor(down)
    warped = ops.zeros_like(images)
    for lower, later in ((0, 0), (0, 1), (1, 0), (1, 1)):
        row, column = (
            _mirror(ops.cast(corner, "int32"), size) for corner, size in ((top + lower, height), (left + later, width))
        )
        share = (1 - ops.abs(down - top - lower)) * (1 - ops.abs(right - left - later))
        warped += share[..., None] * read_pixels(images, row, column)
    return warped


def read_pixels(images: Any, rows: Any, columns: Any) -> Any:
    """Return (B, H, W, 3) read at these int32 places, each (B, H, W) or of size 1 along some axes."""
    from keras import ops

    batch, height, width = images.shape[:3]
    first = ops.arange(batch, dtype="int32")[:, None, None] * (height * width)
    return ops.take(ops.reshape(images, (batch * height * width, 3)), first + rows * width + columns, axis=0)


def _mirror(index: Any, size: int) -> Any:
    """Mirror places outside of 0 to size - 1 at the edge, which is repeated: -1 is 0."""
    from keras import ops

    index = ops.mod(index, 2 * size)
    return ops.minimum(index, 2 * size - 1 - index)
