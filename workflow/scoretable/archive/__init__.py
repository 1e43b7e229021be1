"""A competition's zip archive: read without unpacking it, bounded against hostile ones, and kept where DVC leaves it.

It may import workspace.
"""
