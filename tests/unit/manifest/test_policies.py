"""What a competition's policies skip, join or train on, and which refusal each lifts."""

import json
from pathlib import Path

import pytest
from scoretable.archive.archive import open_archive
from scoretable.images.image_cache import open_cache
from scoretable.images.preprocessing import build_cache
from scoretable.manifest.manifest import Manifest, read_manifest
from scoretable.workspace.errors import InputError
from unit.archives import competition, leaves, make_zip

ROWS = "0.jpg,blast\n1.jpg,normal\n2.jpg,blast\n3.jpg,normal\n"


def read(folder: Path, rows: str, policies: dict[str, str], **changes: object) -> Manifest:
    files = leaves() | {"train.csv": f"image_id,label\n{rows}".encode()}
    files |= {f"flat/{number}.jpg": b"" for number in range(6)}
    described = competition(policies=policies, **changes)
    with open_archive(make_zip(folder / "a.zip", files), folder) as archive:
        return read_manifest(archive, described)


def refusal(folder: Path, rows: str, **changes: object) -> str:
    with pytest.raises(InputError) as caught:
        read(folder, rows, {}, **changes)
    assert len(str(caught.value)) <= 300
    return str(caught.value)


FLAT = {"table": "train.csv", "images": "flat/{id}"}
CASES = [
    ("missing_images", "skip", ".DS_Store,blast\n"),
    ("empty_labels", "skip", "4.jpg,\n"),
    ("repeated_rows", "first", "0.jpg,normal\n"),
]


@pytest.mark.parametrize(("key", "value", "row"), CASES)
def test_a_refusal_names_the_policy_that_lifts_it(tmp_path: Path, key: str, value: str, row: str) -> None:
    assert f"policies: {{{key}: {value}}}" in refusal(tmp_path, ROWS + row, train=FLAT)


@pytest.mark.parametrize(("key", "value", "row"), CASES)
def test_rows_that_a_policy_skips_are_left_out_and_listed(tmp_path: Path, key: str, value: str, row: str) -> None:
    manifest = read(tmp_path, ROWS + row, {key: value}, train=FLAT)
    assert manifest.train["id"].tolist() == ["0.jpg", "1.jpg", "2.jpg", "3.jpg"]
    assert [(skipped["id"], skipped["split"]) for skipped in manifest.skipped] == [
        (row.split(",", maxsplit=1)[0], "train")
    ]


def test_a_row_skipped_for_its_image_is_not_refused_for_its_label(tmp_path: Path) -> None:
    assert len(read(tmp_path, f".DS_Store,\n{ROWS}", {"missing_images": "skip"}).train) == 4


def test_two_spellings_of_an_id_are_one_image_that_counts_once_and_is_told(tmp_path: Path) -> None:
    manifest = read(tmp_path, f"{ROWS}0,blast\n", {}, train=FLAT)
    assert manifest.train["id"].tolist() == ["0.jpg", "1.jpg", "2.jpg", "3.jpg"]
    told = "train.csv, column image_id: 1 id that an earlier row has in another spelling, such as 0"
    assert manifest.describe_reading() == ["  skipped   1 row: an earlier row says the same", f"  read as   {told}"]


def test_two_spellings_of_an_id_with_different_labels_are_refused(tmp_path: Path) -> None:
    assert "1 id with different labels: 0.jpg (blast, normal)" in refusal(tmp_path, f"{ROWS}0,normal\n", train=FLAT)


@pytest.mark.parametrize("split", ["train", "test"])
def test_a_policy_skips_no_more_than_half_of_the_rows(tmp_path: Path, split: str) -> None:
    rows = ROWS + "".join(f"x{number}.jpg,blast\n" for number in range(5)) * (split == "train")
    files = leaves() | {"train.csv": f"image_id,label\n{rows}".encode()}
    files |= {f"flat/{number}.jpg": b"" for number in range(4)}
    changes: dict[str, object] = {}
    if split == "test":
        files["test.csv"] = b"image_id\n" + b"".join(f"{number}.jpg\n".encode() for number in range(100, 110))
        files["sample_submission.csv"] = b"image_id,label\n100.jpg,\n"
        changes["test"] = {"table": "test.csv", "images": "test_images/{id}"}
    described = competition(policies={"missing_images": "skip"}, train=FLAT, **changes)
    with open_archive(make_zip(tmp_path / "a.zip", files), tmp_path) as archive, pytest.raises(InputError) as caught:
        read_manifest(archive, described)
    assert "rows have no image at" in str(caught.value) and f"correct {split}.images" in str(caught.value)


def test_labels_of_repeated_rows_are_joined(tmp_path: Path) -> None:
    rows = "0.jpg,a\n1.jpg,b\n0.jpg,b\n2.jpg,a\n"
    train = read(tmp_path, rows, {"repeated_rows": "join"}, train=FLAT, task="multilabel").train
    assert train[["id", "label"]].to_numpy().tolist() == [["0.jpg", "a b"], ["1.jpg", "b"], ["2.jpg", "a"]]


def test_rows_that_say_the_same_count_once_and_are_listed(tmp_path: Path) -> None:
    manifest = read(tmp_path, f"{ROWS}0.jpg,blast\n", {}, train=FLAT)
    assert len(manifest.train) == 4
    assert manifest.skipped == [{"id": "0.jpg", "split": "train", "reason": "an earlier row says the same"}]


def test_the_refusal_of_repeated_rows_names_their_labels(tmp_path: Path) -> None:
    message = refusal(tmp_path, f"{ROWS}0.jpg,normal\n", train=FLAT)
    assert "1 id with different labels: 0.jpg (blast, normal); " in message
    assert message.endswith("or join with task: multilabel.")


def test_rows_of_one_id_with_different_groups_are_refused(tmp_path: Path) -> None:
    files = leaves() | {"train.csv": b"image_id,label,patient\n0.jpg,blast,1\n0.jpg,blast,2\n1.jpg,normal,3\n"}
    train = {"table": "train.csv", "images": "train_images/{label}/{id}", "group_column": "patient"}
    described = competition(train=train)
    with open_archive(make_zip(tmp_path / "a.zip", files), tmp_path) as archive, pytest.raises(InputError) as caught:
        read_manifest(archive, described)
    assert "1 id with rows of different images, groups or boxes: 0.jpg" in str(caught.value)


def test_the_refusal_of_repeated_rows_of_several_labels_names_join(tmp_path: Path) -> None:
    message = refusal(tmp_path, "0.jpg,a\n0.jpg,b\n", train=FLAT, task="multilabel")
    assert "policies: {repeated_rows: first or join}" in message


def test_the_refusal_of_a_class_with_one_image_names_its_policy(tmp_path: Path) -> None:
    assert "policies: {single_image_classes: train}" in refusal(tmp_path, f"{ROWS}4.jpg,rare\n", train=FLAT)


def test_a_class_with_one_image_is_kept_where_a_policy_says_so(tmp_path: Path) -> None:
    manifest = read(tmp_path, f"{ROWS}4.jpg,rare\n", {"single_image_classes": "train"}, train=FLAT)
    assert manifest.classes == ["blast", "normal", "rare"]


def test_skipped_rows_are_in_the_manifest_of_the_cache_and_a_missing_test_image_is_black(tmp_path: Path) -> None:
    files = leaves()
    files["train.csv"] += b"lost.jpg,blast\n"
    del files["test_images/101.jpg"]
    path = make_zip(tmp_path / "a.zip", files)
    described = competition(policies={"missing_images": "skip"})
    summary = build_cache(path, described, tmp_path / "cache", 8, 8, "stretch", "ignore", 0.0, "refuse")
    manifest = json.loads((tmp_path / "cache/manifest.json").read_text())
    assert summary.skipped == 2
    assert [row["id"] for row in manifest["skipped"]] == ["lost.jpg", "101.jpg"]
    assert open_cache(tmp_path / "cache").test_images[1].max() == 0


def grouped(folder: Path, *patients: str) -> list[int]:
    files = leaves()
    rows = [f"{number}.jpg,{['blast', 'normal'][number % 2]},{patient}\n" for number, patient in enumerate(patients)]
    files["train.csv"] = ("image_id,label,patient\n" + "".join(rows)).encode()
    train = {"table": "train.csv", "images": "train_images/{label}/{id}", "group_column": "patient"}
    path = make_zip(folder / "a.zip", files)
    build_cache(path, competition(train=train), folder / "cache", 8, 8, "stretch", "ignore", 0.0, "refuse")
    groups = open_cache(folder / "cache").groups
    assert groups is not None
    return groups.tolist()


def test_images_of_a_group_share_a_number_and_those_without_have_their_own(tmp_path: Path) -> None:
    assert grouped(tmp_path, "007", "7", "007", "", "7", "") == [0, 1, 0, 2, 1, 3]


def test_one_group_for_all_images_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"train.csv, patient: all images have the same group"):
        grouped(tmp_path, *["x"] * 6)


def test_groups_stay_text(tmp_path: Path) -> None:
    assert grouped(tmp_path, "007", "7", "007", "7", "007", "7") == [0, 1, 0, 1, 0, 1]


def test_a_group_is_read_off_the_id_by_its_pattern(tmp_path: Path) -> None:
    layout = {"table": "train.csv", "id_column": "image", "images": "train/{id}", "group_pattern": "{group}_{eye}"}
    described = competition(
        train=layout, test={"images": "test/{id}"}, submission={"id_column": "image"}, task="multiclass"
    )
    rows = "".join(f"{person}_{eye},{'ab'[person % 2]}\n" for person in range(4) for eye in ("left", "right"))
    files = {"train.csv": f"image,label\n{rows}", "sample_submission.csv": "image,label\n9_left,a\n"}
    files |= {f"train/{person}_{eye}.jpg": b"" for person in range(4) for eye in ("left", "right")}
    with open_archive(make_zip(tmp_path / "a.zip", files | {"test/9_left.jpg": b""}), tmp_path) as archive:
        assert read_manifest(archive, described).train["group"].tolist() == list("00112233")
