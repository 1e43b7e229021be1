rule score_table:
    """Write the score table.

    It has no output, so it always runs: which rows there are is not known from files.
    """
    log:
        "logs/score_table.log",
    params:
        run=RUN,
    message:
        "Write the score table"
    localrule: True
    shell:
        "{params.run} --log {log} table --output data/score_table.md && {params.run} table --output data/score_table.html"
