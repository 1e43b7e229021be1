"""The score table: reported rows beside reruns, with statistics, page, and commands that make rows again.

It may import kaggle, rows and what lies below them.
"""
