rule evaluate:
    """Measure the answers to the validation images, and draw the plots."""
    input:
        ancient(PLAN.inputs("evaluate")),
    output:
        PLAN.outputs("evaluate", exclude=PLAN.plots()),
        report(PLAN.plots(), category="Evaluation", caption="../report/plots.rst"),
    log:
        "logs/evaluate.log",
    params:
        **PLAN.step_params("evaluate"),
        run=RUN,
        lineage=PLAN.digest["evaluate"],
    message:
        "Evaluate the model"
    shell:
        "{params.run} --log {log} evaluate --lineage {params.lineage}"
