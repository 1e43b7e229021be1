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
from scoretable.experiments.saving import is_inside_dvc_stage
from scoretable.workspace.lock import hold_lock
from scoretable.experiments.plan import Plan

# Held until the process ends: by a stage of DVC's from here on, since its run may not make what it misses while another
# run makes it again, and by other runs from their start, since `snakemake -n` may look on.
RUN_LOCK = None

try:
    if is_inside_dvc_stage() and workflow.is_main_process:
        RUN_LOCK = hold_lock("snakemake")
    PLAN = Plan.read(Path("params.yaml"))
except InputError as error:
    raise WorkflowError(str(error)) from None

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
    global RUN_LOCK
    try:
        RUN_LOCK = RUN_LOCK or hold_lock("snakemake")
        PLAN.begin()
    except InputError as error:
        raise WorkflowError(str(error)) from None


onsuccess:
    # Commands that only report save nothing.
    if set(workflow.dag_settings.targets) != {"score_table"}:
        PLAN.save_row()


onerror:
    PLAN.repeat_last_error()
