"""Names of a zip's members in the encoding that they were packed in.

APPNOTE.TXT 4.4.4: bit 11 of a member's flags says that its name is UTF-8; without it, it is to be cp437 (D.1). Programs
on macOS leave the bit out, and those on Windows write the encoding of its language, such as cp949.
"""

import zipfile
from contextlib import suppress

from scoretable.workspace.utf8 import is_utf8

_IS_UTF8 = 1 << 11
UNMARKED = "cp437"  # how zipfile reads a name without the bit


def raw_name(info: zipfile.ZipInfo) -> bytes:
    """Return the bytes of a name that says nothing of its encoding, b'' where it is plain or does."""
    name = info.filename
    marked = info.flag_bits & _IS_UTF8 or name != info.orig_filename.replace("\\", "/").partition("\0")[0]
    if name.isascii() or marked:  # an extra field, 4.6.9, may have put another name in place of the original
        return b""
    with suppress(UnicodeError):
        return name.encode(UNMARKED)
    return b""


def read_name(raw: bytes, encoding: str | None) -> tuple[str, str]:
    """Return a name and the encoding that it is in: UTF-8 if it surely is, `encoding`, UTF-8 if it can be, or cp437."""
    for likely in ("utf-8" if encoding and is_utf8(raw, encoding) else None, encoding, "utf-8"):
        with suppress(UnicodeError):
            if likely:
                return raw.decode(likely), likely
    return raw.decode(UNMARKED), UNMARKED
