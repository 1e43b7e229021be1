"""Files made to do harm, built in milliseconds."""

import bz2
import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml
from PIL import Image
from scoretable.archive.limits import MOST_INNER
from unit.archives import leaves, zip_bytes

TEN_GB = 10_000_000_000
# What each archive must be refused for, by its name in `write_archives`.
ARCHIVES = {
    "parent": "points outside the archive's folder",
    "absolute": "points outside the archive's folder",
    "link": "is a symbolic link",
    "link inside": "is a symbolic link",
    "bomb": "would unpack to 10.0 GB",
    "bomb inside": "would unpack to 10.0 GB",
    "bomb that says it is small": "is damaged (Bad CRC-32",
    "bomb of bzip2": "is packed with a method other than deflate",
    "overlap": "members 0.jpg and 1.jpg overlap",
    "same name": "2 members named a.jpg",
    "million": "has more than 500,000 members",
    "million inside": "has more than 500,000 members",
    "archives": f"contains {MOST_INNER + 1} archives",
    "encrypted": "is encrypted",
    "wrong checksum": "is damaged (Bad CRC-32",
    "truncated": "is cut short or damaged",
    "terminal": "member ../\\x1b[2J\\n\\u202e.jpg points outside",
}


@dataclass(frozen=True)
class Member:
    """A zip's member as its directory describes it. offset: where it says to begin, if not where it does."""

    name: str
    packed: bytes
    size: int
    method: int = zipfile.ZIP_DEFLATED
    crc: int = 0
    flags: int = 0
    mode: int = 0
    offset: int | None = None


def raw_zip(members: Sequence[Member]) -> bytes:
    """Return a zip archive that says of its members whatever it is told to (APPNOTE.TXT, 4.3)."""
    content, directory = bytearray(), bytearray()
    for member in members:
        start = len(content) if member.offset is None else member.offset
        name = member.name.encode()
        long = struct.pack("<HHQ", 1, 8, member.size) if member.size >= 0xFFFFFFFF else b""
        sizes = (member.crc, len(member.packed), 0xFFFFFFFF if long else member.size, len(name))
        flags = member.flags | 0x800  # names are UTF-8
        content += struct.pack("<4s5H3L2H", b"PK\3\4", 45, flags, member.method, 0, 33, *sizes, 0)
        content += name + member.packed
        directory += struct.pack("<4s6H3L5H2L", b"PK\1\2", 0x032D, 45, flags, member.method, 0, 33, *sizes, len(long),
                                 0, 0, 0, member.mode << 16, start) + name + long  # fmt: skip
    return bytes(content + directory) + _end(len(members), len(directory), len(content))


def many_members(count: int) -> bytes:
    """Return a zip archive of so many members, which all say that they are the same empty file."""
    entry = struct.pack("<4s6H3L5H2L", b"PK\1\2", 20, 20, 0, 0, 0, 33, 0, 0, 0, 12, 0, 0, 0, 0, 0, 0)
    directory = b"".join(entry + b"%08d.jpg" % number for number in range(count))
    return b"PK\3\4" + bytes(26) + directory + _end(0, len(directory), 30)  # the number is a lie too


def zeros(size: int) -> bytes:
    """Return `size` zeros, a multiple of 10 MB, as deflate packs them: one piece over and over."""
    packer = zlib.compressobj(9, wbits=-15)
    piece = packer.compress(bytes(10_000_000)) + packer.flush(zlib.Z_FULL_FLUSH)
    return piece * (size // 10_000_000) + b"\3\0"  # an empty last block


def write_archives(folder: Path) -> dict[str, Path]:
    """Write an archive for each of `ARCHIVES`, and return their paths."""
    one = Member("a.jpg", b"\3\0", 0)
    bomb = raw_zip([Member("a.jpg", zeros(TEN_GB), TEN_GB)])
    link = raw_zip([Member("a.jpg", b"/etc/passwd", 11, zipfile.ZIP_STORED, mode=stat.S_IFLNK | 0o777)])
    kernel = zeros(10_000_000)
    contents = {
        "parent": raw_zip([Member("../a.jpg", b"\3\0", 0)]),
        "absolute": raw_zip([Member("/etc/passwd", b"\3\0", 0)]),
        "link": link,
        "link inside": zip_bytes({"train.zip": link}),
        "bomb": bomb,
        "bomb inside": zip_bytes({"train.zip": bomb}),
        "bomb that says it is small": raw_zip([Member("a.jpg", zeros(TEN_GB), 1000)]),
        "bomb of bzip2": raw_zip([Member("a.jpg", bz2.compress(bytes(10_000_000)), 1000, zipfile.ZIP_BZIP2)]),
        "overlap": raw_zip([Member(f"{number}.jpg", kernel, 10_000_000, offset=number) for number in range(50)]),
        "same name": raw_zip([one, one]),
        "million": many_members(1_000_000),
        "million inside": zip_bytes({"train.zip": many_members(1_000_000)}),
        "archives": zip_bytes({f"{number}.zip": zip_bytes({"a.jpg": b""}) for number in range(MOST_INNER + 1)}),
        "encrypted": raw_zip([Member("a.jpg", bytes(12), 0, flags=1)]),
        "wrong checksum": raw_zip([Member("a.jpg", b"photo", 5, zipfile.ZIP_STORED, crc=1)]),
        "truncated": zip_bytes({"a.jpg": bytes(1000)})[:900],
        "terminal": raw_zip([Member("../\x1b[2J\n\u202e.jpg", b"\3\0", 0)]),
    }
    return write_all(folder, {name: contents[name] for name in ARCHIVES}, ".zip")


def write_all(folder: Path, contents: dict[str, bytes], suffix: str) -> dict[str, Path]:
    """Write each content to a file of its name in `folder`, and return their paths."""
    folder.mkdir()
    for name, content in contents.items():
        (folder / f"{name}{suffix}").write_bytes(content)
    return {name: folder / f"{name}{suffix}" for name in contents}


def competition_archive(**changes: bytes) -> bytes:
    """Return the archive of a small competition with some of its members replaced."""
    return zip_bytes(leaves(**changes))


def competition_with_large_table(table: str, size: int) -> bytes:
    """Return the archive of a small competition in which a table takes `size` bytes of zeros."""
    members = [
        Member(name, content, len(content), zipfile.ZIP_STORED, zlib.crc32(content))
        for name, content in leaves().items()
        if name != table
    ]
    return raw_zip([*members, Member(table, zeros(size), size, crc=crc_of_zeros(size))])


def crc_of_zeros(size: int) -> int:
    """Return the checksum of `size` bytes of zeros."""
    piece, found = bytes(1_000_000), 0
    for _ in range(size // len(piece)):
        found = zlib.crc32(piece, found)
    return zlib.crc32(piece[: size % len(piece)], found)


def picture_that_says(kind: str, side: int) -> bytes:
    """Return a picture of 8 x 8 pixels whose header says that each side has `side` of them."""
    buffer = io.BytesIO()
    Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(buffer, kind)
    content = bytearray(buffer.getvalue())
    if kind == "JPEG":
        place = content.index(b"\xff\xc0") + 5  # height and width in the frame header, ITU-T T.81, B.2.2
        content[place : place + 4] = struct.pack(">HH", side, side)
    else:
        content[16:24] = struct.pack(">LL", side, side)  # of the chunk IHDR, with its checksum, RFC 2083, 4.1.1
        content[29:33] = struct.pack(">L", zlib.crc32(content[12:29]))
    return bytes(content)


def laughs(levels: int = 30, merged: bool = False) -> str:
    """Return YAML whose last key stands for ten times what the one before it does, and so on."""
    one = "{{<<: [{}]}}" if merged else "[{}]"
    lines = [f"a{level}: &a{level} " + one.format(", ".join([f"*a{level - 1}"] * 10)) for level in range(1, levels)]
    return "\n".join(["a0: &a0 {ha: ha}", *lines, f"aspect: *a{levels - 1}"])


HOSTILE_YAML = {
    "tag": "title: !!python/object/apply:os.system ['touch pwned']",
    "object": "title: !!python/object/new:subprocess.Popen [['touch', 'pwned']]",
    "aliases": laughs(),
    "merged aliases": laughs(merged=True),
    "nested lists": "a: " + "[" * 100_000,
    "nested mappings": "\n".join(" " * level + "a:" for level in range(600)),
    "huge": "a: [" + "1," * 20_000_000 + "]",
    "number": "a: " + "9" * 100_000,
    "date": "a: 2026-13-99",
    "no number": "a: !!int ''",
    "no truth": "a: !!bool 3",
    "recursion": "a: &a [*a]",
    "control": "a: \x00",
    "list": "[1, 2]",
    "keys": yaml.safe_dump({1: 2, None: 3, False: 4}),
}


def _end(count: int, size: int, offset: int) -> bytes:
    return struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count, count, size, offset, 0)
