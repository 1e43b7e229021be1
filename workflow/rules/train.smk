rule train:
    """Train the model on the image cache, going on from a checkpoint where there is one."""
    input:
        ancient(PLAN.inputs("train")),
    output:
        PLAN.outputs("train"),
    log:
        "logs/train.log",
    params:
        **PLAN.step_params("train"),
        run=RUN,
        lineage=PLAN.digest["train"],
        launch=LAUNCH,
        place=TRAIN_ON,
    message:
        "Train {params.model}"
    shell:
        "{params.launch} {params.run} --log {log} train --lineage {params.lineage} --on {params.place}"
