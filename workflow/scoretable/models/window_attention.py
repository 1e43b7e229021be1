"""Attention within shifted windows, as the Swin Transformers of both versions have it."""

import math
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import layers, ops

# Added to the scores of cells that must not see each other, as in the papers' code.
_APART = -100.0


@keras.saving.register_keras_serializable("scoretable")
class WindowAttention(layers.Layer):
    """Attention among the cells of each window of a map, with a learned bias for how two cells lie to each other.

    (N, height, width, channels) -> the same. The map is rolled by `shift` cells before it is cut into windows of
    `window` cells a side, and what then lies side by side without being neighbours is kept apart. A map that is no
    multiple of the window is filled up with zeros; one that is smaller is one window without a shift. Swin Transformer,
    Liu et al. 2021 (arXiv:2103.14030); for sizes other than those of the paper, as in timm.
    """

    qkv_bias = True

    def __init__(self, heads: int, window: int, shift: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.heads, self.window, self.shift = heads, window, shift

    def get_config(self) -> dict[str, Any]:
        """Return what the layer is built from."""
        return super().get_config() | {"heads": self.heads, "window": self.window, "shift": self.shift}

    def build(self, input_shape: Sequence[Any]) -> None:
        """Make the weights for maps of one size."""
        _, *self.sides, self.channels = input_shape
        self.cut = [min(self.window, side) for side in self.sides]
        self.rolled = [self.shift if side > self.window else 0 for side in self.sides]
        self.filled = [-side % cut for side, cut in zip(self.sides, self.cut, strict=True)]
        self.counts = [(side + more) // cut for side, more, cut in zip(self.sides, self.filled, self.cut, strict=True)]
        inner = (None, math.prod(self.counts), math.prod(self.cut), self.channels)
        self.qkv = self._dense(3 * self.channels, "qkv", self.qkv_bias)
        self.qkv.build(inner)
        self.proj = self._dense(self.channels, "proj", True)
        self.proj.build(inner)
        self._build_bias()

    def _dense(self, units: int, name: str, use_bias: bool) -> layers.Dense:
        initializer = keras.initializers.TruncatedNormal(stddev=0.02)
        return layers.Dense(units, None, use_bias, initializer, dtype=self.dtype_policy, name=name)

    def _build_bias(self) -> None:
        side = 2 * self.window - 1
        initializer = keras.initializers.TruncatedNormal(stddev=0.02)
        self.table = self.add_weight((side, side, self.heads), initializer, name="table", autocast=False)

    def call(self, inputs: Any) -> Any:
        """Return what the cells gathered."""
        backwards = [-cells for cells in self.rolled]
        cells = ops.roll(inputs, backwards, (1, 2)) if any(self.rolled) else inputs
        if any(self.filled):
            cells = ops.pad(cells, [(0, 0), *((0, more) for more in self.filled), (0, 0)])
        cells = self._join(self._attend(self._split(cells)))
        cells = cells[:, : self.sides[0], : self.sides[1]]
        return ops.roll(cells, self.rolled, (1, 2)) if any(self.rolled) else cells

    def _split(self, cells: Any) -> Any:
        """(N, height, width, channels) -> (N, windows, cells of a window, channels)."""
        (rows, columns), (height, width) = self.counts, self.cut
        cells = ops.transpose(ops.reshape(cells, (-1, rows, height, columns, width, self.channels)), (0, 1, 3, 2, 4, 5))
        return ops.reshape(cells, (-1, rows * columns, height * width, self.channels))

    def _join(self, cells: Any) -> Any:
        """Take back `_split`."""
        (rows, columns), (height, width) = self.counts, self.cut
        cells = ops.transpose(ops.reshape(cells, (-1, rows, columns, height, width, self.channels)), (0, 1, 3, 2, 4, 5))
        return ops.reshape(cells, (-1, rows * height, columns * width, self.channels))

    def _attend(self, cells: Any) -> Any:
        shape = (-1, *cells.shape[1:3], 3, self.heads, self.channels // self.heads)
        joint = ops.reshape(self._queries_keys_values(cells), shape)
        scores = self._scores(joint[:, :, :, 0], joint[:, :, :, 1]) + self._bias()
        if any(self.rolled):
            regions = self._regions()
            scores += ops.where(regions[:, None, :, None] == regions[:, None, None, :], 0.0, _APART)
        shares = ops.cast(ops.softmax(scores), joint.dtype)
        gathered = ops.einsum("bwhnm,bwmhd->bwnhd", shares, joint[:, :, :, 2])
        return self.proj(ops.reshape(gathered, (-1, *cells.shape[1:])))

    def _queries_keys_values(self, cells: Any) -> Any:
        return self.qkv(cells)

    def _scores(self, queries: Any, keys: Any) -> Any:
        """(N, windows, cells, heads, channels of a head) twice -> float32 (N, windows, heads, cells, cells)."""
        scaled = queries * (self.channels // self.heads) ** -0.5
        return ops.cast(ops.einsum("bwnhd,bwmhd->bwhnm", scaled, keys), "float32")

    def _bias(self) -> Any:
        """Return float32 (heads, cells, cells) from the table of differences between two places.

        By products with ones and zeros: the gradient of a lookup adds up in no order that a GPU repeats.
        """
        table = self._differences()
        rows, columns = (_one_hot_differences(cut, side) for cut, side in zip(self.cut, table.shape[:2], strict=True))
        of_rows = ops.einsum("ika,abh->ikbh", rows, table)
        cells = math.prod(self.cut)
        return ops.reshape(ops.einsum("jlb,ikbh->hijkl", columns, of_rows), (self.heads, cells, cells))

    def _differences(self) -> Any:
        """Return float32 (rows, columns, heads), of which the middle is for a cell and itself."""
        return self.table

    def _regions(self) -> np.ndarray:
        """Number the parts that were neighbours before the roll: (windows, cells of a window)."""
        numbers = []
        for side, more, cut, rolled in zip(self.sides, self.filled, self.cut, self.rolled, strict=True):
            place = np.arange(side + more)
            numbers.append((place >= len(place) - cut).astype(int) + (place >= len(place) - rolled) * bool(rolled))
        (rows, columns), (height, width) = self.counts, self.cut
        joint = 3 * numbers[0][:, None] + numbers[1]
        return joint.reshape(rows, height, columns, width).transpose(0, 2, 1, 3).reshape(rows * columns, height * width)


@keras.saving.register_keras_serializable("scoretable")
class CosineWindowAttention(WindowAttention):
    """Window attention by the cosine of queries and keys, with a bias that a small network makes of the distance.

    `pretrained` is the window of the weights where it was another one, or 0. Swin Transformer V2, Liu et al. 2021
    (arXiv:2111.09883).
    """

    qkv_bias = False  # queries and values have one, keys have none

    def __init__(self, heads: int, window: int, shift: int, pretrained: int = 0, **kwargs: Any) -> None:
        super().__init__(heads, window, shift, **kwargs)
        self.pretrained = pretrained

    def get_config(self) -> dict[str, Any]:
        """Return what the layer is built from."""
        return super().get_config() | {"pretrained": self.pretrained}

    def _build_bias(self) -> None:
        self.q_bias = self.add_weight((self.channels,), "zeros", name="q_bias")
        self.v_bias = self.add_weight((self.channels,), "zeros", name="v_bias")
        ten = keras.initializers.Constant(math.log(10))
        self.logit_scale = self.add_weight((self.heads, 1, 1), ten, name="logit_scale", autocast=False)
        self.cpb_fc1 = layers.Dense(512, "relu", dtype="float32", name="cpb_fc1")
        self.cpb_fc1.build((None, None, 2))
        self.cpb_fc2 = layers.Dense(self.heads, use_bias=False, dtype="float32", name="cpb_fc2")
        self.cpb_fc2.build((None, None, 512))

    def _queries_keys_values(self, cells: Any) -> Any:
        k_bias = ops.zeros(self.channels, self.compute_dtype)
        return self.qkv(cells) + ops.concatenate([self.q_bias, k_bias, self.v_bias])

    def _scores(self, queries: Any, keys: Any) -> Any:
        cosines = ops.einsum("bwnhd,bwmhd->bwhnm", _normalised(queries), _normalised(keys))
        return cosines * ops.exp(ops.minimum(self.logit_scale, math.log(100.0)))

    def _differences(self) -> Any:
        distances = [_log_distances(cut, self.pretrained or cut) for cut in self.cut]
        grid = np.stack(np.meshgrid(*distances, indexing="ij"), axis=-1).astype(np.float32)
        return 16 * ops.sigmoid(self.cpb_fc2(self.cpb_fc1(grid)))


def _one_hot_differences(cut: int, side: int) -> np.ndarray:
    """Return float32 (cut, cut, side): a one where two places differ by the third index, counted from the middle."""
    place = np.arange(cut)
    return np.eye(side, dtype=np.float32)[place[:, None] - place[None, :] + side // 2]


def _log_distances(cut: int, trained: int) -> np.ndarray:
    """Return the log-spaced differences of a window's places, of which `trained` had -8 to 8 before the logarithm."""
    spread = 8 * np.arange(1 - cut, cut) / max(trained - 1, 1)
    return np.sign(spread) * np.log2(np.abs(spread) + 1) / 3


def _normalised(vectors: Any) -> Any:
    """Scale vectors to length 1 in float32; one of zeros, as of a key in the fill, stays."""
    vectors = ops.cast(vectors, "float32")
    return vectors * ops.rsqrt(ops.maximum(ops.sum(vectors * vectors, axis=-1, keepdims=True), 1e-24))
