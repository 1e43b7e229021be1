"""Everything that talks to Kaggle: downloads, submissions, and training on its machines.

It may import experiments, steps and what lies below them.
"""
