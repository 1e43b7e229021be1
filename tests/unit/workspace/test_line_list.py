"""A list holds one name a line, and comments."""

from pathlib import Path

import pytest
from scoretable.workspace.errors import InputError
from scoretable.workspace.line_list import read_lines


def test_blank_lines_comments_and_repetitions_do_not_count(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_bytes("\ufeff# why\r\n a b.jpg \r\n\r\n#\r\n#1.jpg\n007\na b.jpg".encode())
    assert read_lines(path, "write it") == ["a b.jpg", "#1.jpg", "007"]


def test_a_missing_list_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"list.txt is missing: write it\."):
        read_lines(tmp_path / "list.txt", "write it")


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="cannot be read"):
        read_lines(tmp_path / "list.txt", "write it")
