rule submit:
    """Submit the row, once, and collect its score.

    It has no output, so it always runs: it checks by itself whether the file is submitted and scored.
    """
    input:
        ancient(PLAN.finished_row()),
    log:
        "logs/submit.log",
    params:
        run=RUN,
    message:
        "Submit the row and collect its score"
    localrule: True
    shell:
        "{params.run} --log {log} submit"
