"""Answers to images, and the submission made from them.

It may import training and what lies below it.
"""
