rule preprocess:
    input:
        ancient(PLAN.inputs("preprocess")),
    output:
        PLAN.outputs("preprocess"),
    params:
        **PLAN.step_params("preprocess"),
    shell:
        "{RUN} preprocess --lineage {PLAN.digest[preprocess]}"
