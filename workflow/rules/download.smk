rule download:
    """Fetch the competition's archive and check it, or draw the sandbox's."""
    output:
        PLAN.outputs("download"),
    log:
        "logs/download.log",
    params:
        **PLAN.step_params("download"),
        run=RUN,
        lineage=PLAN.digest["download"],
    message:
        "Get the archive of {params.competition}"
    localrule: True
    shell:
        "{params.run} --log {log} download --lineage {params.lineage}"
