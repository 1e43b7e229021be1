"""A competition's archive: read without unpacking a zip, bounded against hostile ones, and kept where DVC leaves it.

It may import workspace.
"""
