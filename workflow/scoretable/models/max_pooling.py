"""Max pooling whose gradient is the same each time under XLA on a GPU."""

from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras


def pool_by_slices(model: "keras.Model") -> None:
    """Let the model's MaxPooling2D layers take the maximum of shifted slices.

    The gradient of Keras' own is XLA's select-and-scatter, which XLA refuses to compile for a GPU where kernels have
    to be deterministic (https://openxla.org/xla/determinism). That of slices is a sum of padded ones, which XLA fuses.
    Values, gradients and what gets the gradient among equals (the first in a window, row by row) are Keras' own.
    Without XLA, slices are slow.
    """
    for layer in _poolings(model):
        layer.call = partial(_pool, layer.pool_size, layer.strides, layer.padding)


def pool_as_keras_does(model: "keras.Model") -> None:
    """Take back what `pool_by_slices` did."""
    for layer in _poolings(model):
        layer.__dict__.pop("call", None)


def _poolings(model: "keras.Model") -> list[Any]:
    import keras

    kind = keras.layers.MaxPooling2D
    return [layer for layer in model._flatten_layers() if type(layer) is kind and layer.data_format == "channels_last"]


def _pool(sizes: tuple[int, int], strides: tuple[int, int], padding: str, inputs: Any) -> Any:
    # Columns before rows, so that the first of equals in a row is found before the first row that has it.
    for axis, size, stride in ((2, sizes[1], strides[1]), (1, sizes[0], strides[0])):
        inputs = _pool_axis(inputs, axis, size, stride, padding)
    return inputs


def _pool_axis(inputs: Any, axis: int, size: int, stride: int, padding: str) -> Any:
    from keras import ops

    length = inputs.shape[axis]
    if padding == "same":
        widths = [(0, 0) for _ in range(4)]
        widths[axis] = same_margins(length, size, stride)
        inputs = ops.pad(inputs, widths, constant_values=-float("inf"))
        length += sum(widths[axis])
    places = [slice(None)] * 4
    largest = None
    for first in range(size):
        places[axis] = slice(first, length - size + first + 1, stride)
        part = inputs[tuple(places)]
        if largest is None:
            largest = part
        else:  # what is no number stays, as it does in Keras' own
            kept = ops.logical_or(ops.greater_equal(largest, part), ops.not_equal(largest, largest))
            largest = ops.where(kept, largest, part)
    return largest


def same_margins(length: int, size: int, stride: int) -> tuple[int, int]:
    """Return how many pixels `padding="same"` adds before and after an axis of `length`, for windows of `size`."""
    missing = max((-(-length // stride) - 1) * stride + size - length, 0)
    return missing // 2, missing - missing // 2
