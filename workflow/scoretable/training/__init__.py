"""The training loop and its parts: batches, augmentation, compiled step, optimizer, checkpoint.

It may import session, devices, models, images, competition and workspace.
"""
