"""The file that a person would write for each of the other archives; the metric is the only key that init is told."""

from collections.abc import Callable
from typing import Any

from unit.discovery import strange_archives as strange
from unit.discovery.other_archives import (
    GALAXY,
    Files,
    cars,
    galaxy_zoo,
    herbarium,
    invasive_species,
    leaf_classification,
    mac_folder,
    melanoma,
    numbered_columns,
    pixels_with_ids,
    planet,
    plant_seedlings,
    several_rows,
    whale,
    yes_or_no_of_one,
)


def described(train: dict[str, Any], test: Any, submission: dict[str, Any], **keys: Any) -> dict[str, Any]:
    layout = test if isinstance(test, dict) else {"images": test}
    return {"title": "-", "source": "archive", "train": train, "test": layout, "submission": submission, **keys}


def listed(table: str, id_: str, label: str, images: Any, **keys: Any) -> dict[str, Any]:
    return {"table": table, "id_column": id_, "label_column": label, "images": images, **keys}


_NYBG = {"coco": "nybg2020/train/metadata.json", "id_column": "id", "label_column": "category_id"}
_COMP = "Desktop/comp"
_BOX = {side: f"bbox_{side}" for side in ("x1", "y1", "x2", "y2")}
_BANDS = {"columns": ["band_1", "band_2"], "height": 8, "width": 8}
_P64 = {"columns": "p*", "height": 8, "width": 8}

OTHERS: dict[str, tuple[Callable[[], Files], dict[str, Any]]] = {
    "invasive-species": (invasive_species, described(
        listed("train_labels.csv", "name", "invasive", "train/{id}"), "test/{id}", {"id_column": "name"},
        task="binary", metric="auc",
    )),
    "plant-seedlings": (plant_seedlings, described(
        {"images": "train/{label}/{id}"}, "test/{id}", {"id_column": "file"}, metric="f1",
    )),
    "planet": (planet, described(
        listed("train_v2.csv", "image_name", "tags", "train-jpg/{id}"), ["test-jpg/{id}", "test-jpg-additional/{id}"],
        {"sample": "sample_submission_v2.csv", "id_column": "image_name"}, task="multilabel", metric="fbeta",
    )),
    "galaxy-zoo": (galaxy_zoo, described(
        {"table": "training_solutions_rev1/training_solutions_rev1.csv", "id_column": "GalaxyID",
         "label_columns": GALAXY, "images": "images_training_rev1/{id}"}, "images_test_rev1/{id}",
        {"sample": "all_zeros_benchmark/all_zeros_benchmark.csv", "id_column": "GalaxyID"},
        task="multi_regression", metric="rmse",
    )),
    "melanoma": (melanoma, described(
        listed("train.csv", "image_name", "target", "jpeg/train/{id}", group_column="patient_id"), "jpeg/test/{id}",
        {"id_column": "image_name"}, task="binary", metric="auc",
    )),
    "herbarium": (herbarium, described(
        {**_NYBG, "images": "nybg2020/train/{file_name}"},
        {"coco": "nybg2020/test/metadata.json", "id_column": "id", "images": "nybg2020/test/{file_name}"},
        {"id_column": "Id"}, metric="macro_f1",
    )),
    "whale": (whale, described(
        listed("train.csv", "Image", "Id", "train/{id}"), "test/{id}", {"id_column": "Image"},
        metric="map_at_k", policies={"single_image_classes": "train"},
    )),
    "leaf-classification": (leaf_classification, described(
        listed("train.csv", "id", "species", "images/{id}"), "images/{id}", {"id_column": "id"}, metric="log_loss",
    )),
    "mac-folder": (mac_folder, described(
        listed(f"{_COMP}/labels_train.csv", "photo", "what", f"{_COMP}/photos for training/{{id}}"),
        f"{_COMP}/photos for testing/{{id}}", {"sample": f"{_COMP}/Sample_Submission.csv", "id_column": "photo"},
        metric="accuracy",
    )),
    "several-rows": (several_rows, described(
        listed("ratings.csv", "path", "stage", "{id}"), "{id}",
        {"sample": "submission_format.csv", "id_column": "path"}, task="ordinal", metric="quadratic_weighted_kappa",
        policies={"repeated_rows": "first"},
    )),
    "yes-or-no-of-one": (yes_or_no_of_one, described(
        {"table": "data/train.csv", "id_column": "uid", "label_columns": ["Melanoma", "Nevus", "Other"],
         "images": "data/images/{id}", "group_column": "site"}, "data/images/{id}",
        {"sample": "data/sample.csv", "id_column": "uid"}, metric="accuracy",
    )),
    "cars": (cars, described(
        listed("train.csv", "img_file", "class", "train/{id}", box=_BOX),
        {"table": "test.csv", "id_column": "img_file", "images": "test/{id}", "box": _BOX},
        {"id_column": "img_file"}, metric="accuracy",
    )),
    "pixels-with-ids": (pixels_with_ids, described(
        {"table": "train.csv", "id_column": "item", "label_column": "kind", "pixels": _P64},
        {"table": "test.csv", "id_column": "item", "pixels": _P64}, {"id_column": "item"}, metric="accuracy",
    )),
    "numbered-columns": (numbered_columns, described(
        {"images": "data/train/{label}/{id}"}, "data/test/{id}",
        {"sample": "data/sample_submission.csv", "id_column": "id",
         "columns": {"0": "class_0", "1": "class_1", "2": "class_2"}}, metric="log_loss",
    )),
    "statoil-iceberg": (strange.statoil_iceberg, described(
        {"table": "train.json", "id_column": "id", "label_column": "is_iceberg", "pixels": _BANDS},
        {"table": "test.json", "id_column": "id", "pixels": _BANDS}, {"id_column": "id"},
        task="binary", metric="log_loss",
    )),
    "protein-atlas": (strange.protein_atlas, described(
        {"table": "train.csv", "id_column": "Id", "label_column": "Target",
         "channels": [f"train/{{id}}_{colour}.png" for colour in ("red", "green", "blue")]},
        {"channels": [f"test/{{id}}_{colour}.png" for colour in ("red", "green", "blue")]}, {"id_column": "Id"},
        task="multilabel", metric="macro_f1",
    )),
    "breast-cancer": (strange.breast_cancer, described(
        listed("train.csv", "image_id", "cancer", "train_images/{patient_id}/{id}", group_column="patient_id"),
        {"table": "test.csv", "id_column": "prediction_id", "images": "test_images/{patient_id}/{image_id}"},
        {"id_column": "prediction_id"}, task="binary", metric="probabilistic_f1",
        policies={"repeated_test_rows": "mean"},
    )),
    "herbarium-2022": (strange.herbarium_2022, described(
        {"coco": "train_metadata.json", "id_column": "image_id", "label_column": "category_id",
         "images": "train_images/{file_name}"},
        {"coco": "test_metadata.json", "id_column": "image_id", "images": "test_images/{file_name}"},
        {"id_column": "Id"}, metric="macro_f1",
    )),
    "inaturalist-2019": (strange.inaturalist_2019, described(
        {"coco": "train2019.json", "id_column": "id", "label_column": "category_id", "images": "{file_name}"},
        {"coco": "test2019.json", "id_column": "id", "images": "{file_name}"},
        {"sample": "kaggle_sample_submission.csv", "id_column": "id"}, metric="error",
    )),
    "korean-labels": (strange.korean_labels, described(
        listed("대회/학습.csv", "파일명", "종류", "대회/사진/{id}"), "대회/사진/{id}",
        {"sample": "대회/sample_submission.csv", "id_column": "파일명"}, metric="accuracy", encoding="cp949",
    )),
    "header-only": (strange.header_only, described(
        listed("train.csv", "id", "label", "train_images/{id}"), "test_images/{id}.png", {"id_column": "id"},
        metric="accuracy",
    )),
    "paths-in-a-column": (strange.paths_in_a_column, described(
        listed("train.csv", "filepath", "class_id", "{id}"), "{id}", {"id_column": "filepath"}, metric="accuracy",
    )),
    "other-suffix": (strange.other_suffix, described(
        listed("labels/train.csv", "Image", "severity", "train/{stem}"), "test/{stem}", {"id_column": "Image"},
        metric="accuracy",
    )),
    "numpy-arrays": (strange.numpy_arrays, described(
        listed("train.csv", "id", "depth", "train/{id}"), "test/{id}", {"id_column": "id", "form": "numbers"},
        task="regression", metric="rmse",
    )),
    "leading-zeros": (strange.leading_zeros, described(
        {"images": "data/train/{label}/{id}"}, "data/test/{id}", {"id_column": "id"},
        task="binary", positive_class="sick", metric="auc",
    )),
}  # fmt: skip
