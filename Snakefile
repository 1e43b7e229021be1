# Scoretable: from a Kaggle competition to a submission. `snakemake --cores 1 submission`
import os
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError
from snakemake.settings.enums import Quietness

# A copy of the repository, as DVC makes it for an experiment, must run its own package.
PACKAGE = str(Path(workflow.basedir) / "workflow")
os.environ |= {"PYTHONPATH": PACKAGE}
sys.path.insert(0, PACKAGE)

from scoretable.workspace.errors import InputError
from scoretable.experiments.dvc_lock import mend_locks_of_dvc
from scoretable.experiments.run_settings import COPY, begin_settings, put_settings_back
from scoretable.experiments.saving import is_inside_dvc_stage
from scoretable.workspace.lock import hold_lock
from scoretable.experiments.plan import Plan

# Taken before anything is planned, and held until the process ends. Who gets no lock may only look on, as `snakemake -n`
# does, and plans without mending anything.
RUN_LOCK, REFUSED = None, None
PARAMS = Path("params.yaml")

try:
    if workflow.is_main_process:
        mend_locks_of_dvc()
        try:
            RUN_LOCK = hold_lock("snakemake")
        except InputError as error:
            REFUSED = error
        if REFUSED and is_inside_dvc_stage():
            if (COPY / PARAMS).exists():  # DVC has checked out older files over those of the run that is going on
                Plan.read(COPY / PARAMS, mend=False).look_after_outputs()
            raise InputError(f"{REFUSED} Then `dvc exp run` makes the row that params.yaml now holds.")
        if RUN_LOCK and not workflow.output_settings.dryrun:
            PARAMS = begin_settings(is_inside_dvc_stage())
    elif (COPY / PARAMS).exists():  # a job, perhaps on another machine
        PARAMS = COPY / PARAMS
    PLAN = Plan.read(PARAMS, mend=RUN_LOCK is not None)
    if workflow.output_settings.dryrun and RUN_LOCK:
        RUN_LOCK.close()
except InputError as error:
    raise WorkflowError(str(error)) from None

os.environ |= {"SCORETABLE_PARAMS": str(PARAMS)}  # for the steps

config["params"] = PLAN.params.model_dump()

# The image that workflow/containers/Dockerfile builds. Used with `--software-deployment-method apptainer` only, else the
# environment that Snakemake itself runs in is also that of the steps.
container: "docker-daemon://scoretable:latest"


RUN = f"{'python' if workflow.deployment_settings.deployment_method else sys.executable} -m scoretable"

# A profile (workflow/profiles/kaggle) sets it for the machine at hand; otherwise train_on of session.yaml counts.
TRAIN_ON = config.get("train_on", PLAN.session.train_on)

# Starts several processes that train one model together, as `srun --ntasks=2` does (docs/cluster.md).
LAUNCH = config.get("launch", "")


# The profile keeps a run short. A dry run is typed to see the jobs, their reasons, and how many there are.
if workflow.output_settings.dryrun and Quietness.HOST in workflow.output_settings.quiet:
    workflow.output_settings.quiet.difference_update({Quietness.RULES, Quietness.PROGRESS})


report: "workflow/report/row.rst"


include: "workflow/rules/download.smk"
include: "workflow/rules/preprocess.smk"
include: "workflow/rules/train.smk"
include: "workflow/rules/evaluate.smk"
include: "workflow/rules/predict.smk"
include: "workflow/rules/submission.smk"
include: "workflow/rules/submit.smk"
include: "workflow/rules/score_table.smk"
include: "workflow/rules/data_report.smk"


if PLAN.is_unsaved:

    # A rule that does something is run, and so the run comes to `onsuccess` also where all files are there.
    rule submission:
        input:
            PLAN.finished_row(),
        log:
            "logs/submission.log",
        message:
            "Save the row as an experiment"
        default_target: True
        localrule: True
        shell:
            "true"

else:

    rule submission:
        input:
            PLAN.finished_row(),
        message:
            "The row is complete"
        default_target: True


onstart:
    try:
        if REFUSED:
            raise REFUSED
        PLAN.begin()
    except InputError as error:
        raise WorkflowError(str(error)) from None


onsuccess:
    # Commands that only report save nothing.
    if set(workflow.dag_settings.targets) not in ({"score_table"}, {"data_report"}):
        PLAN.save_row()
    if is_inside_dvc_stage():
        put_settings_back()


onerror:
    PLAN.repeat_last_error()
    if is_inside_dvc_stage():
        put_settings_back()
