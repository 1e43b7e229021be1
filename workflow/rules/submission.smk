rule write_submission:
    input:
        ancient(PLAN.inputs("submission")),
    output:
        PLAN.outputs("submission"),
    localrule: True
    shell:
        "{RUN} submission --lineage {PLAN.digest[submission]}"
