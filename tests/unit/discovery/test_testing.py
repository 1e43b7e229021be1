"""Where the test images are found: by the sample, or by what lists them."""

from pathlib import Path

import pytest
from scoretable.discovery.samples import find_sample
from scoretable.discovery.testing import PlaceOfTest, find_box, find_testing
from scoretable.discovery.training import find_listed
from scoretable.workspace.errors import InputError
from unit.discovery.archives import contents

TRAIN = "id,label\n" + "".join(f"a{number},{number % 2}\n" for number in range(6))
IMAGES = [f"train/a{number}.png" for number in range(6)] + ["test/b0.png", "test/b1.png"]


def look(folder: Path, sample: str, *names: str, **tables: str) -> PlaceOfTest:
    with contents(folder, *IMAGES, *names, train=TRAIN, sample=sample, **tables) as found:
        chosen = find_sample(found)
        training = find_listed(found, chosen)
        assert training is not None
        return find_testing(found, chosen, training)


def test_the_sample_alone_lists_the_test_images_if_it_names_them(tmp_path: Path) -> None:
    found = look(tmp_path, "id,label\nb0,0\nb1,0\n", test="id\nb0\nb1\n")
    assert (found.listing, found.place.patterns) == ("", ["test/{id}"])


def test_a_table_leads_from_numbers_to_paths(tmp_path: Path) -> None:
    found = look(tmp_path, "row,label\n1,0\n2,0\n", test="row,file\n1,test/b0.png\n2,test/b1.png\n")
    assert (found.listing, found.id_column, found.place.patterns) == ("test.csv", "row", ["{file}"])


def test_a_sample_without_rows_leaves_it_to_the_table_of_its_id_column(tmp_path: Path) -> None:
    found = look(tmp_path, "id,label\n", test="id\nb0\nb1\n")
    assert (found.listing, found.place.patterns) == ("test.csv", ["test/{id}"])


def test_boxes_are_known_by_their_names() -> None:
    assert find_box(["x", "bbox_x1", "bbox_y1", "bbox_x2", "bbox_y2"]) == {
        "x1": "bbox_x1", "y1": "bbox_y1", "x2": "bbox_x2", "y2": "bbox_y2",
    }  # fmt: skip
    assert find_box(["xmin", "ymin", "xmax", "ymax"]) is not None
    assert find_box(["left", "top", "width", "height"]) is None


def test_test_ids_that_only_name_training_images_have_no_image(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"sample.csv has ids \(1, 2\) that name no image"):
        look(tmp_path, "row,label\n1,0\n2,0\n")


@pytest.mark.parametrize(
    ("others", "chosen"),
    [
        ({"sample_submission_v2": "id,label\nb0,0\nb1,0\n"}, "sample_submission_v2.csv"),
        ({"benchmark": "id,label\nb0,0\nb1,0\n"}, "sample_submission.csv"),
        ({"sample_of_train": "what,else\nx,0\n"}, "sample_submission.csv"),
    ],
)
def test_of_several_samples_the_one_that_is_named_so_and_has_the_most_test_images_is_taken(
    tmp_path: Path, others: dict[str, str], chosen: str
) -> None:
    with contents(tmp_path, *IMAGES, sample_submission="id,label\nb0,0\n", **others) as found:
        sample = find_sample(found)
    assert sample.name == chosen and len(sample.others) == 1


@pytest.mark.parametrize(
    ("names", "patterns", "count"),
    [
        ((), ["test/{id}.png"], 2),
        (("more/c.png", "more/d.png", "more/e.png"), ["test/{id}.png"], 2),
        (("test/deep/c.png",), ["test/{id}.png", "test/{folder1}/{id}.png"], 3),
    ],
    ids=["one-folder", "beside-another", "deeper"],
)
def test_the_folder_of_test_images_gives_the_ids_of_a_sample_without_rows(
    tmp_path: Path, names: tuple[str, ...], patterns: list[str], count: int
) -> None:
    found = look(tmp_path, "id,label\n", *names)
    assert (found.listing, found.place.patterns, found.place.found) == ("", patterns, count)
    assert f"the ids are the names of these {count} images, without .png" in found.doubt


def test_ids_have_a_suffix_where_those_of_training_images_have(tmp_path: Path) -> None:
    table = "id,label\n" + "".join(f"a{number}.png,{number % 2}\n" for number in range(6))
    with contents(tmp_path, *IMAGES, train=table, sample="id,label\n") as found:
        sample = find_sample(found)
        training = find_listed(found, sample)
        assert training is not None
        assert find_testing(found, sample, training).place.patterns == ["test/{id}"]


def test_images_beside_those_that_are_trained_on_are_test_images_where_no_folder_is_named_so(tmp_path: Path) -> None:
    names = [f"all/a{number}.png" for number in range(9)]
    with contents(tmp_path, *names, train=TRAIN, sample="id,label\n") as found:
        sample = find_sample(found)
        training = find_listed(found, sample)
        assert training is not None
        rest = find_testing(found, sample, training).place
    assert rest.patterns == ["all/{id}.png"] and rest.hits["stem"].tolist() == ["a6", "a7", "a8"]


def test_rows_with_the_id_of_another_are_counted(tmp_path: Path) -> None:
    found = look(tmp_path, "row,label\n1,0\n2,0\n", test="row,file\n1,test/b0.png\n1,test/b1.png\n2,test/b1.png\n")
    assert found.repeated == 1
