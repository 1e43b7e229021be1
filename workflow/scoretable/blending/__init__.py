"""Blends of rows: their weights, what a blend is worth on images that chose nothing, and the blend as a row.

It may import table and what lies below it. No step is made of it, so no change here runs a row again.
"""
