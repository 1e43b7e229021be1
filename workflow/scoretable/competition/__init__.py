"""What a competition asks, and what its archive holds: tables, labels, images, or the drawn sandbox.

It may import workspace.
"""
