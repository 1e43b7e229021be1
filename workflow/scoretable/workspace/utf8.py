"""Whether bytes are UTF-8, where they may be in an older encoding too."""

_LEADING = b"\xe0"  # of two bytes in the encodings of China, Japan and Korea
_TWO_BYTES = "\u07ff"  # the last character that takes two


def is_utf8(content: bytes, encoding: str) -> bool:
    """Return whether bytes are UTF-8 that hardly is text of `encoding` by chance.

    That is where a character takes three bytes or more, or where `encoding` has one byte a character, as cp1252 has:
    letters such as those of UTF-8 read in it, as in `Ã©`, make no words.
    """
    try:
        return max(content.decode("utf-8"), default="") > _TWO_BYTES or bool(_LEADING.decode(encoding))
    except UnicodeError:
        return False
