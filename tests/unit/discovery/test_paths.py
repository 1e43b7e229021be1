"""Labels that are found in the paths of images, without a table."""

from pathlib import Path

import pytest
from scoretable.discovery.paths import find_in_paths
from scoretable.discovery.samples import find_sample
from scoretable.discovery.training import Training
from unit.discovery.archives import contents

TEST = ("test/t1.png", "test/t2.png")


def training(folder: Path, *names: str, answer: str = "0") -> Training | None:
    with contents(folder, *names, *TEST, sample=f"id,label\nt1,{answer}\nt2,{answer}\n") as found:
        return find_in_paths(found, find_sample(found))


def pattern(folder: Path, *names: str, answer: str = "0") -> str:
    found = training(folder, *names, answer=answer)
    assert found is not None and found.place is not None
    return found.place.patterns[0]


def each(*paths: str) -> list[str]:
    return [f"{path}{number}.png" for path in paths for number in range(6)]


@pytest.mark.parametrize(
    ("paths", "answer", "wanted"),
    [
        (("train/cat/", "train/dog/"), "cat", "train/{label}/{id}"),
        (("cat/", "dog/"), "cat", "{label}/{id}"),
        (("a/train/cat/raw/", "a/train/dog/raw/"), "cat", "a/train/{label}/raw/{id}"),
        (("train/pet/cat/", "train/pet/dog/", "train/wild/fox/"), "fox", "train/{folder}/{label}/{id}"),
        (("train/pet/cat/", "train/pet/dog/", "train/wild/fox/"), "pet", "train/{label}/{folder}/{id}"),
        (("train/cat.", "train/dog."), "cat", "train/{label}.{n}.png"),
        (("train/cat_a_", "train/dog_a_"), "cat", "train/{label}_{id}"),
        (("train/IMG_cat_", "train/IMG_dog_"), "0.5", "train/{word1}_{label}_{n}.png"),
        (("train/a_cat_", "train/b_dog_"), "dog", "train/{word1}_{label}_{n}.png"),
        (("train/cat/a_", "train/dog/b_"), "0", "train/{label}/{id}"),
    ],
)
def test_the_pattern_names_the_label(tmp_path: Path, paths: tuple[str, ...], answer: str, wanted: str) -> None:
    assert pattern(tmp_path, *each(*paths), answer=answer) == wanted


def test_a_folder_of_other_images_is_no_class(tmp_path: Path) -> None:
    found = training(tmp_path, *each("cat/", "dog/"))
    assert found is not None and found.classes == ("cat", "dog")


def test_classes_are_only_listed_where_the_pattern_takes_more(tmp_path: Path) -> None:
    found = training(tmp_path, *each("train/cat/", "train/dog/"))
    assert found is not None and found.classes == ()


def test_what_macos_packs_along_is_no_class_and_no_table(tmp_path: Path) -> None:
    found = training(tmp_path, *each("cat/", "dog/"), "__MACOSX/._0.png", "__MACOSX/._sample.csv")
    assert found is not None and found.classes == ("cat", "dog")
    with contents(tmp_path, "__MACOSX/._sample.csv", ".DS_Store", sample="id,label\nt1,0\n") as looked:
        assert looked.tables == ["sample.csv"]


def test_names_that_only_count_have_no_label(tmp_path: Path) -> None:
    assert training(tmp_path, *each("train/1_", "train/2_")) is None
