"""Archives inside inner archives are opened to a depth of three, within the limits that hold for all together."""

from pathlib import Path

import pytest
from scoretable.archive import archive as reading
from scoretable.archive import limits
from scoretable.archive.archive import check_archive, open_archive
from scoretable.archive.inner import LEVELS, not_opened
from scoretable.workspace.errors import InputError
from unit.archives import make_zip, zip_bytes


def nest(members: dict[str, bytes], levels: int) -> dict[str, bytes]:
    """Return `members` in that many archives, each inside the next."""
    for level in range(levels):
        members = {f"{level}.zip": zip_bytes(members)}
    return members


def contents(folder: Path, members: dict[str, bytes]) -> dict[str, bytes]:
    with open_archive(make_zip(folder / "a.zip", members), folder / "scratch") as archive:
        return {name: archive.read(name) for name in archive.names}


def refusal(folder: Path, members: dict[str, bytes]) -> str:
    with pytest.raises(InputError) as caught:
        check_archive(make_zip(folder / "a.zip", members))
    return str(caught.value)


def test_an_archive_three_levels_down_is_opened(tmp_path: Path) -> None:
    assert contents(tmp_path, nest({"a.jpg": b"photo"}, LEVELS)) == {"2/1/0/a.jpg": b"photo"}


def test_an_archive_four_levels_down_stays_packed(tmp_path: Path) -> None:
    packed = zip_bytes({"a.jpg": b"photo"})
    assert contents(tmp_path, nest({"deep.zip": packed}, LEVELS)) == {"2/1/0/deep.zip": packed}


def test_archives_at_the_same_place_in_two_others_are_kept_apart(tmp_path: Path) -> None:
    members = {f"{name}.zip": zip_bytes({"x.zip": zip_bytes({"a.jpg": name.encode()})}) for name in ("one", "two")}
    assert contents(tmp_path, members) == {"one/x/a.jpg": b"one", "two/x/a.jpg": b"two"}


def test_a_split_archive_in_an_inner_one_counts_as_the_whole(tmp_path: Path) -> None:
    whole = zip_bytes({"a.jpg": b"photo"})
    parts = zip_bytes({"x.zip.001": whole[:50], "x.zip.002": whole[50:]})
    assert contents(tmp_path, {"train.zip": parts}) == {"train/x/a.jpg": b"photo"}


def test_what_macos_adds_to_an_archive_inside_another_is_no_archive(tmp_path: Path) -> None:
    inner = zip_bytes({"x.zip": zip_bytes({"a.jpg": b"photo"}), "__MACOSX/._x.zip": b"attributes"})
    assert contents(tmp_path, {"train.zip": inner}) == {
        "train/x/a.jpg": b"photo",
        "train/__MACOSX/._x.zip": b"attributes",
    }


def test_what_was_unpacked_on_each_level_is_gone_after_the_block(tmp_path: Path) -> None:
    contents(tmp_path, nest({"a.jpg": b"photo"}, LEVELS))
    assert list((tmp_path / "scratch").iterdir()) == []


@pytest.mark.parametrize("levels", range(1, LEVELS + 1))
def test_a_member_outside_of_the_folder_is_refused_on_each_level(tmp_path: Path, levels: int) -> None:
    assert "member ../a.jpg points outside" in refusal(tmp_path, nest({"../a.jpg": b""}, levels))


@pytest.mark.parametrize("levels", range(1, LEVELS + 1))
def test_a_bomb_is_refused_on_each_level(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, levels: int) -> None:
    monkeypatch.setattr(limits, "FREE_INFLATION", 10_000)
    bomb = make_zip(tmp_path / "bomb.zip", {f"{number}.jpg": bytes(300_000) for number in range(10)}).read_bytes()
    assert "more than 100 times its size" in refusal(tmp_path, nest({"bomb.zip": bomb}, levels - 1))


def test_members_count_over_all_levels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "FREE_MEMBERS", 6)
    inner = zip_bytes({"x.zip": zip_bytes({"1.jpg": b"", "2.jpg": b"", "3.jpg": b""}), "4.jpg": b""})
    assert "more than 6 members" in refusal(tmp_path, {"train.zip": inner, "5.jpg": b""})


def test_archives_count_over_all_levels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_INNER", 2)
    assert "contains 3 archives, more than 2" in refusal(tmp_path, nest({"a.jpg": b"photo"}, 3))


def test_an_archive_of_what_is_there_in_another_form_too_is_not_called_unopened() -> None:
    assert not_opened(["train/a.jpg", "train.7z", "x/deep.zip", "x/deep2.7z.001"]) == ["x/deep.zip", "x/deep2.7z"]
