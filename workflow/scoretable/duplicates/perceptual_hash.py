"""Perceptual hashes: a few bits of each picture that hardly change when it is saved again, resized or brightened."""

import numpy as np
from numpy.typing import NDArray

SIDE = 16  # of the hash: 256 bits, of which unrelated photos share about half
WORDS = SIDE * SIDE // 64


def perceptual_hashes(images: np.ndarray) -> NDArray[np.uint64]:
    """Return the hash of each image, uint64 (n, 4).

    `images`: uint8 (n, H, W, 3), read one by one, so a memory map stays on the disk. The hash is ImageHash's `phash`:
    which of the lowest 16 x 16 frequencies of the grey picture of 64 x 64 pixels lie above their median (Zauner 2010,
    Implementation and Benchmarking of Perceptual Image Hash Functions, section 3.2.1).
    """
    from imagehash import phash
    from PIL import Image

    bits = np.empty((len(images), SIDE * SIDE), bool)
    for place, pixels in enumerate(images):
        bits[place] = phash(Image.fromarray(np.asarray(pixels)), hash_size=SIDE).hash.ravel()
    return np.packbits(bits, axis=1).view(np.uint64)
