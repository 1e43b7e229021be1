"""A look at the data before training: what there is, what looks alike, what differs, and what may be wrong.

It may import page and what lies below it.
"""
