"""The steps of the pipeline: each maps params and paths to one call of the package and says what it made.

Every module has one function, `run(params, layout, record)`, which returns the line that closes the step's output.
"""
