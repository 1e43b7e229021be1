rule write_submission:
    input:
        ancient(PLAN.inputs("submission")),
    output:
        PLAN.outputs("submission"),
    shell:
        "{RUN} submission --lineage {PLAN.digest[submission]}"
