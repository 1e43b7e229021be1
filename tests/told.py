"""What a message advises, taken out of it."""

import re
import shlex


def told(printed: str, start: str) -> list[str]:
    """The words of the first command in backticks that begins with `start`."""
    return shlex.split(re.findall(rf"`({re.escape(start)}(?: [^`]+)?)`", printed)[0])
