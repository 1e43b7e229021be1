"""Weights that are downloaded by name."""

import hashlib

import numpy as np
import pytest
from scoretable.models import published_weights
from scoretable.models.backbones import BACKBONES, build_backbone
from scoretable.models.published_weights import PUBLISHED, Published, name_of_imagenet
from scoretable.workspace.errors import InputError
from unit.models.timm_files import small_networks, write_vit

NAME = "vit_tiny_patch16_224.made_here"


@pytest.fixture
def served(tmp_path, monkeypatch: pytest.MonkeyPatch):
    """The folder from which `NAME` is downloaded, into `home/models`."""
    folder = tmp_path / "server" / NAME
    folder.mkdir(parents=True)
    write_vit(folder / "model.safetensors", grid=2)
    digest = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    published = Published("vit_tiny_patch16_224", "model.safetensors", 1, "MIT", digest)
    monkeypatch.setitem(PUBLISHED, NAME, published)
    monkeypatch.setattr(published_weights, "_ADDRESS", f"file://{tmp_path}/server/{{name}}/{{file}}")
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    monkeypatch.setattr("keras.src.utils.file_utils.config.keras_home", lambda: str(tmp_path / "home"))
    with small_networks():
        yield folder


def test_a_file_is_fetched_once_and_named_with_its_licence(served, capsys) -> None:
    first = build_backbone("vit_tiny_patch16_224", NAME, 32, 32)
    assert f"weights: {NAME}, 1 MB, MIT, from file://" in capsys.readouterr().out
    (served / "model.safetensors").unlink()
    again = build_backbone("vit_tiny_patch16_224", "imagenet", 32, 32)
    for one, other in zip(first.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("damage", [lambda file: file.write_bytes(b"other"), lambda file: file.unlink()])
def test_a_file_that_is_not_to_be_had_is_named_with_the_place_to_put_it(damage, served, tmp_path) -> None:
    damage(served / "model.safetensors")
    with pytest.raises(InputError) as refused:
        build_backbone("vit_tiny_patch16_224", NAME, 32, 32)
    digest = PUBLISHED[NAME].sha256
    assert f"weights: {NAME} could not be downloaded" in str(refused.value)
    assert f"{NAME}/model.safetensors (1 MB, MIT, SHA-256 {digest}) elsewhere and put it at" in str(refused.value)
    assert f"{tmp_path}/home/models/{NAME}.safetensors" in str(refused.value)


def test_a_file_that_was_put_there_by_hand_is_taken(served, tmp_path) -> None:
    (tmp_path / "home" / "models").mkdir()
    (served / "model.safetensors").rename(tmp_path / "home" / "models" / f"{NAME}.safetensors")
    build_backbone("vit_tiny_patch16_224", NAME, 32, 32)


def test_a_network_without_a_download_is_told_which_file_to_get() -> None:
    with pytest.raises(InputError, match=r"swin_large_patch4_window7_224.TAG/resolve/main/model.safetensors with one"):
        name_of_imagenet("swin_large_patch4_window7_224")


@pytest.mark.parametrize("name", PUBLISHED)
def test_what_is_published_is_of_a_network_here_and_has_a_digest(name: str) -> None:
    published = PUBLISHED[name]
    assert published.model in BACKBONES
    assert published.model.lower() == name.partition(".")[0].replace("convnext_", "convnext")
    assert int(published.sha256, 16).bit_length() > 200
