"""The score table: reported rows beside reruns, with statistics, page, and commands that make rows again.

It may import kaggle, experiments and what lies below them.
"""
