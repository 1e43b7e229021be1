"""Convolutions of JAX on a CPU: depthwise ones as sums of shifted slices, those of one pixel as matrix products.

XLA's own are slow there, above all their gradients (https://github.com/jax-ml/jax/issues/13800 and 23713). Other
convolutions stay as they are, as do all on a GPU.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import product
from typing import Any

from scoretable.models.max_pooling import same_margins

Size = tuple[int, int]


def quicken_convolutions() -> None:
    """Let Keras' layers compute with the functions of this module where they apply; on JAX only."""
    from keras.src.backend.jax import nn

    nn.depthwise_conv = partial(_convolve_channels, nn.depthwise_conv, _build_depthwise())
    nn.conv = partial(_convolve_pixels, nn.conv)


def _convolve_channels(
    usual: Callable[..., Any], quick: Callable[..., Any], inputs: Any, kernel: Any, strides: int | Size = 1,
    padding: str = "valid", data_format: str | None = None, dilation_rate: int | Size = 1,
) -> Any:  # fmt: skip
    import jax

    stride = _pair(strides)
    is_plain = len(inputs.shape) == 4 and kernel.shape[-1] == 1 and _pair(dilation_rate) == (1, 1)
    if not is_plain or data_format == "channels_first":
        return usual(inputs, kernel, strides, padding, data_format, dilation_rate)
    pixels, weights = jax.numpy.asarray(inputs), jax.numpy.asarray(kernel)[..., 0]
    if padding == "same":
        pixels = jax.numpy.pad(
            pixels, [(0, 0), *map(same_margins, pixels.shape[1:3], weights.shape[:2], stride), (0, 0)]
        )
    return quick(_computed(pixels.astype("float32")), weights.astype("float32"), stride).astype(inputs.dtype)


def _convolve_pixels(
    usual: Callable[..., Any], inputs: Any, kernel: Any, strides: int | Size = 1, padding: str = "valid",
    data_format: str | None = None, dilation_rate: int | Size = 1,
) -> Any:  # fmt: skip
    import jax

    is_product = kernel.shape[:-2] == (1, 1) and kernel.shape[-2] == inputs.shape[-1] and _pair(strides) == (1, 1)
    if not is_product or data_format == "channels_first":
        return usual(inputs, kernel, strides, padding, data_format, dilation_rate)
    weights = jax.numpy.asarray(kernel)[0, 0]
    return jax.numpy.matmul(jax.numpy.asarray(inputs, weights.dtype), weights)


def _build_depthwise() -> Callable[..., Any]:
    """Return a depthwise convolution of (N, H, W, C) with (height, width, C), valid, with its gradient."""
    import jax

    @partial(jax.custom_vjp, nondiff_argnums=(2,))
    def convolve(pixels: Any, weights: Any, stride: Size) -> Any:
        return _add_slices(pixels, weights, stride)

    def forward(pixels: Any, weights: Any, stride: Size) -> Any:
        return _add_slices(pixels, weights, stride), (pixels, weights)

    def backward(stride: Size, kept: tuple[Any, Any], gradient: Any) -> tuple[Any, Any]:
        once = _computed(gradient)
        return _gradient_of_pixels(*kept, stride, once), _gradient_of_weights(*kept, stride, once)

    convolve.defvjp(forward, backward)
    return convolve


def _add_slices(pixels: Any, weights: Any, stride: Size) -> Any:
    lengths = zip(pixels.shape[1:3], weights.shape[:2], stride, strict=True)
    sizes = [(whole - size) // step + 1 for whole, size, step in lengths]
    return sum(part * weights[place] for place, part in _slices(pixels, weights, sizes, stride))


def _gradient_of_pixels(pixels: Any, weights: Any, stride: Size, gradient: Any) -> Any:
    import jax

    lengths = zip(pixels.shape[1:3], weights.shape[:2], gradient.shape[1:3], stride, strict=True)
    margins = [(size - 1, whole - 1 - (count - 1) * step, step - 1) for whole, size, count, step in lengths]
    spread = jax.lax.pad(gradient, jax.numpy.zeros((), gradient.dtype), [(0, 0, 0), *margins, (0, 0, 0)])
    return _computed(_add_slices(_computed(spread), weights[::-1, ::-1], (1, 1)))


def _gradient_of_weights(pixels: Any, weights: Any, stride: Size, gradient: Any) -> Any:
    # Image by image: XLA sums over the axes before the channels slowly.
    import jax

    sizes = gradient.shape[1:3]

    def add(so_far: Any, image: tuple[Any, Any]) -> tuple[Any, None]:
        one, its_gradient = image
        parts = [part[0] * its_gradient for _, part in _slices(one[None], weights, sizes, stride)]
        return so_far + jax.numpy.stack(parts), None

    start = jax.numpy.zeros((weights.shape[0] * weights.shape[1], *gradient.shape[1:]), gradient.dtype)
    return jax.lax.scan(add, start, (pixels, gradient))[0].sum((1, 2)).reshape(weights.shape)


def _slices(pixels: Any, weights: Any, sizes: Sequence[int], stride: Size) -> Iterator[tuple[Size, Any]]:
    """Yield each place in the kernel with the pixels that it meets, (N, *sizes, C)."""
    spans = [(size - 1) * step + 1 for size, step in zip(sizes, stride, strict=True)]
    for row, column in product(*map(range, weights.shape[:2])):
        rows, columns = slice(row, row + spans[0], stride[0]), slice(column, column + spans[1], stride[1])
        yield (row, column), pixels[:, rows, columns]


def _computed(array: Any) -> Any:
    """Return an array that XLA computes once: by itself it would do so anew for each slice."""
    import jax

    return jax.lax.optimization_barrier(array)  # type: ignore[no-untyped-call]


def _pair(number: int | Size) -> Size:
    return (number, number) if isinstance(number, int) else (number[0], number[-1])
