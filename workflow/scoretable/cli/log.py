"""The log of a command: what it prints, kept in a file as well."""

import io
import sys
import traceback
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

from scoretable.workspace.errors import InputError


class Log:
    """Nothing until it is opened; then the file at `path` gets what the command prints, and an error's traceback."""

    def __init__(self) -> None:
        self.path: Path | None = None
        self._file: TextIO = io.StringIO()
        self._streams: tuple[TextIO, TextIO] | None = None

    def open(self, path: Path) -> None:
        """Start the file over; raise InputError or OSError where it cannot be written."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError):
            raise InputError(f"{path.parent} is not a folder, so no log can be written there: move it away.") from None
        self.path, self._file = path, path.open("w", encoding="utf-8", errors="replace", buffering=1)
        self._streams = sys.stdout, sys.stderr
        sys.stdout, sys.stderr = _Copied(sys.stdout, self._file), _Copied(sys.stderr, self._file)

    def __enter__(self) -> "Log":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._streams is None:
            return
        sys.stdout, sys.stderr = self._streams
        if error is not None:
            traceback.print_exception(error, file=self._file)
        self._file.close()


class _Copied(io.TextIOBase):
    """A stream whose lines are copied into a file, a bar that is drawn again and again as its last state."""

    def __init__(self, stream: TextIO, file: TextIO) -> None:
        self._stream, self._file, self._line = stream, file, ""

    def write(self, text: str) -> int:
        *lines, self._line = (self._line + text).split("\n")
        for line in lines:
            self._file.write(line.rpartition("\r")[2] + "\n")
        self._line = self._line.rpartition("\r")[2] if self._line.count("\r") > 1 else self._line
        return self._stream.write(text)

    def flush(self) -> None:
        self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def isatty(self) -> bool:
        return self._stream.isatty()

    def fileno(self) -> int:
        return self._stream.fileno()

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self._stream.encoding
