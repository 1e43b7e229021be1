"""Backbones with their weights, and the classifier built on one.

It may import workspace.
"""
