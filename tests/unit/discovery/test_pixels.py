"""Tables that hold the images, as columns of a CSV or as arrays in JSON."""

import json
from pathlib import Path

import pytest
from scoretable.archive.archive import open_archive
from scoretable.discovery.contents import Contents
from scoretable.discovery.pixels import Pixels, find_pixels
from scoretable.discovery.samples import find_sample
from unit.archives import make_zip


def find(folder: Path, train: object, test: object) -> Pixels | None:
    files = {"train.json": json.dumps(train), "test.json": json.dumps(test), "sample.csv": "id,kind\n9,a\n"}
    with open_archive(make_zip(folder / "a.zip", files), folder) as archive:
        contents = Contents(archive)
        return find_pixels(contents, find_sample(contents))


def records(numbers: object, *channels: str, labels: bool = True) -> list[dict[str, object]]:
    return [
        {"id": str(row), **dict.fromkeys(channels, numbers)} | ({"kind": "ab"[row % 2]} if labels else {})
        for row in range(6)
    ]


def both(folder: Path, numbers: object, *channels: str) -> Pixels:
    found = find(folder, records(numbers, *channels), records(numbers, *channels, labels=False))
    assert found is not None
    return found


def test_lists_whose_length_is_a_square_are_square_images(tmp_path: Path) -> None:
    found = both(tmp_path, [0.5] * 81, "band_1", "band_2")
    assert (found.columns, found.height, found.width, found.doubt) == (["band_1", "band_2"], 9, 9, "")
    assert found.training.id_column == "id" and found.test == "test.json"


def test_the_sides_of_another_length_are_asked_with_its_factors(tmp_path: Path) -> None:
    found = both(tmp_path, [1] * 96, "pic")
    assert (found.height, found.width) == (8, 12)
    assert "96 numbers each, which is no square, but 8 x 12 or the other way round" in found.doubt


def test_lists_of_lists_tell_their_sides(tmp_path: Path) -> None:
    found = both(tmp_path, [[1] * 12] * 8, "pic")
    assert (found.height, found.width, found.doubt) == (8, 12, "")


def test_a_fourth_channel_is_left_out_with_a_question(tmp_path: Path) -> None:
    found = both(tmp_path, [1] * 64, "a", "b", "c", "d")
    assert found.columns == ["a", "b", "c"] and "at most 3 channels, and d is left out" in found.doubt


def test_a_mapping_of_columns_is_a_table_too(tmp_path: Path) -> None:
    def columns(rows: list[dict[str, object]]) -> dict[str, dict[str, object]]:
        return {key: {str(place): row[key] for place, row in enumerate(rows)} for key in rows[0]}

    train, test = records([1] * 64, "pic"), records([1] * 64, "pic", labels=False)
    found = find(tmp_path, columns(train), columns(test))
    assert found is not None and found.columns == ["pic"]


@pytest.mark.parametrize("train", [[], {"a": 1}, [{"id": "1", "pic": [1, 2]}], 7])
def test_other_json_holds_no_images(tmp_path: Path, train: object) -> None:
    assert find(tmp_path, train, train) is None
