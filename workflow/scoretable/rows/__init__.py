"""What a row of the score table is: its params, files and lineage.

It may import evaluation and what lies below it.
"""
