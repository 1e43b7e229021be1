"""Small archives in the layouts of real Kaggle competitions, drawn here; the keys of DRAWN are the presets' names."""

import json
from collections.abc import Callable

import numpy as np
from drawn_files import picture, table, zipped

Files = dict[str, bytes | str]


def draw_archive(name: str) -> bytes:
    """Return the zip archive of the competition of that name."""
    return zipped(DRAWN[name]())


def draw_aerial_cactus() -> Files:
    files: Files = {}
    ids = [f"{i:08x}.jpg" for i in range(60)]
    files["train.csv"] = table("id,has_cactus", [(id_, k % 2) for k, id_ in enumerate(ids[:48])])
    files["train.zip"] = zipped({f"train/{id_}": picture(k % 2, k, size=32) for k, id_ in enumerate(ids[:48])})
    files["test.zip"] = zipped({f"test/{id_}": picture(k % 2, 900 + k, size=32) for k, id_ in enumerate(ids[48:])})
    files["sample_submission.csv"] = table("id,has_cactus", [(id_, 0.5) for id_ in ids[48:]])
    return files


def draw_alaska2() -> Files:
    files: Files = {}
    # The labels are folders at the top of the archive, and Test is one more folder beside them.
    for k, name in enumerate(("Cover", "JMiPOD", "JUNIWARD", "UERD")):
        files |= {f"{name}/{i:05d}.jpg": picture(k, i) for i in range(1, 13)}
    files |= {f"Test/{i:04d}.jpg": picture(i % 4, 900 + i) for i in range(1, 13)}
    files["sample_submission.csv"] = table("Id,Label", [(f"{i:04d}.jpg", 0) for i in range(1, 13)])
    return files


def draw_aptos2019() -> Files:
    files: Files = {}
    ids = [f"{i:012x}" for i in range(72)]
    files["train.csv"] = table("id_code,diagnosis", [(id_, k % 5) for k, id_ in enumerate(ids[:60])])
    files["test.csv"] = table("id_code", [(id_,) for id_ in ids[60:]])
    files["sample_submission.csv"] = table("id_code,diagnosis", [(id_, 0) for id_ in ids[60:]])
    files |= {f"train_images/{id_}.png": picture(k % 5, k, "png") for k, id_ in enumerate(ids[:60])}
    files |= {f"test_images/{id_}.png": picture(k % 5, 900 + k, "png") for k, id_ in enumerate(ids[60:])}
    return files


def draw_cars() -> Files:
    """Two photos of each of 196 classes, 1 to 196, and boxes."""
    files: Files = {}
    corners = np.random.default_rng(0).integers(0, 8, (412, 2))
    boxes = [(x, y, x + 20, y + 16) for x, y in corners.tolist()]
    ids = [f"{'train' if i < 392 else 'test'}_{i:05d}.jpg" for i in range(412)]
    header = "img_file,bbox_x1,bbox_y1,bbox_x2,bbox_y2"
    rows = [(id_, *box, i % 196 + 1) for i, (id_, box) in enumerate(zip(ids, boxes, strict=True))]
    files["train.csv"] = table(f"{header},class", rows[:392])
    files["test.csv"] = table(header, [row[:-1] for row in rows[392:]])
    files["train.zip"] = zipped({id_: picture(i % 196, i, size=32) for i, id_ in enumerate(ids[:392])})
    files["test.zip"] = zipped({id_: picture(i % 196, 900 + i, size=32) for i, id_ in enumerate(ids[392:])})
    files["class.csv"] = "id,name\n1,AM General Hummer SUV 2000\n"
    files["sample_submission.csv"] = table("img_file,class", [(id_, 1) for id_ in ids[392:]])
    return files


def draw_cassava() -> Files:
    files: Files = {}
    files["train.csv"] = table("image_id,label", [(f"{1000 + i}.jpg", i % 5) for i in range(60)])
    files["sample_submission.csv"] = table("image_id,label", [("2216849948.jpg", 4)])
    files["label_num_to_disease_map.json"] = json.dumps({str(k): f"disease {k}" for k in range(5)})
    files |= {f"train_images/{1000 + i}.jpg": picture(i % 5, i) for i in range(60)}
    files["test_images/2216849948.jpg"] = picture(4, 901)
    files["train_tfrecords/ld_train00-1338.tfrec"] = b"\x00" * 400
    files["test_tfrecords/ld_test00-1.tfrec"] = b"\x00" * 400
    return files


def draw_diabetic_retinopathy() -> Files:
    files: Files = {}
    ids = [f"{i // 2}_{('left', 'right')[i % 2]}" for i in range(72)]
    files["trainLabels.csv.zip"] = zipped(
        {"trainLabels.csv": table("image,level", [(id_, k % 5) for k, id_ in enumerate(ids[:60])])}
    )
    files["sampleSubmission.csv.zip"] = zipped(
        {"sampleSubmission.csv": table("image,level", [(id_, 0) for id_ in ids[60:]])}
    )
    for name, part in (("train", ids[:60]), ("test", ids[60:])):
        whole = zipped(
            {f"{name}/{id_}.jpeg": picture(k % 5, 100 * len(part) + k, "jpeg") for k, id_ in enumerate(part)}
        )
        half = len(whole) // 2
        files[f"{name}.zip.001"], files[f"{name}.zip.002"] = whole[:half], whole[half:]
    return files


def draw_digit_recognizer(side: int = 28) -> Files:
    files: Files = {}
    rng = np.random.default_rng(0)
    pixels = ",".join(f"pixel{k}" for k in range(side**2))
    files["train.csv"] = table("label," + pixels, [(i % 10, *rng.integers(0, 256, side**2)) for i in range(40)])
    files["test.csv"] = table(pixels, [rng.integers(0, 256, side**2).tolist() for _ in range(8)])
    files["sample_submission.csv"] = table("ImageId,Label", [(i, 0) for i in range(1, 9)])
    return files


def draw_dog_breed() -> Files:
    files: Files = {}
    breeds = ("affenpinscher", "beagle", "borzoi", "chow")
    ids = [f"{i:032x}" for i in range(60)]
    files["labels.csv"] = table("id,breed", [(id_, breeds[k % 4]) for k, id_ in enumerate(ids[:48])])
    files |= {f"train/{id_}.jpg": picture(k % 4, k) for k, id_ in enumerate(ids[:48])}
    files |= {f"test/{id_}.jpg": picture(k % 4, 900 + k) for k, id_ in enumerate(ids[48:])}
    files["sample_submission.csv"] = table("id," + ",".join(breeds), [(id_, *[0.25] * 4) for id_ in ids[48:]])
    return files


def draw_dogs_vs_cats() -> Files:
    files: Files = {}
    train = {f"train/{name}.{i}.jpg": picture(k, i) for k, name in enumerate(("cat", "dog")) for i in range(24)}
    test = {f"test/{i}.jpg": picture(i % 2, 500 + i) for i in range(1, 13)}
    files["train.zip"] = zipped(train)
    files["test.zip"] = zipped(test)
    files["sample_submission.csv"] = table("id,label", [(i, 0.5) for i in range(1, 13)])
    return files


def draw_histopathologic_tif() -> Files:
    files: Files = {}
    ids = [f"{i:040x}" for i in range(60)]
    files["train_labels.csv"] = table("id,label", [(id_, k % 2) for k, id_ in enumerate(ids[:48])])
    files |= {f"train/{id_}.tif": picture(k % 2, k, "tif") for k, id_ in enumerate(ids[:48])}
    files |= {f"test/{id_}.tif": picture(k % 2, 900 + k, "tif") for k, id_ in enumerate(ids[48:])}
    files["sample_submission.csv"] = table("id,label", [(id_, 0) for id_ in ids[48:]])
    return files


def draw_hotel_id_2021() -> Files:
    files: Files = {}
    rows = [(f"{i:016x}.jpg", i % 3, 100 + i % 6, "2018-01-01 00:00:00") for i in range(60)]
    files["train.csv"] = table("image,chain,hotel_id,timestamp", rows)
    files |= {
        f"train_images/{chain}/{image}": picture(hotel - 100, i) for i, (image, chain, hotel, _) in enumerate(rows)
    }
    files["sample_submission.csv"] = table(
        "image,hotel_id", [(f"f{i:015x}.jpg", "100 101 102 103 104") for i in range(3)]
    )
    files |= {f"test_images/f{i:015x}.jpg": picture(i, 900 + i) for i in range(3)}
    return files


def draw_imet_2020() -> Files:
    files: Files = {}
    sets = ("0 1", "0 2", "10 147", "1 10", "2 147 0")
    files["train.csv"] = table("id,attribute_ids", [(f"{i:032x}", sets[i % 5]) for i in range(60)])
    files["labels.csv"] = table("attribute_id,attribute_name", [(i, f"country::{i}") for i in (0, 1, 2, 10, 147)])
    files["sample_submission.csv"] = table("id,attribute_ids", [(f"f{i:031x}", "0 1 2") for i in range(8)])
    files |= {f"train/{i:032x}.png": picture(i % 5, i, "png") for i in range(60)}
    files |= {f"test/f{i:031x}.png": picture(i % 5, 900 + i, "png") for i in range(8)}
    return files


def draw_iwildcam_2020() -> Files:
    files: Files = {}
    ids = [f"86760c00-21bc-11ea-a13a-{i:012x}" for i in range(60)]
    meta = {
        "annotations": [{"id": f"a{i}", "image_id": id_, "category_id": i % 4} for i, id_ in enumerate(ids[:48])],
        "categories": [{"id": k, "name": f"animal {k}"} for k in range(4)],
        "images": [{"id": id_, "file_name": f"{id_}.jpg", "location": i % 5} for i, id_ in enumerate(ids[:48])],
    }
    files["iwildcam2020_train_annotations.json"] = json.dumps(meta)
    files["iwildcam2020_test_information.json"] = json.dumps(
        {"images": [{"id": id_, "file_name": f"{id_}.jpg"} for id_ in ids[48:]]}
    )
    files |= {f"train/{id_}.jpg": picture(i % 4, i) for i, id_ in enumerate(ids[:48])}
    files |= {f"test/{id_}.jpg": picture(i % 4, 900 + i) for i, id_ in enumerate(ids[48:])}
    files["sample_submission.csv"] = table("Id,Category", [(id_, 0) for id_ in ids[48:]])
    return files


def draw_label_in_name() -> Files:
    files: Files = {}
    # The label and an id with `_` in it share the file name: cat_2019_01.jpg, dog_2020_07.jpg
    for k, name in enumerate(("cat", "dog")):
        files |= {f"train/{name}_{2019 + i % 2}_{i:02d}.jpg": picture(k, i) for i in range(12)}
    files |= {f"test/{i}.jpg": picture(i % 2, 900 + i) for i in range(8)}
    files["sample_submission.csv"] = table("id,label", [(i, "cat") for i in range(8)])
    return files


def draw_missing_image() -> Files:
    files: Files = {}
    # As in several real competitions: one row of train.csv has no file (sorghum-id-fgvc-9 lists a .DS_Store).
    files["train.csv"] = table("image,cultivar", [(".DS_Store", "")] + [(f"{i}.png", f"PI_{i % 3}") for i in range(36)])
    files |= {f"train_images/{i}.png": picture(i % 3, i, "png") for i in range(36)}
    files |= {f"test/{i}.png": picture(i % 3, 900 + i, "png") for i in range(8)}
    files["sample_submission.csv"] = table("filename,cultivar", [(f"{i}.png", "PI_0") for i in range(8)])
    return files


def draw_petfinder() -> Files:
    files: Files = {}
    rows = [(f"{i:032x}", i % 2, 1, 20 + 15 * (i % 5) + i % 3) for i in range(60)]
    files["train.csv"] = table("Id,Subject Focus,Eyes,Pawpularity", rows)
    files["test.csv"] = table("Id,Subject Focus,Eyes", [(f"f{i:031x}", 0, 1) for i in range(8)])
    files["sample_submission.csv"] = table("Id,Pawpularity", [(f"f{i:031x}", "99.24") for i in range(8)])
    files |= {f"train/{i:032x}.jpg": picture(i % 5, i) for i in range(60)}
    files |= {f"test/f{i:031x}.jpg": picture(i % 5, 900 + i) for i in range(8)}
    return files


def draw_plant_pathology_2020() -> Files:
    files: Files = {}
    names = ("healthy", "multiple_diseases", "rust", "scab")
    rows = [(f"Train_{i}", *[int(i % 4 == k) for k in range(4)]) for i in range(48)]
    files["train.csv"] = table("image_id," + ",".join(names), rows)
    files["test.csv"] = table("image_id", [(f"Test_{i}",) for i in range(12)])
    files["sample_submission.csv"] = table(
        "image_id," + ",".join(names), [(f"Test_{i}", *[0.25] * 4) for i in range(12)]
    )
    files |= {f"images/Train_{i}.jpg": picture(i % 4, i) for i in range(48)}
    files |= {f"images/Test_{i}.jpg": picture(i % 4, 900 + i) for i in range(12)}
    return files


def draw_plant_pathology_2021() -> Files:
    files: Files = {}
    sets = ("healthy", "scab", "rust", "scab frog_eye_leaf_spot", "rust complex", "frog_eye_leaf_spot complex")
    files["train.csv"] = table("image,labels", [(f"{i:016x}.jpg", sets[i % 6]) for i in range(60)])
    files["sample_submission.csv"] = table("image,labels", [(f"f{i:015x}.jpg", "healthy") for i in range(3)])
    files |= {f"train_images/{i:016x}.jpg": picture(i % 6, i) for i in range(60)}
    files |= {f"test_images/f{i:015x}.jpg": picture(i % 6, 900 + i) for i in range(3)}
    return files


def draw_ranzcr_clip() -> Files:
    files: Files = {}
    names = (
        *("ETT - Abnormal", "ETT - Borderline", "ETT - Normal", "NGT - Abnormal", "NGT - Borderline"),
        *("NGT - Incompletely Imaged", "NGT - Normal", "CVC - Abnormal", "CVC - Borderline", "CVC - Normal"),
        "Swan Ganz Catheter Present",
    )
    header = "StudyInstanceUID," + ",".join(names)
    uids = [f"1.2.826.0.1.3680043.8.498.{10**20 + i}" for i in range(912)]
    rows = [(uids[i], *[int(i % (k + 2) == 0) for k in range(11)], f"patient{i % 7}") for i in range(48)]
    files["train.csv"] = table(header + ",PatientID", rows)
    files["sample_submission.csv"] = table(header, [(uids[i], *[0] * 11) for i in range(900, 912)])
    files |= {f"train/{uids[i]}.jpg": picture(i % 10, i, mode="L") for i in range(48)}
    files |= {f"test/{uids[i]}.jpg": picture(i % 10, i, mode="L") for i in range(900, 912)}
    return files


def draw_state_farm() -> Files:
    files: Files = {}
    rows = [(f"p{i % 6:03d}", f"c{i % 5}", f"img_{i}.jpg") for i in range(60)]
    files["driver_imgs_list.csv"] = table("subject,classname,img", rows)
    files |= {f"imgs/train/{label}/{id_}": picture(i % 5, i) for i, (_, label, id_) in enumerate(rows)}
    files |= {f"imgs/test/img_{i}.jpg": picture(i % 5, 900 + i) for i in range(1000, 1012)}
    classes = [f"c{k}" for k in range(5)]
    files["sample_submission.csv"] = table(
        "img," + ",".join(classes), [(f"img_{i}.jpg", *[0.2] * 5) for i in range(1000, 1012)]
    )
    return files


def draw_tif_folders() -> Files:
    files: Files = {}
    # Labels by folder, pictures as .tif (as in many satellite and microscopy sets).
    for k, name in enumerate(("Forest", "River", "Highway")):
        files |= {f"train/{name}/{i}.tif": picture(k, i, "tif") for i in range(12 * k, 12 * k + 12)}
    files |= {f"test/{i}.tif": picture(i % 3, 900 + i, "tif") for i in range(8)}
    files["sample_submission.csv"] = table("id,label", [(i, "Forest") for i in range(8)])
    return files


DRAWN: dict[str, Callable[[], Files]] = {
    "2019-3rd-ml-month-with-kakr": draw_cars,
    "aerial-cactus-identification": draw_aerial_cactus,
    "alaska2-image-steganalysis": draw_alaska2,
    "aptos2019-blindness-detection": draw_aptos2019,
    "cassava-leaf-disease-classification": draw_cassava,
    "diabetic-retinopathy-detection": draw_diabetic_retinopathy,
    "digit-recognizer": draw_digit_recognizer,
    "dog-breed-identification": draw_dog_breed,
    "dogs-vs-cats-redux-kernels-edition": draw_dogs_vs_cats,
    "histopathologic-cancer-detection": draw_histopathologic_tif,
    "hotel-id-2021-fgvc8": draw_hotel_id_2021,
    "imet-2020-fgvc7": draw_imet_2020,
    "iwildcam-2020-fgvc7": draw_iwildcam_2020,
    "label-in-name": draw_label_in_name,
    "missing-image": draw_missing_image,
    "petfinder-pawpularity-score": draw_petfinder,
    "plant-pathology-2020-fgvc7": draw_plant_pathology_2020,
    "plant-pathology-2021-fgvc8": draw_plant_pathology_2021,
    "ranzcr-clip-catheter-line-classification": draw_ranzcr_clip,
    "state-farm-distracted-driver-detection": draw_state_farm,
    "tif-folders": draw_tif_folders,
}
