"""Which images an archive holds, what their labels are, and where each lies.

It may import decoding and what lies below it.
"""
