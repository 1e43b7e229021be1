rule preprocess:
    """Decode and resize all images into the image cache."""
    input:
        ancient(PLAN.inputs("preprocess")),
    output:
        PLAN.outputs("preprocess"),
    log:
        "logs/preprocess.log",
    params:
        **PLAN.step_params("preprocess"),
        run=RUN,
        lineage=PLAN.digest["preprocess"],
    message:
        "Decode and resize the images"
    shell:
        "{params.run} --log {log} preprocess --lineage {params.lineage}"
