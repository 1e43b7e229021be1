rule write_submission:
    """Write the submission, checked against the competition's sample."""
    input:
        ancient(PLAN.inputs("submission")),
    output:
        PLAN.outputs("submission"),
    log:
        "logs/write_submission.log",
    params:
        run=RUN,
        lineage=PLAN.digest["submission"],
    message:
        "Write the submission"
    localrule: True
    shell:
        "{params.run} --log {log} submission --lineage {params.lineage}"
