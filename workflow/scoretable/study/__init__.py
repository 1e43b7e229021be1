"""Studies: factors varied around a base row, the best combined and confirmed.

It may import table, rows and what lies below them.
"""
