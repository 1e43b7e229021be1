"""Describes a competition that has no file yet: what its archive, or Kaggle's list of its files, shows.

It may import kaggle and what lies below it.
"""
