"""Which column is a group, and which policies rows need."""

from pathlib import Path

import pandas as pd
import pytest
from scoretable.discovery.contents import split_paths
from scoretable.discovery.draft import Draft
from scoretable.discovery.label_columns import Labels
from scoretable.discovery.places import locate
from scoretable.discovery.question import tell_question
from scoretable.discovery.safeguards import find_group, find_group_pattern, settle_policies
from scoretable.discovery.samples import Sample
from scoretable.discovery.training import Training

IDS = [f"i{number}" for number in range(24)]
COLOURS = ("red", "green", "blue")


def training(ids: list[str] = IDS, images: list[str] = IDS, **columns: list[str]) -> Training:
    labels = [COLOURS[number % 3] for number in range(len(ids))]
    rows = pd.DataFrame({"id": ids, "label": labels} | columns, dtype=str)
    place = locate(rows["id"], split_paths([f"train/{name}.png" for name in images]), "train")
    return Training(rows, Labels(5, "", "label"), place, "table", "train.csv", "id")


def cycled(count: int) -> list[str]:
    return [f"v{number * 7 % count}" for number in range(len(IDS))]


@pytest.mark.parametrize("name", ["PatientID", "patient_id", "driver", "Subject", "location"])
def test_a_column_that_is_named_like_a_group_is_one(name: str) -> None:
    found = find_group(training(**{name: cycled(5)}))
    assert found is not None and found[0] == name and "5 values in 24 rows" in found[1]


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("Subject Focus", cycled(5)),
        ("patient_age", cycled(5)),
        ("patient", cycled(2)),
        ("patient", IDS),
        ("hue", cycled(5)),
    ],
    ids=["two-words", "age", "two-values", "one-image-each", "other-name"],
)
def test_other_columns_are_none(name: str, values: list[str]) -> None:
    assert find_group(training(**{name: values})) is None


def test_a_person_comes_before_a_place() -> None:
    found = find_group(training(site=cycled(5), patient=cycled(11)))
    assert found is not None and found[0] == "patient"


def test_a_group_that_holds_all_images_of_its_labels_would_leave_a_fold_without_them() -> None:
    groups = [f"v{number % 3}" for number in range(24)]
    assert find_group(training(site=groups)) is None


def test_left_and_right_of_one_person_are_a_group() -> None:
    ids = [f"{number // 2}_{('left', 'right')[number % 2]}" for number in range(24)]
    found = find_group_pattern(training(ids, ids))
    assert found is not None and found[0] == "{group}_{side}"
    assert find_group_pattern(training()) is None


def settled(found: Training) -> Draft:
    table = pd.DataFrame({"id": ["t"], "label": ["red"]}, dtype=str)
    sample, draft = Sample("sample.csv", table, "id", None), Draft()
    settle_policies(draft, found, sample, tell_question(found, sample, None))
    return draft


def policies(found: Training) -> dict[str, str]:
    return {path.partition(".")[2]: value for path, (value, _) in settled(found).keys.items()}


def test_rows_that_can_all_be_used_need_no_policy() -> None:
    assert policies(training()) == {}


def test_rows_without_a_file_are_skipped() -> None:
    assert policies(training([*IDS, "gone"])) == {"missing_images": "skip"}


def test_rows_that_say_the_same_need_no_policy() -> None:
    assert policies(training([*IDS, "i0"])) == {}


def test_the_first_of_rows_that_differ_is_taken_and_a_question() -> None:
    draft = settled(training([*IDS, "i1"]))
    assert draft.keys["policies.repeated_rows"][0] == "first"
    assert draft.questions[0].startswith(
        "policies.repeated_rows: 1 id with rows that differ, such as i1 (green, red); first takes the first row"
    )


def test_what_a_policy_skips_is_to_be_checked() -> None:
    steps = settled(training([*IDS, "gone"])).next_steps(Path("a.yaml"), None)
    assert "Check policies.missing_images: 1 training row (such as gone) and 0 test images without a file" in steps[1]


def test_rows_without_a_label_are_skipped() -> None:
    found = training()
    found.rows.loc[3, "label"] = " "
    assert policies(found) == {"empty_labels": "skip"}


def test_a_row_without_a_number_among_numbers_is_skipped() -> None:
    amounts = [f"{number}.5" for number in range(23)]
    assert policies(training(label=[*amounts, "nan"])) == {"empty_labels": "skip"}


def test_a_row_without_a_label_and_a_file_is_skipped_for_one_of_them() -> None:
    found = training([*IDS, ".DS_Store"])
    found.rows.loc[24, "label"] = ""
    assert policies(found) == {"missing_images": "skip"}


def test_a_class_with_one_image_is_trained_on() -> None:
    found = training()
    found.rows.loc[3, "label"] = "black"
    assert policies(found) == {"single_image_classes": "train"}
