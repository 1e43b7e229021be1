rule train:
    input:
        ancient(PLAN.inputs("train")),
    output:
        PLAN.outputs("train"),
    params:
        **PLAN.step_params("train"),
    shell:
        "{LAUNCH} {RUN} train --lineage {PLAN.digest[train]} --on {TRAIN_ON}"
