"""Safe files, locks, checksums, plain YAML, and the sentence that tells you what to fix.

It imports no other package.
"""
