"""Attention in windows against a loop over pairs of cells."""

import keras
import numpy as np
import pytest
from scoretable.models.window_attention import CosineWindowAttention, WindowAttention

HEADS, WINDOW, CHANNELS = 2, 4, 6


def randomised(layer: keras.layers.Layer, shape: tuple[int, ...]) -> keras.layers.Layer:
    layer.build((None, *shape))
    random = np.random.default_rng(0)
    for variable in layer.weights:
        variable.assign(random.normal(0, 0.5, variable.shape))
    return layer


class Numbers(dict[str, np.ndarray]):
    """A layer's weights, by the ends of their paths, and the window of its weights."""

    def __init__(self, layer: WindowAttention) -> None:
        paths = ((variable.path.partition("/")[2], variable) for variable in layer.weights)
        super().__init__({path: keras.ops.convert_to_numpy(variable).astype(np.float64) for path, variable in paths})
        self.trained = getattr(layer, "pretrained", 0) or WINDOW


def score_by_product(numbers: Numbers, query: np.ndarray, key: np.ndarray, head: int, away: np.ndarray) -> float:
    """Equation 4 of arXiv:2103.14030: the product, scaled, and the table's entry for how far the key is away."""
    row, column = away + WINDOW - 1
    return query @ key / np.sqrt(len(query)) + numbers["table"][row, column, head]


def score_by_cosine(numbers: Numbers, query: np.ndarray, key: np.ndarray, head: int, away: np.ndarray) -> float:
    """Equations 2 to 4 of arXiv:2111.09883, with the spread of 8, its base and the 16 * sigmoid of its code."""
    cosine = query @ key / np.linalg.norm(query) / np.linalg.norm(key)
    spread = 8 * away / (numbers.trained - 1)
    distance = np.sign(spread) * np.log2(1 + abs(spread)) / np.log2(8)
    inner = np.maximum(distance @ numbers["cpb_fc1/kernel"] + numbers["cpb_fc1/bias"], 0)
    bias = inner @ numbers["cpb_fc2/kernel"][:, head]
    return cosine * np.exp(min(numbers["logit_scale"][head, 0, 0], np.log(100))) + 16 / (1 + np.exp(-bias))


def reference(numbers: Numbers, cells: np.ndarray, shift: int, score) -> np.ndarray:
    """What each cell of a map gathers whose columns are one window and whose rows are windows that `shift` moves."""
    height, width, _ = cells.shape
    zeros = np.zeros(CHANNELS)
    bias = numbers.get("qkv/bias", np.concatenate([numbers.get("q_bias", zeros), zeros, numbers.get("v_bias", zeros)]))
    joint = (cells @ numbers["qkv/kernel"] + bias).reshape(height, width, 3, HEADS, -1)
    gathered = np.zeros((height, width, CHANNELS))
    for row, column in np.ndindex(height, width):
        # Rows of the same window, but not those beyond the map's edge, which the roll brought there.
        seen = [r for r in range(height) if (r - shift) // WINDOW == (row - shift) // WINDOW]
        pairs = [(r, c) for r in seen for c in range(width)]
        of_heads = []
        for head in range(HEADS):
            query = joint[row, column, 0, head]
            away = [np.array([row - r, column - c]) for r, c in pairs]
            keys = [joint[r, c, 1, head] for r, c in pairs]
            scores = [score(numbers, query, key, head, far) for key, far in zip(keys, away, strict=True)]
            shares = np.exp(scores) / np.exp(scores).sum()
            of_heads.append(sum(share * joint[r, c, 2, head] for share, (r, c) in zip(shares, pairs, strict=True)))
        gathered[row, column] = np.concatenate(of_heads)
    return gathered @ numbers["proj/kernel"] + numbers["proj/bias"]


@pytest.mark.parametrize("shift", [0, 2])
@pytest.mark.parametrize(
    ("kind", "score", "extra"),
    [
        (WindowAttention, score_by_product, {}),
        (CosineWindowAttention, score_by_cosine, {}),
        (CosineWindowAttention, score_by_cosine, {"pretrained": 3}),
    ],
)
def test_a_cell_gathers_from_its_window_as_the_papers_say(kind, score, extra: dict[str, int], shift: int) -> None:
    cells = np.random.default_rng(1).normal(0, 1, (8, WINDOW, CHANNELS)).astype(np.float32)
    layer = randomised(kind(HEADS, WINDOW, shift, **extra), cells.shape)
    gathered = keras.ops.convert_to_numpy(layer(cells[None]))[0]
    np.testing.assert_allclose(gathered, reference(Numbers(layer), cells, shift, score), rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("kind", [WindowAttention, CosineWindowAttention])
def test_a_map_of_any_size_keeps_its_size_and_gradients_are_finite(kind) -> None:
    import tensorflow as tf

    for height, width in ((6, 9), (3, 2)):
        cells = tf.constant(np.random.default_rng(1).normal(0, 1, (2, height, width, CHANNELS)), tf.float32)
        layer = kind(HEADS, WINDOW, 2)
        with tf.GradientTape() as tape:
            gathered = layer(cells)
            loss = tf.reduce_sum(gathered**2)
        assert gathered.shape == cells.shape
        assert all(np.isfinite(gradient).all() for gradient in tape.gradient(loss, layer.trainable_variables))


def test_a_smaller_map_takes_the_middle_of_the_table() -> None:
    cells = np.random.default_rng(1).normal(0, 1, (3, 3, CHANNELS)).astype(np.float32)
    large = randomised(WindowAttention(HEADS, WINDOW, 0), cells.shape)
    small = randomised(WindowAttention(HEADS, 3, 0), cells.shape)
    small.qkv.set_weights(large.qkv.get_weights())
    small.proj.set_weights(large.proj.get_weights())
    small.table.assign(large.table[1:-1, 1:-1])
    np.testing.assert_allclose(large(cells[None]), small(cells[None]), atol=1e-6)


def test_a_layer_is_built_again_from_its_configuration() -> None:
    layer = CosineWindowAttention(HEADS, WINDOW, 2, pretrained=3, name="attn")
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(layer))
    built_from = {"heads": HEADS, "window": WINDOW, "shift": 2, "pretrained": 3, "name": "attn"}
    assert again.get_config().items() >= built_from.items()
