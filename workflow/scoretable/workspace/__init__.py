"""Safe files, locks, checksums, plain YAML, and the sentence that tells you what to mend.

It imports no other package.
"""
