"""A saved row as a model: its answers to photos of your own, and its export.

It may import experiments and what lies below it.
"""
