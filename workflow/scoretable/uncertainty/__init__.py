"""How far a score can be trusted: the noise of images and of runs, intervals, comparisons, and their corrections.

It may import scoring and what lies below it.
"""
