"""What a row of the score table is: its params, files, lineage, and the experiment that keeps it.

It may import evaluation and what lies below it.
"""
