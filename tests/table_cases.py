"""Archives whose tables or names are as people really have them: spaces, encodings, doubles, gaps, other suffixes.

Layout: train.csv (image,label), train/{id}, test/{id}, sample_submission.csv (image,label).
"""

import io
import unicodedata
from collections.abc import Callable, Sequence

import numpy as np
from PIL import Image

Files = dict[str, bytes | str]
IDS = [f"i{place}.jpg" for place in range(24)]
KOREAN = [f"잎{place}.jpg" for place in range(24)]
NUMBERS = [f"{place:05d}" for place in range(24)]


def _jpeg(seed: int) -> bytes:
    out = io.BytesIO()
    pixels = np.random.default_rng(seed).integers(0, 255, (40, 40, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(out, "JPEG")
    return out.getvalue()


def _grey(top: int) -> bytes:
    """A gradient from 0 to `top` in 16 bits."""
    out = io.BytesIO()
    Image.fromarray(np.tile(np.linspace(0, top, 40).astype(np.uint16), (40, 1))).save(out, "PNG")
    return out.getvalue()


def rows(label: Callable[[int], str], ids: Sequence[str] = IDS) -> str:
    """Return a table whose labels are those of the rows' numbers."""
    return "image,label\n" + "".join(f"{id_},{label(place)}\n" for place, id_ in enumerate(ids))


def a_or_b(place: int) -> str:
    """Return a and b in turn."""
    return "ab"[place % 2]


def decomposed(text: str) -> str:
    """Return a text in the Unicode form in which macOS packs names."""
    return unicodedata.normalize("NFD", text)


def archive(table: str | bytes, names: Sequence[str] = IDS, folder: str = "train") -> Files:
    """Return the members of an archive with that table, and photos of those names below the folder."""
    files: Files = {f"{folder}/{name}": _jpeg(place) for place, name in enumerate(names)}
    files |= {f"test/{name}": _jpeg(place) for place, name in enumerate(("t1.jpg", "t2.jpg"), 90)}
    return files | {"train.csv": table, "sample_submission.csv": "image,label\nt1.jpg,a\nt2.jpg,a\n"}


def _form_of_ill(place: int) -> str:
    if place % 2:
        return "b"
    return "병" if place % 4 else decomposed("병")


def _grey_of_12_bits() -> Files:
    files = archive(rows(a_or_b, [f"{place}.png" for place in range(24)]), [])
    return files | {f"train/{place}.png": _grey(4095) for place in range(24)}


def _lists() -> Files:
    lists = ("['a']", "['b']", "['a', 'b']", "[]")
    files = archive(rows(lambda place: f'"{lists[place % 4]}"'))
    return files | {"sample_submission.csv": "image,label\nt1.jpg,a b\nt2.jpg,a\n"}


def _in_columns(yes: str, no: str) -> Files:
    cells = "".join(f"i{place}.jpg,{(yes, no)[place % 2]},{(no, yes)[place % 2]}\n" for place in range(24))
    return archive(f"image,a,b\n{cells}") | {"sample_submission.csv": "image,a,b\nt1.jpg,0.5,0.5\nt2.jpg,0.5,0.5\n"}


def _thousands() -> Files:
    files = archive(rows(lambda place: f'"{place + 1},500"'))
    return files | {"sample_submission.csv": "image,label\nt1.jpg,0.5\nt2.jpg,0.5\n"}


CASES: dict[str, Callable[[], Files]] = {
    "trailing_space": lambda: archive(rows(lambda place: "a " if place % 4 == 0 else a_or_b(place))),
    "labels_nfc_nfd": lambda: archive(rows(_form_of_ill)),
    "names_nfd_table_nfc": lambda: archive(rows(a_or_b, KOREAN), [decomposed(name) for name in KOREAN]),
    "cp949": lambda: archive(rows(lambda place: ["건강", "병"][place % 2]).encode("cp949")),
    "utf16": lambda: archive(rows(a_or_b).encode("utf-16")),
    "semicolon": lambda: archive(rows(a_or_b).replace(",", ";")),
    "space_in_header": lambda: archive(rows(a_or_b).replace("image,label", "image, label")),
    "duplicate_same": lambda: archive(rows(a_or_b) + "i0.jpg,a\n"),
    "duplicate_other": lambda: archive(rows(a_or_b) + "i0.jpg,b\n"),
    "missing_image": lambda: archive(rows(a_or_b) + "zz.jpg,b\n"),
    "empty_label": lambda: archive(rows(lambda place: "" if place == 3 else a_or_b(place))),
    "lone_class": lambda: archive(rows(lambda place: "c" if place == 5 else a_or_b(place))),
    "top_folder": lambda: archive(rows(a_or_b), folder="comp/train"),
    "suffix_tif": lambda: archive(rows(a_or_b, NUMBERS), [f"{number}.tif" for number in NUMBERS]),
    "grey_12_in_16": _grey_of_12_bits,
    "lists": _lists,
    "thousands": _thousands,
    "true_false": lambda: _in_columns("True", "False"),
    "marks": lambda: _in_columns("x", ""),
    "index_in_sample": lambda: (
        archive(rows(a_or_b)) | {"sample_submission.csv": ",image,label\n0,t1.jpg,a\n1,t2.jpg,a\n"}
    ),
    "no_header": lambda: archive(rows(a_or_b, NUMBERS).partition("\n")[2], [f"{number}.jpg" for number in NUMBERS]),
    "lost_zeros": lambda: archive(
        rows(a_or_b, [str(int(number)) for number in NUMBERS]), [f"{n}.jpg" for n in NUMBERS]
    ),
    "floats": lambda: archive(rows(a_or_b, [f"{int(number)}.0" for number in NUMBERS]), [f"{n}.jpg" for n in NUMBERS]),
    "percent_signs": lambda: archive(rows(a_or_b, [f"a%20{id_}" for id_ in IDS]), [f"a {id_}" for id_ in IDS]),
}
