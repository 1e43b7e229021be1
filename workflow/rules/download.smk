rule download:
    output:
        PLAN.outputs("download"),
    params:
        **PLAN.step_params("download"),
    localrule: True
    shell:
        "{RUN} download --lineage {PLAN.digest[download]}"
