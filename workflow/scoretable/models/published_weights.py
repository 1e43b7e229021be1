"""Weights that are downloaded by name: where a file is, its size, its licence and its digest."""

import os
from pathlib import Path
from typing import NamedTuple

from scoretable.workspace.errors import InputError


class Published(NamedTuple):
    """A file of timm's weights on Hugging Face.

    megabytes: 10^6 bytes; licence: of the weights, as their publishers state it; sha256: of the file's bytes.
    """

    model: str
    file: str
    megabytes: int
    licence: str
    sha256: str


_ADDRESS = "https://huggingface.co/timm/{name}/resolve/main/{file}"
# By timm's names: the network, a dot, and what it was trained on. Only files whose digest Hugging Face's pages show;
# of others, `weights` takes the path.
PUBLISHED = {
    "convnext_tiny.fb_in22k": Published(
        "ConvNeXtTiny", "model.safetensors", 178, "Apache-2.0",
        "2b40f8d53b566a8c08c0c75f93ff5ac6fa33bd213afb27ee40766af7ffe5943b",
    ),
    "convnext_base.fb_in22k": Published(
        "ConvNeXtBase", "pytorch_model.bin", 440, "Apache-2.0",
        "bc4de50dc361d967dd6a2eeaeaf8190c40f6ed255c4130ac24f6b78854923358",
    ),
    "convnext_large.fb_in22k": Published(
        "ConvNeXtLarge", "pytorch_model.bin", 919, "Apache-2.0",
        "5c09bf09db5f3c50767ca3f4e6db95fd45889fa8be6e4ec7d6f2dedf25cc8253",
    ),
    "convnext_xlarge.fb_in22k": Published(
        "ConvNeXtXLarge", "pytorch_model.bin", 1570, "Apache-2.0",
        "8384466100c1c95bd0f5636010a72f02e2ade76d80d14e33edbbf989d3418f93",
    ),
    "vit_base_patch16_224.orig_in21k": Published(
        "vit_base_patch16_224", "model.safetensors", 343, "Apache-2.0",
        "1cf14745201dfaffba38831c7cc1003c51618569d0a5dd31a895fe604c427253",
    ),
    "swinv2_tiny_window8_256.ms_in1k": Published(
        "swinv2_tiny_window8_256", "pytorch_model.bin", 115, "MIT",
        "5f0b85afedff103dc52ea93b783996a97afdade6f418b5a28b4d2910766456b9",
    ),
}  # fmt: skip


def weights_folder() -> Path:
    """Return the folder in which Keras keeps downloaded weights, one for all copies of the repository."""
    return Path(os.environ.get("KERAS_HOME", Path.home() / ".keras")) / "models"


def name_of_imagenet(model: str) -> str:
    """Return which weights `imagenet` means for one of timm's networks; raise InputError where none has a name."""
    for name, published in PUBLISHED.items():
        if published.model == model:
            return name
    address = _ADDRESS.format(name=f"{model}.TAG", file="model.safetensors")
    raise InputError(
        f"weights: imagenet of model: {model} has no download here: get a file of timm's weights for it, {address} "
        "with one of the tags in docs/backbones.md, and set weights to its path, or to null for random weights."
    )


def fetch(name: str) -> Path:
    """Return the file of published weights, which is downloaded at first and checked each time.

    Raises InputError with the file's address, size, licence, digest and place where it cannot be downloaded.
    """
    import keras

    published = PUBLISHED[name]
    address = _ADDRESS.format(name=name, file=published.file)
    file = f"{name}{Path(published.file).suffix}"
    print(f"weights: {name}, {published.megabytes} MB, {published.licence}, from {address}", flush=True)
    try:
        return Path(
            keras.utils.get_file(
                file, address, cache_subdir="models", file_hash=published.sha256, hash_algorithm="sha256"
            )
        )
    except Exception as error:  # Keras raises bare Exception, URLError or OSError when a download fails
        reason = " ".join(str(error).split())[:200]
        raise InputError(
            f"weights: {name} could not be downloaded ({reason}): connect to the internet, or download {address} "
            f"({published.megabytes} MB, {published.licence}, SHA-256 {published.sha256}) elsewhere and put it at "
            f"{weights_folder() / file}, or set weights to the path of another file, or to null for random weights."
        ) from None
