"""The score table as one HTML page: its data, its charts, and the scripts that make it answer.

docs/architecture.md says how the packages depend on each other.
"""
