"""Faults of clocks: one that jumps while a run goes, and files whose times are of another one."""

import os

from disturbances import Running, clock_of, set_files_forward
from projects import Project
from scene import PRINTED, SUBMISSION, Scene

YEARS = (315532800, 4102444800)  # seconds of 1980 and 2100
JUMPS = (  # what a process is told of the time before and after, and by how many seconds what was written is ahead then
    ("+1h", "+0", 3600),
    ("+0", "+1y", 0),
    ("+0", "-20y", 0),
)


def let_the_clock_jump(scene: Scene) -> tuple[str, ...]:
    """The clock jumps while a run goes, which ends as if nothing had been."""
    step = scene.draw_step()
    before, after, ahead = scene.chance.choice(JUMPS)
    clock = scene.project.path("clock.txt")
    clock.write_text(before)

    def jump(project: Project, running: Running) -> None:
        clock.write_text(after)
        set_files_forward(project, ahead)
        assert running.wait() == 0, project.path(PRINTED).read_text(errors="replace")

    with clock_of(scene.project, clock) as environment:
        scene.disturb(SUBMISSION, step, jump, **environment)
    return SUBMISSION


def set_the_clock(scene: Scene) -> tuple[str, ...]:
    """Times of 1980 and 2100 on files of the project, as a clock leaves them that jumps between runs."""
    scene.draw_step()
    for _ in range(scene.chance.randrange(1, 3)):
        for path in sorted(scene.project.folder.rglob("*")):
            if path.is_file() and ".git/" not in str(path) and scene.chance.random() < 0.7:
                seconds = scene.chance.choice(YEARS)
                os.utime(path, (seconds, seconds))
        scene.run(("snakemake", "--cores", "1", "-n", "submission"))
    return SUBMISSION
