"""Recipes: named params with what they are for and what they gave.

It may import rows and what lies below it.
"""
