"""DVC is asked where its cache is."""

import subprocess
import sys
from pathlib import Path

import pytest
from scoretable.experiments.dvc_settings import cache_folder
from scoretable.workspace.errors import InputError


def test_the_cache_lies_in_the_repository_where_nobody_has_moved_it(tmp_path: Path) -> None:
    (tmp_path / ".dvc").mkdir()
    assert cache_folder(tmp_path) == tmp_path / ".dvc/cache/files/md5"


def test_the_cache_lies_where_dvc_cache_dir_has_put_it(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    for arguments in (("init", "--quiet"), ("cache", "dir", "--local", str(tmp_path / "elsewhere"))):
        subprocess.run([sys.executable, "-m", "dvc", *arguments], cwd=tmp_path, check=True, capture_output=True)
    assert cache_folder(tmp_path) == tmp_path / "elsewhere/files/md5"


def test_settings_that_are_broken_are_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / ".dvc").mkdir()
    (tmp_path / ".dvc/config").write_text("[cache\n")
    with pytest.raises(InputError, match="DVC cannot read its settings"):
        cache_folder(tmp_path)
