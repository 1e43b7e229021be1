"""A cache is opened as it was written, or not at all."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scoretable.images.image_cache import open_cache
from scoretable.images.preprocessing import build_cache
from scoretable.workspace.errors import InputError
from unit.archives import competition, encode, leaves, make_zip, photo
from unit.small_training import small_cache


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a cache whose ids and labels look like numbers and missing values."""
    members = {"train.csv": b"image_id,label\n", "sample_submission.csv": b"image_id,label\n007,\nNA,\n"}
    for name, label in {"01": "9", "1e5": "10", "null": "9", "nan": "10"}.items():
        members[f"train_images/{label}/{name}"] = encode(photo(9, 9, len(members)), "PNG")
        members["train.csv"] += f"{name},{label}\n".encode()
    members |= {f"test_images/{name}": encode(photo(9, 9), "PNG") for name in ("007", "NA")}
    archive = make_zip(tmp_path / "a.zip", members)
    build_cache(archive, competition(), tmp_path / "cache", 8, 8, "stretch", "ignore", 0.0, "refuse")
    return tmp_path / "cache"


def refusal(folder: Path) -> str:
    with pytest.raises(InputError) as caught:
        open_cache(folder)
    return str(caught.value)


def test_ids_and_labels_come_back_as_text(folder: Path) -> None:
    cache = open_cache(folder)
    assert cache.train["id"].tolist() == ["01", "1e5", "null", "nan"]
    assert cache.train["label"].tolist() == ["9", "10", "9", "10"]
    assert cache.test["id"].tolist() == ["007", "NA"]


def test_labels_are_places_in_the_classes(folder: Path) -> None:
    cache = open_cache(folder)
    assert cache.classes == ["9", "10"]
    assert cache.labels.tolist() == [0, 1, 0, 1]
    assert cache.labels.dtype == np.int64


def test_the_form_of_the_answer_comes_back_as_the_sample_showed_it(folder: Path) -> None:
    assert open_cache(folder).form == "label"
    archive = folder.with_name("a.zip")
    build_cache(
        archive, competition(metric="log_loss", positive_class="10"), folder, 8, 8, "stretch", "ignore", 0.0, "refuse"
    )
    assert open_cache(folder).form == "probability"


def test_an_image_without_any_of_several_labels_is_known() -> None:
    cache = replace(small_cache(), task="multilabel")
    assert not cache.some_without_label
    assert replace(cache, labels=np.where(cache.labels == 1, 2, 0)).some_without_label


def test_images_are_mapped_and_cannot_be_written(folder: Path) -> None:
    cache = open_cache(folder)
    assert isinstance(cache.train_images, np.memmap)
    with pytest.raises(ValueError, match="read-only"):
        cache.train_images[0] = 0


@pytest.mark.parametrize("name", ["train.npy", "test.npy", "train.csv", "test.csv", "manifest.json"])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    assert f"{folder / name} is damaged (it is missing)" in refusal(folder)


@pytest.mark.parametrize("name", ["train.npy", "test.npy", "train.csv", "test.csv", "manifest.json"])
@pytest.mark.parametrize("left", [0, 20, -60])
def test_a_file_that_is_cut_short_is_named(folder: Path, name: str, left: int) -> None:
    (folder / name).write_bytes((folder / name).read_bytes()[:left])
    assert str(folder / name) in refusal(folder)


def test_an_array_of_another_size_is_refused(folder: Path) -> None:
    np.save(folder / "test.npy", np.zeros((2, 9, 8, 3), np.uint8))
    assert "it holds uint8 (2, 9, 8, 3) but manifest.json says uint8 (2, 8, 8, 3)" in refusal(folder)


def test_an_array_of_objects_is_not_loaded(folder: Path) -> None:
    np.save(folder / "test.npy", np.array([{}], dtype=object), allow_pickle=True)
    assert "test.npy is damaged" in refusal(folder)


@pytest.mark.parametrize("column", ["id", "label", "crop_top"])
def test_a_table_without_a_column_is_refused(folder: Path, column: str) -> None:
    path = folder / "train.csv"
    path.write_text(path.read_text().replace(column, "other", 1))
    assert f"train.csv is damaged (it has no column {column})" in refusal(folder)


def test_a_label_that_is_no_class_is_refused(folder: Path) -> None:
    path = folder / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"classes": ["9", "11"]}))
    assert "train.csv is damaged (it has labels that are not in manifest.json)" in refusal(folder)


@pytest.mark.parametrize("content", ["[]", "{}", '{"classes": [], "fingerprint": "", "counts": 3}'])
def test_a_manifest_of_another_form_is_refused(folder: Path, content: str) -> None:
    (folder / "manifest.json").write_text(content)
    assert "manifest.json is damaged" in refusal(folder)


def test_further_columns_come_back_as_text_with_their_tasks(tmp_path: Path) -> None:
    rows = "0.jpg,blast,01,01\n1.jpg,normal,1,02\n2.jpg,blast,,03\n3.jpg,normal,NA,04\n"
    archive = make_zip(tmp_path / "a.zip", leaves() | {"train.csv": f"image_id,label,plot,day\n{rows}".encode()})
    train = {"table": "train.csv", "images": "train_images/{label}/{id}"}
    opened = []
    for task in (None, "multiclass", "regression"):
        further = {"further_columns": {"plot": task, "day": task, "absent": task}} if task else {}
        folder = tmp_path / f"{task}"
        build_cache(archive, competition(train=train | further), folder, 8, 8, "stretch", "ignore", 0.0, "refuse")
        opened.append(open_cache(folder))
    without, classes, numbers = opened
    assert without.further_columns == {}
    assert not [name for name in without.train if name.startswith("further")]
    assert "further_columns" not in json.loads((tmp_path / "None/manifest.json").read_text())
    assert classes.further_columns == {"plot": "multiclass", "day": "multiclass"}
    assert classes.train["further plot"].tolist() == ["01", "1", "", "NA"]
    assert numbers.train["further plot"].tolist() == ["01", "1", "", ""]
    assert classes.train["further day"].tolist() == ["01", "02", "03", "04"]
    assert len({cache.fingerprint for cache in opened}) == 3


def test_a_cache_without_further_columns_has_the_fingerprint_that_it_always_had(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    known = [{"task": "multiclass", "label_separator": " "}, ["9", "10"], manifest["sha256"]]
    assert manifest["fingerprint"] == hashlib.sha256(json.dumps(known, sort_keys=True).encode()).hexdigest()
    assert (folder / "train.csv").read_text().startswith("id,label,source_height,")
