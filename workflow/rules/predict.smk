rule predict:
    """Predict the test images, and the validation images by the model that has not seen them."""
    input:
        ancient(PLAN.inputs("predict")),
    output:
        PLAN.outputs("predict"),
    log:
        "logs/predict.log",
    params:
        **PLAN.step_params("predict"),
        run=RUN,
        lineage=PLAN.digest["predict"],
    message:
        "Predict the test and the validation images"
    shell:
        "{params.run} --log {log} predict --lineage {params.lineage}"
