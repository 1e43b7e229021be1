rule data_report:
    """Look at the data.

    It has no output, so it always runs: a row that is made later has more to say about the same images.
    """
    input:
        ancient(PLAN.outputs("preprocess")),
    log:
        "logs/data_report.log",
    params:
        run=RUN,
    message:
        "Look at the data"
    localrule: True
    shell:
        "{params.run} --log {log} audit"
