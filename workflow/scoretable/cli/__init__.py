"""The command line. Nothing imports it.

It may import every package.
"""
