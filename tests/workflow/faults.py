"""The faults that a seed draws.

A fault is a function of a `Scene`. It brings the project into a state in which a step is left to do, disturbs the run
of that step, asserts that what was said is clear, and does what the sentence asks for. The ordinary command that it
returns must then end with the files of an undisturbed run.
"""

from faults_of_clocks import let_the_clock_jump, set_the_clock
from faults_of_files import (
    damage_a_checkpoint,
    damage_a_file,
    damage_a_file_before_dvc,
    damage_the_cache_of_dvc,
    fill_the_disk,
    limit_the_size_of_files,
    make_a_folder_read_only,
)
from faults_of_processes import (
    kill_dvc,
    kill_snakemake,
    leave_a_stale_lock,
    press_ctrl_c_twice,
    run_two_at_once,
    run_two_temporary_experiments,
)
from scene import Fault

# They take turns by the number of the fault.
FAULTS: tuple[Fault, ...] = (
    kill_snakemake,
    damage_a_file,
    leave_a_stale_lock,
    fill_the_disk,
    kill_dvc,
    run_two_at_once,
    limit_the_size_of_files,
    make_a_folder_read_only,
    set_the_clock,
    press_ctrl_c_twice,
    damage_the_cache_of_dvc,
    damage_a_checkpoint,
    run_two_temporary_experiments,
    damage_a_file_before_dvc,
    let_the_clock_jump,
)
