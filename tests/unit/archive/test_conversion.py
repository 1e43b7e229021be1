"""7z and tar archives count as zips, and are held to the same limits."""

import io
import tarfile
import tempfile
import zipfile
from pathlib import Path

import py7zr
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scoretable.archive import limits
from scoretable.archive.archive import check_archive, open_archive
from scoretable.workspace.errors import InputError
from unit.archives import make_zip, zip_bytes

KINDS = ("7z", "tar", "tar.gz", "tar.bz2", "tar.xz", "tgz")
MEMBERS = {"train/a.jpg": b"one", "train/b.jpg": b"", "train.csv": b"id,label\n"}


def pack(kind: str, members: dict[str, bytes]) -> bytes:
    """Return the content of an archive of that kind."""
    buffer = io.BytesIO()
    if kind == "7z":
        with py7zr.SevenZipFile(buffer, "w") as archive:
            for name, content in members.items():
                archive.writestr(content, name)
    else:
        method = {"tar": "", "tgz": "gz"}.get(kind, kind.removeprefix("tar."))
        with tarfile.open(fileobj=buffer, mode=f"w:{method}") as archive:
            for name, content in members.items():
                info = tarfile.TarInfo(name)
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def tar_of(*infos: tarfile.TarInfo) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for info in infos:
            archive.addfile(info, io.BytesIO(bytes(info.size)))
    return buffer.getvalue()


def special(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def write(folder: Path, name: str, content: bytes) -> Path:
    (folder / name).write_bytes(content)
    return folder / name


def contents(path: Path) -> dict[str, bytes]:
    with open_archive(path, path.parent / "scratch") as archive:
        return {name: archive.read(name) for name in archive.names}


def refusal(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        check_archive(path)
    assert len(str(caught.value)) <= 300 + len(str(path.parent))
    return str(caught.value)


@pytest.mark.parametrize("kind", KINDS)
def test_a_whole_archive_is_read_like_a_zip(tmp_path: Path, kind: str) -> None:
    path = write(tmp_path, f"a.{kind}", pack(kind, MEMBERS))
    check_archive(path)
    assert contents(path) == MEMBERS


def test_what_an_archive_is_its_content_tells_and_not_its_name(tmp_path: Path) -> None:
    assert contents(write(tmp_path, "a.zip", pack("7z", MEMBERS))) == MEMBERS


@pytest.mark.parametrize("inner", ["a.jpg", "train/a.jpg", "./train/a.jpg"])
@pytest.mark.parametrize("kind", KINDS)
def test_an_inner_archive_counts_as_the_folder_of_its_name(tmp_path: Path, kind: str, inner: str) -> None:
    path = make_zip(tmp_path / "a.zip", {f"x/train.{kind}": pack(kind, {inner: b"photo"}), "t.csv": b"1"})
    assert contents(path) == {"x/train/a.jpg": b"photo", "t.csv": b"1"}


def test_an_inner_archive_of_one_file_counts_as_that_file(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", {"train.csv.7z": pack("7z", {"train.csv": b"id"})})
    assert contents(path) == {"train.csv": b"id"}


def test_a_split_7z_counts_as_the_folder_of_its_name(tmp_path: Path) -> None:
    whole = pack("7z", {"a.jpg": b"photo"})
    path = make_zip(tmp_path / "a.zip", {"train.7z.001": whole[:50], "train.7z.002": whole[50:]})
    assert contents(path) == {"train/a.jpg": b"photo"}


def test_a_zip_in_a_tar_counts_as_a_folder_too(tmp_path: Path) -> None:
    path = write(tmp_path, "a.tgz", pack("tgz", {"train.zip": zip_bytes({"a.jpg": b"photo"})}))
    assert contents(path) == {"train/a.jpg": b"photo"}


@pytest.mark.parametrize("inner", ["a.jpg", "train/a.jpg"])
def test_a_tar_in_a_7z_counts_as_the_folder_of_its_name(tmp_path: Path, inner: str) -> None:
    packed = pack("7z", {"train.tar": pack("tar", {inner: b"photo"})})
    assert contents(make_zip(tmp_path / "a.zip", {"train.tar.7z": packed})) == {"train/a.jpg": b"photo"}


@pytest.mark.parametrize("other", [{"train.zip": zip_bytes({"a.jpg": b"1"})}, {"train/a.jpg": b"1"}])
def test_a_7z_of_what_is_there_in_another_form_stays_packed(tmp_path: Path, other: dict[str, bytes]) -> None:
    packed = pack("7z", {"a.jpg": b"2"})
    assert contents(make_zip(tmp_path / "a.zip", {"train.7z": packed, **other})) == {
        "train.7z": packed,
        "train/a.jpg": b"1",
    }


def test_what_was_unpacked_is_gone_after_the_block(tmp_path: Path) -> None:
    contents(write(tmp_path, "a.7z", pack("7z", {"train.7z": pack("7z", MEMBERS)})))
    assert list((tmp_path / "scratch").iterdir()) == []


@pytest.mark.parametrize("kind", ["7z", "tar.gz"])
@pytest.mark.parametrize("name", ["../a.jpg", "train/../../a.jpg", "C:/a.jpg"])
def test_a_member_outside_of_the_folder_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, name: str
) -> None:
    monkeypatch.setattr("py7zr.py7zr.check_archive_path", lambda name: True)  # which writes no such name
    path = write(tmp_path, f"a.{kind}", pack(kind, {name: b"1"}))
    assert "points outside the archive's folder" in refusal(path)


def test_an_absolute_name_in_a_tar_is_refused(tmp_path: Path) -> None:
    assert "points outside the archive's folder" in refusal(write(tmp_path, "a.tar", pack("tar", {"/etc/a": b"1"})))


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE])
def test_links_and_devices_in_a_tar_are_refused(tmp_path: Path, kind: bytes) -> None:
    path = write(tmp_path, "a.tgz", tar_of(special("a.jpg", kind, "/etc/passwd")))
    assert "member a.jpg is a link, a device or another special file" in refusal(path)


def test_a_link_in_a_7z_is_refused(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(write(tmp_path, "target", b""))
    with py7zr.SevenZipFile(tmp_path / "a.7z", "w") as archive:
        archive.write(tmp_path / "link", "link")
    assert "member link is a link" in refusal(tmp_path / "a.7z")


def test_an_encrypted_7z_is_refused(tmp_path: Path) -> None:
    with py7zr.SevenZipFile(tmp_path / "a.7z", "w", password="secret") as archive:
        archive.writestr(b"photo", "a.jpg")
    assert "a.7z is encrypted: pack the archive again without a password" in refusal(tmp_path / "a.7z")


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("kind", ["7z", "tar"])
def test_two_members_of_one_name_are_refused(tmp_path: Path, kind: str) -> None:
    if kind == "7z":
        with py7zr.SevenZipFile(tmp_path / "a.7z", "w") as archive:
            archive.writestr(b"1", "a.jpg")
            archive.writestr(b"2", "a.jpg")
    else:
        write(tmp_path, "a.tar", tar_of(tarfile.TarInfo("a.jpg"), tarfile.TarInfo("a.jpg")))
    assert "2 members named a.jpg" in refusal(tmp_path / f"a.{kind}")


@pytest.mark.parametrize("kind", ["7z", "tar.xz"])
@pytest.mark.parametrize("inner", [False, True])
def test_a_bomb_is_refused_before_it_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, inner: bool
) -> None:
    def refuse_to_write(zipped: zipfile.ZipFile, name: object, mode: str = "r", **options: object) -> object:
        assert mode == "r", "it is unpacked"
        return read(zipped, name, mode, **options)

    bomb = pack(kind, {"a.jpg": bytes(1_000_000)})
    path = make_zip(tmp_path / "a.zip", {f"a.{kind}": bomb}) if inner else write(tmp_path, f"a.{kind}", bomb)
    read = zipfile.ZipFile.open
    monkeypatch.setattr(limits, "FREE_INFLATION", 10_000)
    monkeypatch.setattr(zipfile.ZipFile, "open", refuse_to_write)
    assert "more than 100 times its size" in refusal(path)


@pytest.mark.parametrize("kind", ["7z", "tar.gz"])
def test_too_many_members_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.setattr(limits, "FREE_MEMBERS", 3)
    path = write(tmp_path, f"a.{kind}", pack(kind, {f"{number}.jpg": b"" for number in range(4)}))
    assert "more than 3 members" in refusal(path)


def test_a_tar_whose_header_fills_the_memory_is_refused(tmp_path: Path) -> None:
    header = special("a", tarfile.XHDTYPE)
    header.size = 50_000_000
    assert "damaged (a header is too long): get it again" in refusal(write(tmp_path, "a.tgz", tar_of(header)))


@pytest.mark.parametrize("kind", KINDS)
def test_an_archive_that_is_cut_short_is_refused(tmp_path: Path, kind: str) -> None:
    content = pack(kind, {"a.jpg": bytes(range(256)) * 200})
    assert "a.zip is cut short or damaged (" in refusal(write(tmp_path, "a.zip", content[: len(content) // 2]))


@pytest.mark.parametrize("damage", [slice(0, 1024), slice(None, None)])
def test_a_tar_without_its_end_is_refused(tmp_path: Path, damage: slice) -> None:
    content = bytearray(pack("tar", {"a.jpg": bytes(10), "b.jpg": b""}))
    content[1024] ^= 1  # the first byte of the second header
    path = write(tmp_path, "a.tar", bytes(content[damage]))
    assert "cut short or damaged (it does not end like a tar archive)" in refusal(path)


@settings(max_examples=60, deadline=None)
@given(
    kind=st.sampled_from(["7z", "tar.gz", "tar.xz"]), place=st.floats(0, 1, exclude_max=True), bits=st.integers(1, 255)
)
def test_a_damaged_byte_leads_to_a_refusal_or_does_no_harm(kind: str, place: float, bits: int) -> None:
    damaged = bytearray(pack(kind, {"a.jpg": bytes(range(256)) * 8}))
    damaged[int(place * len(damaged))] ^= bits
    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder), "a.zip", bytes(damaged))
        try:
            found = contents(path)
        except InputError:
            return
        assert list(found.values()) in ([bytes(range(256)) * 8], [])
