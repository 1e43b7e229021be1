"""Studies: factors varied around a base row, the best combined and confirmed.

It may import table, experiments and what lies below them.
"""
