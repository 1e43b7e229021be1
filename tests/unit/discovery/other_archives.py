"""Small archives in the layouts of competitions that have no file here."""

import json
from typing import Any

from drawn_files import picture, table, zipped

Files = dict[str, bytes | str]


def one(seed: int, suffix: str = "jpg") -> bytes:
    return picture(seed % 5, seed, suffix, size=12)


def images(folder: str, names: list[Any], suffix: str = "") -> Files:
    kind = (suffix or str(names[0])).rpartition(".")[2].lower()
    return {f"{folder}/{name}{suffix}": one(place, kind) for place, name in enumerate(names)}


def invasive_species() -> Files:
    """Ids are numbers from 1 in both splits."""
    return {
        "train_labels.csv": table("name,invasive", [(i, i % 2) for i in range(1, 31)]),
        "sample_submission.csv": table("name,invasive", [(i, 0.5) for i in range(1, 21)]),
        **images("train", list(range(1, 31)), ".jpg"),
        **images("test", list(range(1, 21)), ".jpg"),
    }


SEEDLINGS = ("Black-grass", "Common Chickweed", "Sugar beet")


def plant_seedlings() -> Files:
    """Folders are labels, with spaces in their names."""
    files: Files = {"sample_submission.csv": table("file,species", [(f"t{i}.png", "Sugar beet") for i in range(6)])}
    for place, name in enumerate(SEEDLINGS):
        files |= images(f"train/{name}", [f"{place}{i:03x}.png" for i in range(8)])
    return files | images("test", [f"t{i}.png" for i in range(6)])


TAGS = ("clear primary", "agriculture clear primary road", "cloudy", "haze primary water", "partly_cloudy primary")


def planet() -> Files:
    """Several tags a cell, two sample files, test images in two folders, and a TIFF beside each JPEG."""
    train, test, more = (
        [f"train_{i}" for i in range(30)],
        [f"test_{i}" for i in range(8)],
        [f"file_{i}" for i in range(5)],
    )
    return {
        "train_v2.csv": table("image_name,tags", [(id_, TAGS[i % 5]) for i, id_ in enumerate(train)]),
        "sample_submission.csv": table("image_name,tags", [(id_, "primary clear water") for id_ in test]),
        "sample_submission_v2.csv": table("image_name,tags", [(id_, "primary clear water") for id_ in test + more]),
        **images("train-tif-v2", train, ".tif"),
        **images("train-jpg", train, ".jpg"),
        **images("test-tif-v2", test + more, ".tif"),
        **images("test-jpg", test, ".jpg"),
        **images("test-jpg-additional", more, ".jpg"),
    }


GALAXY = [f"Class{k // 3 + 1}.{k % 3 + 1}" for k in range(37)]


def galaxy_zoo() -> Files:
    """37 numbers an image, each table and each folder in a zip of its own, and no file named sample."""
    header = "GalaxyID," + ",".join(GALAXY)
    train, test = list(range(100008, 100038)), list(range(200001, 200009))
    rows = [(id_, *[round((i * k % 7) / 7, 4) for k in range(37)]) for i, id_ in enumerate(train)]
    zero, ones = ([(id_, *[value] * 37) for id_ in test] for value in (0, 1))
    return {
        "training_solutions_rev1.zip": zipped({"training_solutions_rev1.csv": table(header, rows)}),
        "all_zeros_benchmark.zip": zipped({"all_zeros_benchmark.csv": table(header, zero)}),
        "all_ones_benchmark.zip": zipped({"all_ones_benchmark.csv": table(header, ones)}),
        "images_training_rev1.zip": zipped(images("images_training_rev1", train, ".jpg")),
        "images_test_rev1.zip": zipped(images("images_test_rev1", test, ".jpg")),
    }


def melanoma() -> Files:
    """A column repeats the label in words, a patient has several images, and DICOM files lie beside the JPEGs."""
    train, test = [f"ISIC_{i:07d}" for i in range(40)], [f"ISIC_{i:07d}" for i in range(900, 908)]
    names = ("benign", "malignant")
    rows = [
        (
            id_,
            f"IP_{i % 9:04d}",
            "male",
            45.0,
            ("torso", "head/neck")[i % 2],
            "unknown",
            names[i % 4 == 0],
            int(i % 4 == 0),
        )
        for i, id_ in enumerate(train)
    ]
    header = "image_name,patient_id,sex,age_approx,anatom_site_general_challenge,diagnosis,benign_malignant,target"
    tests = [(id_, f"IP_9{i:03d}", "male", 45.0, "torso") for i, id_ in enumerate(test)]
    return {
        "train.csv": table(header, rows),
        "test.csv": table("image_name,patient_id,sex,age_approx,anatom_site_general_challenge", tests),
        "sample_submission.csv": table("image_name,target", [(id_, 0) for id_ in test]),
        **images("jpeg/train", train, ".jpg"),
        **images("jpeg/test", test, ".jpg"),
        **{f"train/{id_}.dcm": b"\0" * 200 for id_ in train},
        **{f"test/{id_}.dcm": b"\0" * 200 for id_ in test},
        "tfrecords/train00-2071.tfrec": b"\0" * 200,
    }


def herbarium() -> Files:
    """COCO files of both splits; the images' paths, and not their ids, say in which folders they are."""
    paths = [f"images/{i // 10:03d}/{i % 10:02d}/{400 + i}.jpg" for i in range(40)]
    tests = [f"images/{i:03d}/{i}.jpg" for i in range(8)]
    listed = [{"id": 400 + i, "file_name": path, "height": 9, "license": 1} for i, path in enumerate(paths)]
    marks = [{"id": i, "image_id": 400 + i, "category_id": i % 6, "region_id": i % 3} for i in range(40)]
    kinds = [{"id": k, "name": f"Genus species{k}", "family": "F"} for k in range(6)]
    test = [{"id": i, "file_name": path} for i, path in enumerate(tests)]
    return {
        "nybg2020/train/metadata.json": json.dumps({"images": listed, "annotations": marks, "categories": kinds}),
        "nybg2020/test/metadata.json": json.dumps({"images": test}),
        "sample_submission.csv": table("Id,Predicted", [(i, 0) for i in range(8)]),
        **images("nybg2020/train", paths),
        **images("nybg2020/test", tests),
    }


def whale() -> Files:
    """Five labels a cell, best first; many whales have one photo; the column Id is the label and not the id."""
    whales = ["new_whale"] * 10 + [f"w_{i % 8:07x}" for i in range(16)] + ["w_aaaaaaa", "w_bbbbbbb"]
    names = [f"{i:08x}.jpg" for i in range(28)]
    guess = "new_whale w_0000001 w_0000002 w_0000003 w_0000004"
    return {
        "train.csv": table("Image,Id", list(zip(names, whales, strict=True))),
        "sample_submission.csv": table("Image,Id", [(f"f{i:07x}.jpg", guess) for i in range(6)]),
        **images("train", names),
        **images("test", [f"f{i:07x}.jpg" for i in range(6)]),
    }


LEAVES = tuple(f"Acer_{k}" for k in range(9))


def leaf_classification() -> Files:
    """Columns of measurements beside the label, both splits in one folder, tables in zips of their own."""
    measured = [f"{name}{k}" for name in ("margin", "shape", "texture") for k in range(1, 65)]
    values = [0.25] * len(measured)
    train = [(i, LEAVES[i % 9], *values) for i in range(1, 60, 2)]
    tests = [(i, *values) for i in range(2, 20, 2)]
    return {
        "train.csv.zip": zipped({"train.csv": table("id,species," + ",".join(measured), train)}),
        "test.csv.zip": zipped({"test.csv": table("id," + ",".join(measured), tests)}),
        "sample_submission.csv.zip": zipped(
            {"sample_submission.csv": table("id," + ",".join(LEAVES), [(i, *[1 / 9] * 9) for i, *_ in tests])}
        ),
        "images.zip": zipped(images("images", list(range(1, 60)), ".jpg")),
    }


def mac_folder() -> Files:
    """A folder above, what macOS packs along, semicolons, and columns of any name."""
    names = [f"IMG {i}.JPG" for i in range(20)]
    files: Files = {
        "Desktop/comp/labels_train.csv": "photo;what;weight\n" + "".join(
            f"{name};{('blue', 'green', 'red')[i % 3]};{i}\n" for i, name in enumerate(names)
        ),
        "Desktop/comp/Sample_Submission.csv": "photo;guess\n" + "".join(f"T {i}.JPG;red\n" for i in range(5)),
        **{f"Desktop/comp/photos for training/{name}": one(i) for i, name in enumerate(names)},
        **{f"Desktop/comp/photos for testing/T {i}.JPG": one(i) for i in range(5)},
    }  # fmt: skip
    junk: Files = {f"__MACOSX/{name.rpartition('/')[0]}/._{name.rpartition('/')[2]}": b"\0\5\26\7" for name in files}
    return files | junk | {"Desktop/comp/.DS_Store": b"\0"}


def several_rows() -> Files:
    """Two raters an image, in UTF-16, with paths for ids and a suffix in them."""
    rows = [(f"train/{i}.png", f"rater {r}", (i + (r and i % 9 == 0)) % 4) for i in range(20) for r in range(2)]
    return {
        "ratings.csv": table("path,rater,stage", rows).encode("utf-16"),
        "submission_format.csv": table("path,stage", [(f"test/{i}.png", 0) for i in range(6)]),
        **images("train", [f"{i}.png" for i in range(20)]),
        **images("test", [f"{i}.png" for i in range(6)]),
    }


def yes_or_no_of_one() -> Files:
    """One-hot columns of train, and the label's name in the sample."""
    rows = [(f"1.2.{i}", *[int(i % 3 == k) for k in range(3)], f"clinic {i % 5}") for i in range(30)]
    return {
        "data/train.csv": table("uid,Melanoma,Nevus,Other,site", rows),
        "data/sample.csv": table("uid,class", [(f"1.3.{i}", "Nevus") for i in range(6)]),
        **images("data/images", [f"1.2.{i}" for i in range(30)] + [f"1.3.{i}" for i in range(6)], ".png"),
    }


def cars() -> Files:
    """Boxes in the tables of both splits, and integer classes."""
    box = "bbox_x1,bbox_y1,bbox_x2,bbox_y2"
    rows = [(f"train_{i:05d}.jpg", 1, 1, 10, 10, i % 4 + 1) for i in range(24)]
    tests = [(f"test_{i:05d}.jpg", 1, 1, 10, 10) for i in range(6)]
    return {
        "train.csv": table(f"img_file,{box},class", rows),
        "test.csv": table(f"img_file,{box}", tests),
        "class.csv": table("id,name", [(k, f"car {k}") for k in range(1, 5)]),
        "sample_submission.csv": table("img_file,class", [(name, 1) for name, *_ in tests]),
        "train.zip": zipped(images("train", [name for name, *_ in rows])),
        "test.zip": zipped(images("test", [name for name, *_ in tests])),
    }


def pixels_with_ids() -> Files:
    """Pixels in a table with ids of its own; the label is a word."""
    pixels = ",".join(f"p{k}" for k in range(1, 65))
    rows = [(f"a{i}", ("shirt", "shoe", "bag")[i % 3], *[(i * k) % 256 for k in range(64)]) for i in range(24)]
    tests = [(f"b{i}", *[(i * k) % 256 for k in range(64)]) for i in range(6)]
    return {
        "train.csv": table(f"item,kind,{pixels}", rows),
        "test.csv": table(f"item,{pixels}", tests),
        "sample_submission.csv": table("item,kind", [(f"b{i}", "shoe") for i in range(6)]),
    }


def numbered_columns() -> Files:
    """Columns of probabilities that are named class_0, class_1, ... for folders 0, 1, ..."""
    files: Files = {}
    for k in range(3):
        files |= images(f"data/train/{k}", [f"{k}-{i}.jpg" for i in range(8)])
    rows = [(i, 0.2, 0.5, 0.3) for i in range(6)]
    return files | images("data/test", list(range(6)), ".jpg") | {
        "data/sample_submission.csv": table("id,class_0,class_1,class_2", rows)
    }  # fmt: skip
