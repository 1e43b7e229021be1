"""Names in a zip that do not say their encoding are read in UTF-8 or in the one that the file names, and told."""

from pathlib import Path

import pytest
from scoretable.archive.archive import open_archive
from scoretable.competition.description import Competition
from scoretable.discovery.description import describe_archive
from scoretable.manifest.manifest import Manifest, read_manifest
from scoretable.workspace.errors import InputError
from unit.archives import competition, make_unmarked_zip, zip_bytes

WORDS = ("건강", "병")
FILES = {f"train/{WORDS[place % 2]}/{place}.jpg": b"" for place in range(4)} | {
    "test/9.jpg": b"",
    "sample.csv": "image_id,label\n9.jpg,건강\n".encode(),
}
KEYS = {"images": "train/{label}/{id}"}


def described(**keys: object) -> Competition:
    rest = {"test": {"images": "test/{id}"}, "submission": {"sample": "sample.csv"}}
    return competition(**{"train": KEYS} | rest | keys)


def read(path: Path, **keys: object) -> Manifest:
    with open_archive(path, path.parent) as archive:
        return read_manifest(archive, described(**keys))


@pytest.mark.parametrize(
    ("written", "keys"), [("utf-8", {}), ("utf-8", {"encoding": "cp949"}), ("cp949", {"encoding": "cp949"})]
)
def test_names_that_do_not_say_their_encoding_are_read_in_it_and_told(
    written: str, keys: dict[str, str], tmp_path: Path
) -> None:
    found = read(make_unmarked_zip(tmp_path / "a.zip", FILES, written), **keys)
    assert found.classes == ["건강", "병"]
    assert found.notes == [f"4 names in the archive: encoding {written}, such as train/건강/0.jpg"]


def test_names_in_an_older_encoding_are_refused_with_the_words_that_they_may_hold(tmp_path: Path) -> None:
    path = make_unmarked_zip(tmp_path / "a.zip", FILES, "cp949")
    with pytest.raises(InputError, match=r"\(4 in all\): set encoding, .*: cp949 \(건강\), ") as caught:
        read(path)
    assert len(str(caught.value)) <= 320


def test_a_table_in_utf8_stays_so_beside_names_in_an_older_encoding(tmp_path: Path) -> None:
    path = make_unmarked_zip(tmp_path / "a.zip", FILES, "cp949")
    with open_archive(path, tmp_path) as archive:
        draft = describe_archive(archive, "c", "archive", "accuracy")
    assert draft.keys["encoding"][0] == "cp949"
    assert "submission.placeholder" not in draft.keys


def test_names_in_an_inner_archive_are_read_as_those_around_it(tmp_path: Path) -> None:
    inner = make_unmarked_zip(tmp_path / "train.zip", {name[6:]: b"" for name in FILES if "train/" in name}, "cp949")
    rest = {name: content for name, content in FILES.items() if "train/" not in name}
    path = tmp_path / "a.zip"
    path.write_bytes(zip_bytes(rest | {"train.zip": inner.read_bytes()}))
    assert read(path, encoding="cp949").classes == ["건강", "병"]


def test_letters_of_western_europe_are_read_as_dos_wrote_them_if_the_file_says_so(tmp_path: Path) -> None:
    files = {name.replace("건강", "été").replace("병", "thé"): content for name, content in FILES.items()}
    path = make_unmarked_zip(tmp_path / "a.zip", files, "cp437")
    with pytest.raises(InputError, match=r"cp437 \(été\)"):
        read(path)
    assert read(path, encoding="cp437", submission={"sample": "sample.csv", "placeholder": "건강"}).classes == [
        "thé",
        "été",
    ]


def test_a_name_of_no_image_and_no_table_may_be_in_any_encoding(tmp_path: Path) -> None:
    files = {"train/a/1.jpg": b"", "train/a/2.jpg": b"", "train/b/3.jpg": b"", "train/b/4.jpg": b"", "병.txt.bak": b""}
    rest = {"test/9.jpg": b"", "sample.csv": b"image_id,label\n9.jpg,a\n"}
    assert read(make_unmarked_zip(tmp_path / "a.zip", files | rest, "cp949")).notes == []
