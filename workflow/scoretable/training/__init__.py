"""The training loop and its parts: batches, augmentation, compiled step, optimizer, checkpoint.

It may import session and what lies below it.
"""
