"""Text files that hold one name a line."""

from pathlib import Path

from scoretable.workspace.errors import InputError

MARK = "# "  # begins a comment


def read_lines(path: Path, mend: str) -> list[str]:
    """Return the lines of a text file, each once, without the space around them, blank ones and comments.

    mend: what to do where the file is missing. Raises InputError there, and where it is no text.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise InputError(f"{path} is missing: {mend}.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read ({error}): {mend}.") from None
    lines = (line.strip() for line in text.split("\n"))
    return list(dict.fromkeys(line for line in lines if line and not f"{line} ".startswith(MARK)))
