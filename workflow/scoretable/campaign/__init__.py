"""Campaigns: recipes of several rows, made and blended by one command, with a second round on pseudo-labels.

It may import blending, table and what lies below them. No step is made of it, so no change here runs a row again.
"""
