"""Archives are read in place, from several threads, and only if they are whole and harmless."""

import resource
import stat
import subprocess
import sys
import tempfile
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scoretable.archive import limits
from scoretable.archive.archive import check_archive, open_archive
from scoretable.workspace.errors import InputError
from unit.archives import make_zip, zip_bytes


def refusal(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        check_archive(path)
    return str(caught.value)


def names(path: Path) -> list[str]:
    with open_archive(path, path.parent / "scratch") as archive:
        return archive.names


def test_a_whole_archive_passes_with_one_bar_on_stderr(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    check_archive(make_zip(tmp_path / "a.zip", {"a.jpg": b"12345", "b/c.jpg": b"67"}))
    output = capsys.readouterr()
    assert output.err.startswith("\rcheck")
    assert "7.00/7.00" in output.err
    assert output.out == ""


def test_a_missing_archive_is_refused(tmp_path: Path) -> None:
    assert "a.zip is missing" in refusal(tmp_path / "a.zip")


def test_a_web_page_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_text("<!DOCTYPE html><title>Log in</title>")
    assert "a.zip is not a zip, 7z or tar archive" in refusal(tmp_path / "a.zip")


def test_a_truncated_zip_is_refused(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", {"a.jpg": bytes(1000), "b.jpg": bytes(1000)}, zipfile.ZIP_STORED)
    path.write_bytes(path.read_bytes()[:1500])
    assert "a.zip is cut short or damaged" in refusal(path)


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_damaged_member_is_named(tmp_path: Path, compression: int) -> None:
    content = bytes(range(256)) * 4
    path = make_zip(tmp_path / "a.zip", {"a.jpg": content, "train/b.jpg": content}, compression)
    with zipfile.ZipFile(path) as archive:
        offset = archive.getinfo("train/b.jpg").header_offset + 30 + len("train/b.jpg")
    damaged = bytearray(path.read_bytes())
    damaged[offset + 100] ^= 0xFF
    path.write_bytes(damaged)
    assert "member train/b.jpg is damaged" in refusal(path)


def test_a_damaged_member_of_an_inner_archive_is_named(tmp_path: Path) -> None:
    inner = bytearray(zip_bytes({"a.jpg": bytes(1000)}))
    inner[500] ^= 0xFF
    path = make_zip(tmp_path / "a.zip", {"train.zip": bytes(inner)})
    assert "a.zip: train.zip: member a.jpg is damaged (Bad CRC-32" in refusal(path)


def test_an_inner_archive_that_is_none_is_refused(tmp_path: Path) -> None:
    assert "a.zip: train.zip is not a zip, 7z or tar archive" in refusal(
        make_zip(tmp_path / "a.zip", {"train.zip": b"no zip"})
    )


@pytest.mark.parametrize("name", ["/etc/passwd", "../a.jpg", "train/../../a.jpg", "..\\a.jpg", "C:/a.jpg", "\\a.jpg"])
def test_a_member_outside_of_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    assert "points outside" in refusal(make_zip(tmp_path / "a.zip", {name: b""}))


def test_an_inner_archive_is_held_to_the_same_rules(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", {"train.zip": zip_bytes({"../a.jpg": b""})})
    assert "train.zip: member ../a.jpg points outside" in refusal(path)


def test_a_symbolic_link_is_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("a.jpg")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")
    assert "member a.jpg is a symbolic link" in refusal(tmp_path / "a.zip")


def test_an_encrypted_member_is_refused(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", {"a.jpg": b"123"}, zipfile.ZIP_STORED)
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1  # general purpose flag, bit 0
    path.write_bytes(content)
    assert "member a.jpg is encrypted" in refusal(path)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_members_of_one_name_are_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.jpg", b"1")
        archive.writestr("./a.jpg", b"2")
    assert "2 members named a.jpg" in refusal(tmp_path / "a.zip")


def test_an_inner_member_of_the_name_of_an_outer_one_is_refused(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", {"train/a.jpg": b"1", "train.zip": zip_bytes({"a.jpg": b"2"})})
    assert "2 members named train/a.jpg" in refusal(path)


def test_a_folder_that_lies_beside_its_zip_counts_once(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", {"train/a.jpg": b"1", "train.zip": zip_bytes({"a.jpg": b"1"})})
    assert names(path) == ["train/a.jpg"]


@pytest.mark.parametrize("inner", ["a.jpg", "train/a.jpg", "./train/a.jpg", "train\\a.jpg"])
@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_an_inner_archive_counts_as_the_folder_of_its_name(tmp_path: Path, inner: str, compression: int) -> None:
    path = make_zip(tmp_path / "a.zip", {"b.csv": b"x", "train.zip": zip_bytes({inner: b"pixels"})}, compression)
    with open_archive(path, tmp_path / "scratch") as archive:
        assert archive.names == ["b.csv", "train/a.jpg"]
        assert archive.read("train/a.jpg") == b"pixels"


def test_an_inner_archive_of_one_file_counts_as_that_file(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", {"data/train.csv.zip": zip_bytes({"train.csv": b"id"})})
    with open_archive(path, tmp_path) as archive:
        assert archive.read("data/train.csv") == b"id"


def split_zip(*numbers: int) -> dict[str, bytes]:
    whole = zip_bytes({"train/a.jpg": b"pixels", "train/b.jpg": bytes(50)})
    return {f"train.zip.{number:03}": whole[100 * (number - 1) : 100 * number] for number in numbers} | {"b.csv": b"x"}


def test_a_split_archive_counts_as_the_folder_of_its_name(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", split_zip(2, 1, 3, 4))
    with open_archive(path, tmp_path / "scratch") as archive:
        assert archive.names == ["train/a.jpg", "train/b.jpg", "b.csv"]
        assert archive.read("train/a.jpg") == b"pixels"
    check_archive(path)


@pytest.mark.parametrize("numbers", [(1, 3, 4), (2, 3, 4)])
def test_a_split_archive_that_lacks_a_part_is_refused(tmp_path: Path, numbers: tuple[int, ...]) -> None:
    message = refusal(make_zip(tmp_path / "a.zip", split_zip(*numbers)))
    assert f"a.zip: train.zip is split, but its parts are {', '.join(f'{number:03}' for number in numbers)}" in message


@pytest.mark.parametrize("size", [0, 2000])
def test_an_archive_has_more_members_only_where_its_size_fits(
    tmp_path: Path, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "FREE_MEMBERS", 2)
    path = make_zip(tmp_path / "a.zip", {f"{name}.jpg": bytes(size) for name in "abc"}, zipfile.ZIP_STORED)
    if size:
        assert len(names(path)) == 3
    else:
        assert "has more than 2 members, the most that a file of its size may have" in refusal(path)


def test_folders_are_no_members(tmp_path: Path) -> None:
    assert names(make_zip(tmp_path / "a.zip", {"train/": b"", "train/a.jpg": b"1"})) == ["train/a.jpg"]


def test_a_name_that_is_not_there_raises_a_key_error(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", {"a.jpg": b"1"})
    with open_archive(path, tmp_path) as archive, pytest.raises(KeyError):
        archive.read("b.jpg")


def test_what_was_unpacked_is_gone_after_the_block(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", {"train.zip": zip_bytes({"a.jpg": b"1"})})
    with open_archive(path, tmp_path / "scratch") as archive:
        assert archive.names
        assert list((tmp_path / "scratch").rglob("*.zip"))
    assert list((tmp_path / "scratch").iterdir()) == []


def test_a_table_is_read_without_unpacking_inner_archives(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", {"a.csv": b"id", "train.zip": zip_bytes({"a.jpg": b"1"})})
    with open_archive(path, tmp_path / "scratch") as archive:
        assert archive.read("a.csv") == b"id"
        assert not list((tmp_path / "scratch").rglob("*.zip"))


def test_several_threads_read_what_was_written(tmp_path: Path) -> None:
    inner = {f"{number}.jpg": bytes([number]) * 50_000 for number in range(100)}
    outer = {f"test/{name}": content[::-1] + b"!" for name, content in inner.items()}
    path = make_zip(tmp_path / "a.zip", outer | {"train.zip": zip_bytes(inner)})
    expected = outer | {f"train/{name}": content for name, content in inner.items()}
    with open_archive(path, tmp_path) as archive, ThreadPoolExecutor(8) as pool:
        assert sorted(archive.names) == sorted(expected)
        assert dict(zip(expected, pool.map(archive.read, expected), strict=True)) == expected


WHOLE = {"a.jpg": bytes(range(64)), "train.csv": b"id,label\n1,2\n", "train.zip": zip_bytes({"b.jpg": b"1234567"})}


@settings(max_examples=200, deadline=None)
@given(place=st.floats(0, 1, exclude_max=True), bits=st.integers(1, 255), compressed=st.booleans())
def test_no_damaged_byte_leads_to_other_content_or_another_error(place: float, bits: int, compressed: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.zip"
        make_zip(path, WHOLE, zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED)
        content = bytearray(path.read_bytes())
        content[int(place * len(content))] ^= bits
        path.write_bytes(content)
        original = {bytes(range(64)), b"id,label\n1,2\n", b"1234567", WHOLE["train.zip"]}
        try:
            check_archive(path)
            with open_archive(path, Path(folder)) as archive:
                assert {archive.read(name) for name in archive.names} <= original
        except InputError as error:
            assert "a.zip" in str(error)


MEASURE = """
import sys
from pathlib import Path
from scoretable.archive import limits
from scoretable.archive.archive import check_archive
from unit.peak_memory import forget_peak, peak_kilobytes
forget_peak()
before = peak_kilobytes()
check_archive(Path(sys.argv[1]))
print(peak_kilobytes() - before)
"""


def test_memory_is_flat_in_the_size_of_a_member(tmp_path: Path) -> None:
    inner = tmp_path / "train.zip"
    make_zip(inner, {"a.tif": bytes(150_000_000)}, zipfile.ZIP_STORED)
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.write(inner, "train.zip")
    inner.unlink()
    command = [sys.executable, "-c", MEASURE, str(tmp_path / "a.zip")]
    done = subprocess.run(command, env={"PYTHONPATH": ":".join(sys.path)}, check=True, capture_output=True, text=True)
    assert int(done.stdout) * 1024 < 40_000_000


def test_a_disk_without_room_for_an_inner_archive_is_told(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", {"train.zip": zip_bytes({"a.jpg": bytes(300_000)})})
    script = "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n" + (
        "import sys; from pathlib import Path; from scoretable.archive.archive import open_archive\n"
        "with open_archive(Path(sys.argv[1]), Path(sys.argv[2])) as archive: archive.names"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(path), str(tmp_path / "scratch")],
        env={"PYTHONPATH": ":".join(sys.path)},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert "scratch has no room for train.zip" in done.stderr.splitlines()[-1]
    assert list((tmp_path / "scratch").iterdir()) == []
