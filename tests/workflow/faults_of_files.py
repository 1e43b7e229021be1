"""Faults of files: damaged ones, and disks that are full or read-only."""

import re

from disturbances import damage, read_only, small_disk
from scene import FLIPPED, READERS, SUBMISSION, Scene, assert_told


def damage_a_file(scene: Scene) -> tuple[str, ...]:
    """A flipped bit, or a byte less, in a file that the next step reads."""
    name = scene.draw_file(sorted(READERS))
    scene.undo(READERS[name])
    damage(scene.project.path(name), scene.chance)
    _assert_found(name, *scene.run())
    return SUBMISSION


def damage_a_file_before_dvc(scene: Scene) -> tuple[str, ...]:
    """The same before `dvc exp run`, which the sentence asks to repeat."""
    makers = {"data/cache/sandbox/32/train.npy": "preprocess", "models/model.keras": "train"}
    name = scene.chance.choice(sorted(makers))
    damage(scene.project.path(name), scene.chance)
    _, printed = scene.run(FLIPPED)  # DVC finds it too, where it has no note of the file's time
    assert f"{name} is damaged" in printed or f"Running stage '{makers[name]}'" in printed, printed
    assert "Traceback" not in printed, printed
    return FLIPPED


def damage_the_cache_of_dvc(scene: Scene) -> tuple[str, ...]:
    """A flipped bit in DVC's copy of a file, which `dvc checkout` brings into the workspace."""
    name = scene.draw_file(["data/cache/sandbox/32/train.npy", "models/model.keras", "data/predictions.npz"])
    path = scene.project.path(name)
    objects = scene.project.path(".dvc/cache/files/md5").glob("*/*")
    cached = next(file for file in objects if file.stat().st_ino == path.stat().st_ino)
    scene.undo(READERS[name])
    path.unlink()
    damage(cached, scene.chance)
    cached.chmod(0o444)  # what DVC takes for untouched
    scene.project.run("dvc", "checkout", "--force", name)
    _assert_found(name, *scene.run())
    return SUBMISSION


def damage_a_checkpoint(scene: Scene) -> tuple[str, ...]:
    """A flipped bit in the checkpoint of a training that a time limit stopped after its first step."""
    scene.undo("train")
    scene.project.set(max_hours="1e-6")
    status, printed = scene.run()
    assert status != 0 and "max_hours: stopped after" in printed, printed
    scene.project.set(max_hours="null")
    (checkpoint,) = scene.project.path("checkpoints").glob("*/fold-0.npz")
    damage(checkpoint, scene.chance)
    status, printed = scene.run()  # a bit of a time in the file's table of contents makes no difference
    assert status == 0 or re.search(r"is damaged .*: delete it and run the same command again", printed), printed
    checkpoint.unlink(missing_ok=True)
    return SUBMISSION


def fill_the_disk(scene: Scene) -> tuple[str, ...]:
    """A disk with little room below a folder that the step writes to."""
    step = scene.draw_step()
    folder = scene.project.path("models" if step in ("train", "evaluate") else "data")
    with small_disk(folder, scene.chance.randrange(8192)):
        status, printed = scene.run()
    assert status != 0, printed
    assert_told(status, printed, "disk")
    return SUBMISSION


def limit_the_size_of_files(scene: Scene) -> tuple[str, ...]:
    """`ulimit -f`, which ends a write in the middle of a file."""
    step = scene.draw_step()
    blocks = scene.chance.randrange(0 if step in ("predict", "submission") else 8, 64)
    command = f"ulimit -f {blocks}; exec {' '.join(SUBMISSION)}"
    result = scene.project.run("bash", "-c", command, expect=None)
    assert not re.search(r'File ".*/scoretable/', result), result  # no traceback of a step
    if "delete .git/index.lock" in result:  # git died of the limit as well
        scene.project.path(".git/index.lock").unlink()
    return SUBMISSION


def make_a_folder_read_only(scene: Scene) -> tuple[str, ...]:
    """A read-only mount where the step writes."""
    step = scene.draw_step()
    folder = {"download": "data/raw", "preprocess": "data/cache", "train": "models", "evaluate": "models"}
    with read_only(scene.project.path(folder.get(step, "data"))):
        status, printed = scene.run()
    assert status != 0
    assert_told(status, printed, "cannot be written")
    return SUBMISSION


def _assert_found(name: str, status: int, printed: str) -> None:
    """Assert that a damaged file was found: by its size before the run, or by its checksum in the step that reads."""
    assert f"scoretable: {name} is damaged" in printed, printed
    assert status == 0 or "run the same command again, which rebuilds it" in printed, printed
    assert "Traceback" not in printed, printed
