"""Everything that talks to Kaggle: downloads, submissions, and training on its machines.

It may import steps, rows and what lies below them.
"""
