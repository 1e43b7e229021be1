# Without an output, so that it runs each time: it looks itself whether the file is submitted and scored.
rule submit:
    input:
        ancient(PLAN.finished_row()),
    localrule: True
    shell:
        "{RUN} submit"
