"""What people type at an unlucky moment or in an unusual folder ends well, or in a sentence whose advice helps."""

import os
import re
import shutil
import signal
from pathlib import Path

import pytest
from disturbances import wait_for_step
from projects import Project
from scoretable.workspace.lock import hold_lock
from told import told

QUEUE = ("scoretable", "reproduce", "--queue", "1", "--competition", "sandbox", "-S", "model=SmallCNN")


def edit_the_last_step(project: Project) -> None:
    """Edit a source so that, of a finished row, only the submission is made anew, which is cheap."""
    source = project.path("workflow/scoretable/steps/submission.py")
    source.write_text(source.read_text() + "\nEXTRA = 1\n")


def averaged_in_rows(project: Project) -> list[str]:
    """The `tta` that each saved row's params.yaml names."""
    refs = project.run("git", "for-each-ref", "--format=%(refname)", "refs/exps").split()
    texts = [project.run("git", "show", f"{ref}:params.yaml") for ref in refs if "/exec/" not in ref]
    return sorted(re.findall(r"^tta: (\w+)", "".join(texts), re.MULTILINE))


def averaged(project: Project) -> str:
    return re.findall(r"^tta: (\w+)", project.path("params.yaml").read_text(), re.MULTILINE)[0]


@pytest.mark.turns(4, seconds=25)
def test_a_run_finishes_its_row_whatever_becomes_of_params_yaml_and_its_files(finished: Project) -> None:
    finished.set(tta="flip")
    with finished.path("first.txt").open("wb") as file:
        first = finished.start("snakemake", "--cores", "1", "submission", stdout=file)
        wait_for_step(finished.path("first.txt"), first, "predict")
        os.killpg(first.pid, signal.SIGSTOP)
        finished.set(tta="flip_scales")
        refused = finished.snakemake("submission", expect=1)
        assert "evaluate" in finished.planned()
        refused_by_dvc = finished.run(
            "dvc", "exp", "run", "-S", "tta=flip_scales", expect=255
        )  # checks the first row's files out
        os.killpg(first.pid, signal.SIGCONT)
        assert first.wait() == 0, finished.path("first.txt").read_text()
    assert "another process is running `snakemake`" in refused
    assert "another process is running `snakemake`" in refused_by_dvc
    assert averaged_in_rows(finished) == ["flip", "none"]
    assert averaged(finished) == "flip_scales"
    assert told(refused_by_dvc, "dvc exp run") == ["dvc", "exp", "run"]  # for the row that it has put in
    assert "evaluate" in finished.planned()


def test_an_experiment_in_the_workspace_finishes_its_row_and_keeps_an_edit_for_the_next(finished: Project) -> None:
    edit_the_last_step(finished)
    with finished.path("first.txt").open("wb") as file:
        first = finished.start("dvc", "exp", "run", "-S", "session.yaml:max_hours=5", stdout=file)
        wait_for_step(finished.path("first.txt"), first, "submission")
        finished.set(tta="flip")
        assert first.wait() == 0, finished.path("first.txt").read_text()
    assert averaged_in_rows(finished) == ["none", "none"]
    assert averaged(finished) == "none"
    finished.snakemake("score_table")
    finished.snakemake("submission")
    assert averaged_in_rows(finished) == ["none", "none"]  # a row that DVC ran is not saved again
    finished.run(*told(finished.path("first.txt").read_text(), "mv"))
    assert averaged(finished) == "flip"


def test_rows_are_found_where_dvcs_cache_is_moved_to(finished: Project, tmp_path: Path) -> None:
    shown = finished.run("scoretable", "table")
    finished.path(".dvc/cache").rename(tmp_path / "cache")
    finished.run("dvc", "cache", "dir", "--local", str(tmp_path / "cache"))
    assert finished.run("scoretable", "table") == shown


def test_a_folder_that_is_a_link_is_refused_and_the_cache_may_lie_on_another_disk(
    finished: Project, tmp_path: Path
) -> None:
    saved = averaged_in_rows(finished)
    finished.path("data").rename(tmp_path / "data")
    finished.path("data").symlink_to(tmp_path / "data")
    finished.set(tta="flip")
    printed = finished.snakemake("submission", expect=1)
    assert "data is a link" in printed
    finished.path("data").unlink()
    shutil.move(tmp_path / "data", finished.path("data"))
    unfinished = finished.run("scoretable", "submit", expect=1)
    disk = Path("/dev/shm") / f"scoretable-{tmp_path.name}"  # another file system, where there is one
    other = disk if disk.parent.is_dir() else tmp_path / "disk"
    try:
        for advice in ("mv .dvc/cache", "dvc cache dir"):
            finished.run(*(word.replace("/other/disk/cache", str(other)) for word in told(printed, advice)))
        finished.run(*told(unfinished, "snakemake"))
        assert len(averaged_in_rows(finished)) == len(saved) + 1
        assert "Nothing to be done" in finished.snakemake("submission")
    finally:
        shutil.rmtree(other, ignore_errors=True)


def test_in_a_folder_with_a_korean_name_rows_are_made_and_copies_of_it_are_refused_until_the_cache_is_moved(
    finished: Project, tmp_path: Path
) -> None:
    korean = finished.copy(tmp_path / "대회")
    edit_the_last_step(korean)
    assert "has letters beyond ASCII" in korean.snakemake("submission")
    refused = korean.run(*QUEUE, expect=1)
    assert "has letters beyond ASCII" in refused
    for advice in ("mv", "dvc cache dir"):
        korean.run(*(word.replace("/an/ascii/path", str(tmp_path / "cache")) for word in told(refused, advice)))
    korean.run("dvc", "exp", "run", "--temp", "download")
    assert "Queued experiment" in korean.run(*QUEUE)


def test_a_cut_off_file_of_locks_stops_nobody(finished: Project) -> None:
    for command in (("snakemake", "--cores", "1", "-n", "--", "submission"), ("scoretable", "table")):
        finished.path(".dvc/tmp/rwlock").write_text('{"/x": {"wr')
        assert ".dvc/tmp/rwlock was cut off" in finished.run(*command)
        finished.run("dvc", "status", "dvc.yaml")


def test_who_begins_while_another_run_goes_on_plans_without_touching_anything(finished: Project) -> None:
    model = finished.path("models/model.keras")
    content = model.read_bytes()
    model.unlink()
    model.write_bytes(b"damaged")
    with hold_lock("snakemake", finished.path(".snakemake/scoretable-locks")):
        finished.snakemake("-n", "--", "submission")
        assert "another process is running" in finished.run("scoretable", "submit", expect=1)
        assert model.read_bytes() == b"damaged"
    finished.snakemake("-n", "--", "submission")
    assert model.read_bytes() == content
