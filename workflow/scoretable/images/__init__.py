"""The image cache: how it is made of an archive, and how it is read.

It may import manifest and what lies below it.
"""
