"""The file that a person would write for each of the other archives; the metric is the only key that init is told."""

from collections.abc import Callable
from typing import Any

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
}  # fmt: skip
