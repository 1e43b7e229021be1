rule evaluate:
    input:
        ancient(PLAN.inputs("evaluate")),
    output:
        PLAN.outputs("evaluate", exclude=PLAN.plots()),
        report(PLAN.plots(), category="Evaluation", caption="../report/plots.rst"),
    params:
        **PLAN.step_params("evaluate"),
    shell:
        "{RUN} evaluate --lineage {PLAN.digest[evaluate]}"
