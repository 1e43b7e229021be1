"""Bad input ends in one clear sentence, and after the mend the same command goes on."""

import io
import os
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from projects import Project


def files_made(project: Project) -> list[str]:
    """Files below data/ and models/ that git does not keep."""
    return project.run("git", "ls-files", "--others", "data", "models").splitlines()


def test_a_bad_param_is_refused_before_anything_runs(project: Project) -> None:
    project.set(batch_size=0)
    printed = project.snakemake("submission", expect=1)
    assert "params.yaml: batch_size: 0 must be greater than or equal to 1." in printed
    assert "Traceback" not in printed
    assert files_made(project) == []


def truncated(content: bytes) -> bytes:
    return content[: len(content) // 2]


def with_a_broken_photo(content: bytes) -> bytes:
    target, is_whole = io.BytesIO(), True
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, data[:2000] if is_whole and name.endswith(".jpg") else data)
            is_whole = is_whole and not name.endswith(".jpg")
    return target.getvalue()


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (truncated, "zip"),
        (with_a_broken_photo, "1 image cannot be read"),
    ],
)
def test_a_bad_archive_is_refused_and_a_mended_one_is_taken(
    finished: Project, tmp_path: Path, damage: Callable[[bytes], bytes], sentence: str
) -> None:
    whole = finished.path("data/raw/sandbox.zip").read_bytes()
    brought = tmp_path / "brought.zip"
    brought.write_bytes(damage(whole))
    finished.set(archive=brought, image_size=40)
    before = set(files_made(finished))
    printed = finished.snakemake("--", "preprocess", expect=1)
    assert [line for line in printed.splitlines() if line.startswith("scoretable: ") and sentence in line], printed
    assert "Traceback" not in printed
    assert [name for name in files_made(finished) if "partial" in name or "/40/" in name] == []
    assert {"data/submission.csv", "models/model.keras"} <= before & set(files_made(finished))
    brought.write_bytes(whole)
    finished.snakemake("--", "preprocess")
    assert finished.path("data/cache/sandbox/40/manifest.json").exists()


def test_a_full_disk_is_told_and_after_making_room_the_run_goes_on(finished: Project) -> None:
    disk = finished.path("data/cache/sandbox/64")  # 0.7 MB of images go onto a disk of 0.5 MB
    disk.parent.rename(finished.path("data/cache/moved"))
    disk.parent.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", str(disk.parent)]
    if os.getuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("only root can mount a small disk")
    try:
        finished.set(image_size=64)
        printed = finished.snakemake("--", "preprocess", expect=1)
        assert [line for line in printed.splitlines() if line.startswith("scoretable: the disk of")], printed
        assert "Traceback" not in printed
        assert list(disk.parent.iterdir()) == []
    finally:
        subprocess.run(["umount", str(disk.parent)], check=True)
    disk.parent.rmdir()
    finished.path("data/cache/moved").rename(disk.parent)
    assert finished.path("data/submission.csv").exists()
    finished.snakemake("--", "preprocess")
    assert finished.path("data/cache/sandbox/64/manifest.json").exists()
