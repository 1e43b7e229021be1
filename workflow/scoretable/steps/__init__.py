"""The steps of the pipeline: each maps params and paths to one call of the package and says what it made.

Each module has a function `run(params, session, layout, record)`, which returns the line that closes the step's output.
It may import rows and what lies below them.
"""
