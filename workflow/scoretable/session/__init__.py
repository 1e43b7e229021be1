"""How one session of training is watched and stopped. Nothing here changes a weight.

It may import workspace.
"""
