"""Advice for the last day of a competition: what the rows say of the private part, and which two to choose.

It may import table and what lies below it.
"""
