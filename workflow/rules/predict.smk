rule predict:
    input:
        ancient(PLAN.inputs("predict")),
    output:
        PLAN.outputs("predict"),
    params:
        **PLAN.step_params("predict"),
    shell:
        "{RUN} predict --lineage {PLAN.digest[predict]}"
