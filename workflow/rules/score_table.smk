# Without an output, so that it runs each time: which experiments there are is not known from files.
rule score_table:
    localrule: True
    shell:
        "{RUN} table --output data/score_table.md && {RUN} table --output data/score_table.html"
