"""Small archives as competitions of rarer kinds have them, and those that a person packs."""

import io
import json

import numpy as np
from drawn_files import table, zipped
from PIL import Image
from unit.discovery.other_archives import Files, images, one


def statoil_iceberg() -> Files:
    """Two bands of radar an image as arrays in JSON, 8 x 8 here, in 7z archives on Kaggle."""
    rng = np.random.default_rng(0)

    def record(number: int, **more: object) -> dict[str, object]:
        bands = {band: [round(float(x), 3) for x in rng.normal(-20, 5, 64)] for band in ("band_1", "band_2")}
        return {"id": f"{number:08x}", **bands, "inc_angle": "na" if number % 5 == 0 else 30 + number % 7, **more}

    return {
        "train.json.zip": zipped({"train.json": json.dumps([record(i, is_iceberg=i % 2) for i in range(20)])}),
        "test.json.zip": zipped({"test.json": json.dumps([record(100 + i) for i in range(6)])}),
        "sample_submission.csv": table("id,is_iceberg", [(f"{100 + i:08x}", 0.5) for i in range(6)]),
    }


def protein_atlas() -> Files:
    """Four files an image, a colour each, and several numbers a cell."""
    train, test = [f"{i:08x}-bbba" for i in range(24)], [f"{i:08x}-bbbb" for i in range(6)]
    targets = ("16 0", "7 1 2 0", "5", "1", "18")
    files = {
        "train.csv": table("Id,Target", [(id_, targets[i % 5]) for i, id_ in enumerate(train)]),
        "sample_submission.csv": table("Id,Predicted", [(id_, 0) for id_ in test]),
    }
    for colour in ("blue", "green", "red", "yellow"):
        files |= images("train", train, f"_{colour}.png") | images("test", test, f"_{colour}.png")
    return files


def breast_cancer() -> Files:
    """Predictions are for a breast of a patient, of which there are several images; the images have 16 bits."""
    header = "site_id,patient_id,image_id,laterality,view,age,cancer,biopsy,invasive,BIRADS,implant,density"
    rows, files = [], {}
    for i in range(24):
        patient, side = 10_000 + i // 4, "LR"[i // 2 % 2]
        rows.append((i % 2 + 1, patient, 500 + i, side, ("CC", "MLO")[i % 2], 60, int(i % 7 == 0), 0, 0, "", 0, "B"))
        files[f"train_images/{patient}/{500 + i}.png"] = deep(i)
    tests = []
    for i in range(4):
        side = "LR"[i // 2]
        tests.append((2, 20_000, 900 + i, side, ("CC", "MLO")[i % 2], 66, 0, 4, f"20000_{side}"))
        files[f"test_images/20000/{900 + i}.png"] = deep(i)
    return files | {
        "train.csv": table(header, rows),
        "test.csv": table("site_id,patient_id,image_id,laterality,view,age,implant,machine_id,prediction_id", tests),
        "sample_submission.csv": table("prediction_id,cancer", [("20000_L", 0.02), ("20000_R", 0.02)]),
    }


def deep(seed: int) -> bytes:
    """Return a grey PNG of 16 bits, with values of 12."""
    values = np.random.default_rng(seed).integers(0, 4096, (12, 12), dtype=np.uint16)
    buffer = io.BytesIO()
    Image.fromarray(values).save(buffer, "PNG")
    return buffer.getvalue()


def herbarium_2022() -> Files:
    """COCO with image_id in place of id, categories without a name, and a list of the test images."""
    paths = [f"{i % 6:03d}/{i % 2:02d}/{i % 6:05d}__{i:03d}.jpg" for i in range(36)]
    listed = [{"image_id": p.rpartition("/")[2][:-4], "file_name": p, "license": 1} for p in paths]
    marks = [
        {"genus_id": i % 3, "institution_id": i % 5, "category_id": i % 6, "image_id": listed[i]["image_id"]}
        for i in range(36)
    ]
    kinds = [{"category_id": k, "scientificName": f"Acer {k}", "family": "F", "genus": "Acer"} for k in range(6)]
    tests = [{"image_id": str(i), "file_name": f"{i // 4:03d}/test-{i:06d}.jpg", "license": 1} for i in range(8)]
    content = {"annotations": marks, "images": listed, "categories": kinds, "genera": [{"genus_id": 0, "genus": "A"}]}
    return {
        "train_metadata.json": json.dumps(content),
        "test_metadata.json": json.dumps(tests),
        "sample_submission.csv": table("Id,Predicted", [(i, 42) for i in range(8)]),
        **images("train_images", paths),
        **images("test_images", [str(test["file_name"]) for test in tests]),
    }


def inaturalist_2019() -> Files:
    """Paths with the folder above in COCO files of their own zips."""
    kinds = ("Plants", "Fungi", "Birds")
    paths = [f"train_val2019/{kinds[i % 3]}/{400 + i % 6}/{i:032x}.jpg" for i in range(36)]
    coco = {
        "info": {"year": 2019},
        "images": [{"id": i, "file_name": path, "width": 12, "height": 12} for i, path in enumerate(paths)],
        "annotations": [{"id": i, "image_id": i, "category_id": 400 + i % 6} for i in range(36)],
        "categories": [{"id": 400 + k, "name": f"species {k}", "supercategory": kinds[k % 3]} for k in range(6)],
    }
    tests = [{"id": 900 + i, "file_name": f"test2019/{900 + i:032x}.jpg"} for i in range(6)]
    return {
        "train2019.json": json.dumps(coco),
        "test2019.json": json.dumps({"info": {}, "images": tests}),
        "kaggle_sample_submission.csv": table("id,predicted", [(900 + i, 400) for i in range(6)]),
        **{path: one(i) for i, path in enumerate(paths)},
        **{str(test["file_name"]): one(i) for i, test in enumerate(tests)},
    }


def korean_labels() -> Files:
    """Tables in cp949, a folder above, and both splits in one folder."""
    names = ("고양이", "강아지", "토끼")
    return {
        "대회/학습.csv": table("파일명,종류", [(f"사진_{i}.jpg", names[i % 3]) for i in range(24)]).encode("cp949"),
        "대회/sample_submission.csv": table("파일명,종류", [(f"사진_{i}.jpg", names[0]) for i in range(24, 30)]).encode(
            "cp949"
        ),
        **images("대회/사진", [f"사진_{i}.jpg" for i in range(30)]),
    }


def header_only() -> Files:
    """A code competition whose sample has no rows, with ids without a suffix."""
    return {
        "train.csv": table("id,label", [(f"{i:05d}", ("cat", "dog", "owl")[i % 3]) for i in range(24)]),
        "sample_submission.csv": "id,label\n",
        **images("train_images", [f"{i:05d}" for i in range(24)], ".png"),
        **images("test_images", ["00100", "00101"], ".png"),
    }


def paths_in_a_column() -> Files:
    """A column of paths, a table of classes beside, and the suffix in upper case."""
    names = ("ash", "beech", "oak")
    rows = [(f"train/{names[i % 3]}/IMG_{i}.JPG", i % 3, 2020 + i % 2) for i in range(24)]
    return {
        "train.csv": table("filepath,class_id,year", rows),
        "test.csv": table("filepath,year", [(f"test/IMG_{i}.JPG", 2020) for i in range(50, 56)]),
        "classes.csv": table("class_id,name", list(enumerate(names))),
        "sample_submission.csv": table("filepath,class_id", [(f"test/IMG_{i}.JPG", 0) for i in range(50, 56)]),
        **{row[0]: one(i) for i, row in enumerate(rows)},
        **{f"test/IMG_{i}.JPG": one(i) for i in range(50, 56)},
    }


def other_suffix() -> Files:
    """The column Image has .jpg, and the files are .jpeg; grades are words."""
    grades = ("none", "mild", "moderate", "severe")
    return {
        "labels/train.csv": table("Image,severity", [(f"p{i}.jpg", grades[i % 4]) for i in range(24)]),
        "sample_submission.csv": table("Image,severity", [(f"q{i}.jpg", "none") for i in range(6)]),
        **images("train", [f"p{i}.jpeg" for i in range(24)]),
        **images("test", [f"q{i}.jpeg" for i in range(6)]),
    }


def numpy_arrays() -> Files:
    """Images are .npy files of 16 bits, and the answer is a number."""

    def array(seed: int) -> bytes:
        buffer = io.BytesIO()
        np.save(buffer, np.random.default_rng(seed).integers(0, 5000, (12, 12), dtype=np.uint16))
        return buffer.getvalue()

    return {
        "train.csv": table("id,depth", [(f"a{i}", 1.5 * i) for i in range(24)]),
        "sample_submission.csv": table("id,depth", [(f"b{i}", 0) for i in range(6)]),
        **{f"train/a{i}.npy": array(i) for i in range(24)},
        **{f"test/b{i}.npy": array(i) for i in range(6)},
    }


def leading_zeros() -> Files:
    """Ids of the sample begin with zeros, and files have them too; a sample of fractions for two folders."""
    return {
        "sample_submission.csv": table("id,probability", [(f"{i:05d}", 0.5) for i in range(1, 7)]),
        **images("data/train/healthy", [f"{i:05d}.jpg" for i in range(20, 30)]),
        **images("data/train/sick", [f"{i:05d}.jpg" for i in range(30, 40)]),
        **images("data/test", [f"{i:05d}.jpg" for i in range(1, 7)]),
    }
