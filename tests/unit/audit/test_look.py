"""What is planted among 600 drawn images is found: 20 near duplicates and 20 wrong labels."""

import json

import numpy as np
import pytest
from scoretable.audit.look import Look, look_at
from scoretable.audit.report import describe
from scoretable.images.image_cache import ImageCache
from unit.audit.planted import CLASSES, Planted, make_cache, paint, plant


@pytest.fixture(scope="module")
def planted() -> Planted:
    return plant()


@pytest.fixture(scope="module")
def look(planted: Planted) -> Look:
    return look_at(planted.cache, folds=5, seed=0, given=planted.answers)


def rate(found: set, planted: set) -> tuple[float, float]:
    """Recall and precision."""
    hits = len(found & planted)
    return hits / len(planted), hits / max(len(found), 1)


def test_all_near_duplicates_are_found_and_nothing_else(planted: Planted, look: Look) -> None:
    train = len(planted.cache.train)
    groups = [sorted([*repeat.train, *(train + place for place in repeat.test)]) for repeat in look.repeats]
    pairs = {(one, other) for group in groups for place, one in enumerate(group) for other in group[place + 1 :]}
    assert rate(pairs, {(min(pair), max(pair)) for pair in planted.copies}) == (1.0, 1.0)


def test_most_wrong_labels_are_found_and_few_right_ones(planted: Planted, look: Look) -> None:
    assert look.suspects is not None
    recall, precision = rate({suspect.row for suspect in look.suspects}, set(planted.wrong))
    assert recall >= 0.75
    assert precision >= 0.75


def test_the_likeliest_suspects_come_first(planted: Planted, look: Look) -> None:
    assert look.suspects is not None
    assert {suspect.row for suspect in look.suspects[:10]} <= set(planted.wrong)
    assert np.all(np.diff([suspect.certainty for suspect in look.suspects]) >= 0)


def test_two_halves_of_the_same_kind_are_not_told_apart(look: Look) -> None:
    assert look.shift is not None
    assert look.shift.auc.low < 0.5 < look.shift.auc.high


def test_the_report_names_images_by_their_ids(planted: Planted, look: Look) -> None:
    found = json.loads(json.dumps(describe(look)))
    assert found["images"] == {"train": 480, "test": 120, "test_unread": 0}
    assert found["duplicates"]["groups"] == 20
    assert found["duplicates"]["train_and_test"] == {"groups": 2, "test_images": 2}
    assert {name for group in found["duplicates"]["list"] for name in group["test"]} == {"1000.jpg", "1001.jpg"}
    assert found["label_suspects"]["images"] == 480
    assert {each["id"] for each in found["label_suspects"]["list"][:5]} <= {f"{row}.jpg" for row in planted.wrong}
    assert sum(each["train"] for each in found["classes"]) == 480
    assert found["sizes"] == [{"width": 64, "height": 64, "train": 480, "test": 120}]


def test_each_fold_tells_how_many_images_it_holds_out_have_a_copy_in_training(look: Look) -> None:
    assert [images for images, _ in look.leaks] == [96] * 5
    assert 0 < sum(copies for _, copies in look.leaks) <= 36


def small(task: str = "multiclass") -> ImageCache:
    random = np.random.default_rng(1)
    kinds = np.arange(30) % 3
    pictures = np.stack([paint(kind, random) for kind in kinds])
    cache = make_cache(pictures, pictures[:4], kinds, CLASSES)
    return ImageCache(**(vars(cache) | {"task": task}))


def test_a_test_image_that_could_not_be_read_is_left_out() -> None:
    cache = small()
    cache.test.loc[1, ["source_height", "source_width"]] = 0
    look = look_at(cache, 2, 0, None)
    assert look.known.tolist() == [0, 2, 3]
    assert sorted(place for repeat in look.repeats for place in repeat.test) == [0, 2, 3]
    assert describe(look)["images"]["test_unread"] == 1


def test_without_a_row_the_look_says_how_to_make_one() -> None:
    look = look_at(small(), 2, 0, None)
    assert look.suspects is None
    assert "make one with `snakemake --cores 1 submission`" in look.why
    assert describe(look)["train_and_test"] is None  # four test images are too few


def test_answers_of_other_data_tell_nothing(planted: Planted) -> None:
    assert "the row here is of other data" in look_at(small(), 2, 0, planted.answers).why


def test_a_task_without_a_single_label_says_that_suspects_are_not_told() -> None:
    assert "task: ordinal has no single label" in look_at(small("ordinal"), 2, 0, None).why
