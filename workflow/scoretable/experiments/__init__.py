"""How DVC keeps rows as experiments, and a run of one from its plan to its saving.

It may import steps, rows and what lies below them.
"""
