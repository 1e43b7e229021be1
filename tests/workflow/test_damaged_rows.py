"""A saved row is never replaced by other bytes, and what is damaged is made whole before it is used."""

import hashlib
import os
from pathlib import Path

from projects import Project
from told import told

DAMAGED = ("models/model.keras", "data/predictions.npz")


def flip_a_byte(path: Path) -> None:
    """Put a file in place of another that differs in one bit, with its size and its time."""
    content, written = bytearray(path.read_bytes()), path.stat().st_mtime_ns
    content[len(content) // 2] ^= 1
    path.unlink()
    path.write_bytes(content)
    os.utime(path, ns=(written, written))


def sha256(project: Project, name: str) -> str:
    return hashlib.sha256(project.path(name).read_bytes()).hexdigest()


def rows(project: Project) -> list[str]:
    listed = project.run("git", "for-each-ref", "--format=%(objectname) %(refname)", "refs/exps").splitlines()
    return [line for line in listed if "/exec/" not in line]


def test_damaged_outputs_come_back_from_the_cache_and_the_row_stays(finished: Project) -> None:
    saved, whole = rows(finished), {name: sha256(finished, name) for name in DAMAGED}
    for name in DAMAGED:
        flip_a_byte(finished.path(name))
    finished.path("models/submission.json").write_text("{")
    printed = finished.snakemake("submission")
    assert "models/model.keras is damaged" in printed
    assert "score.json is damaged: `snakemake --cores 1 submit`" in printed
    assert {name: sha256(finished, name) for name in DAMAGED} == whole
    finished.snakemake("submit")
    assert '"complete"' in finished.path("models/submission.json").read_text()
    finished.snakemake("submission")
    assert rows(finished) == saved


def test_what_the_cache_has_lost_too_is_made_anew_and_the_row_stays(finished: Project) -> None:
    saved, predictions = rows(finished), finished.path("data/predictions.npz")
    content = predictions.read_bytes()
    md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
    flip_a_byte(predictions)
    finished.path(f".dvc/cache/files/md5/{md5[:2]}/{md5[2:]}").unlink()
    assert "so it is made again" in finished.snakemake("submission")
    assert predictions.read_bytes() == content
    assert rows(finished) == saved


def test_a_copy_that_the_cache_has_lost_comes_back_by_what_the_average_advises(finished: Project) -> None:
    (saved,) = rows(finished)
    md5 = hashlib.md5(finished.path("data/predictions.npz").read_bytes(), usedforsecurity=False).hexdigest()
    copy = finished.path(f".dvc/cache/files/md5/{md5[:2]}/{md5[2:]}")
    copy.unlink()
    refused = finished.run("scoretable", "ensemble", saved.rpartition("/")[2], expect=1)
    for advice in ("dvc exp apply", "snakemake", "dvc commit"):
        finished.run(*told(refused, advice))
    assert copy.exists()


def test_another_result_of_the_same_row_gets_a_name_of_its_own(finished: Project) -> None:
    saved = rows(finished)
    finished.run("git", "commit", "--quiet", "--allow-empty", "--message", "later")
    name = saved[0].rpartition("/")[2]
    other = finished.run("git", "commit-tree", "HEAD^{tree}", "-p", "HEAD", "-m", "of other bytes").strip()
    finished.run("git", "update-ref", saved[0].split()[1], other)
    finished.path("data/submission.csv").unlink()
    finished.path("data/submission.csv").with_name("lineage").joinpath("submission").rename(finished.path("gone"))
    assert f"Saved as experiment {name}-2." in finished.snakemake("submission")
    assert any(line.startswith(other) for line in rows(finished))
