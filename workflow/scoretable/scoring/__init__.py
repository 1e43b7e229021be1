"""What a competition is scored by: the value of each metric, and the thresholds and cut points that score best.

It may import competition and what lies below it.
"""
