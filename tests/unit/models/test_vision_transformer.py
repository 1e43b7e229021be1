"""A ViT against numpy, and what it refuses."""

import math

import keras
import numpy as np
import pytest
from scoretable.models.timm_weights import load_timm_weights, resize_places
from scoretable.workspace.errors import InputError
from unit.models.timm_files import VIT, vit_tensors, write_vit

MODULE = "scoretable.models.vision_transformer"


def norm(features: np.ndarray, gamma: np.ndarray, beta: np.ndarray) -> np.ndarray:
    centred = features - features.mean(-1, keepdims=True)
    return centred / np.sqrt(features.var(-1, keepdims=True) + 1e-6) * gamma + beta


def gelu(values: np.ndarray) -> np.ndarray:
    return values * (1 + np.vectorize(math.erf)(values / math.sqrt(2))) / 2


def attend(features: np.ndarray, linear, heads: int) -> np.ndarray:
    joint = linear("attn.qkv", features).reshape(len(features), 3, heads, -1)
    queries, keys, values = joint.transpose(1, 2, 0, 3)
    scores = queries @ keys.transpose(0, 2, 1) / math.sqrt(queries.shape[-1])
    shares = np.exp(scores) / np.exp(scores).sum(-1, keepdims=True)
    return linear("attn.proj", (shares @ values).transpose(1, 0, 2).reshape(features.shape))


def reference(picture: np.ndarray, tensors: dict[str, np.ndarray]) -> np.ndarray:
    """The class token's features of one picture of 32x32 scaled pixels, as the paper's equations 1 to 4 have them."""
    patches = picture.reshape(2, 16, 2, 16, 3).transpose(0, 2, 4, 1, 3).reshape(4, -1)
    kernel = tensors["patch_embed.proj.weight"].reshape(16, -1)
    row = np.concatenate([tensors["cls_token"][0], patches @ kernel.T + tensors["patch_embed.proj.bias"]])
    row = row + tensors["pos_embed"][0]
    for number in range(2):
        part = {name.removeprefix(f"blocks.{number}."): tensor for name, tensor in tensors.items()}

        def linear(name: str, features: np.ndarray, part: dict[str, np.ndarray] = part) -> np.ndarray:
            return features @ part[f"{name}.weight"].T + part[f"{name}.bias"]

        row = row + attend(norm(row, part["norm1.weight"], part["norm1.bias"]), linear, 2)
        inner = linear("mlp.fc1", norm(row, part["norm2.weight"], part["norm2.bias"]))
        row = row + linear("mlp.fc2", gelu(inner))
    return norm(row, tensors["norm.weight"], tensors["norm.bias"])[0]


def test_features_are_those_of_the_papers_equations(tmp_path) -> None:
    tensors = write_vit(tmp_path / "vit.safetensors", grid=2)
    network = VIT(input_shape=(32, 32, 3))
    load_timm_weights(network, "vit_tiny_patch16_224", MODULE, tmp_path / "vit.safetensors")
    pictures = np.random.default_rng(1).uniform(-1, 1, (2, 32, 32, 3)).astype(np.float32)
    features = keras.ops.convert_to_numpy(network(pictures))
    expected = [reference(picture, tensors) for picture in pictures]
    np.testing.assert_allclose(features, expected, rtol=1e-4, atol=1e-4)


def test_embeddings_of_places_are_stretched_to_the_grid_of_the_image(tmp_path) -> None:
    places = np.zeros((1, 1 + 4 * 4, 2), np.float32)
    places[0, 0] = 7
    places[0, 1:, 0] = np.repeat(np.arange(4), 4)  # rises from row to row
    places[0, 1:, 1] = 3
    resized = resize_places(places, (8, 4))
    assert resized.shape == (1, 1 + 8 * 4, 2)
    assert resized[0, 0].tolist() == [7, 7]
    rows = resized[0, 1:, 0].reshape(8, 4)
    np.testing.assert_allclose(rows, np.repeat(rows[:, :1], 4, axis=1), atol=1e-6)
    assert (np.diff(rows[:, 0]) > 0).all()
    np.testing.assert_allclose(rows.mean(), 1.5, atol=1e-5)
    np.testing.assert_allclose(resized[0, 1:, 1], 3, atol=1e-5)


def test_embeddings_of_the_same_grid_stay_as_they_are() -> None:
    places = vit_tensors(grid=2)["pos_embed"]
    assert resize_places(places, (2, 2)) is places
    assert resize_places(places, (1, 4)).shape == places.shape


def test_a_size_that_is_not_made_of_patches_is_refused() -> None:
    with pytest.raises(InputError, match="image_size: 40x32 is not in multiples of 16 pixels"):
        VIT(input_shape=(40, 32, 3))
