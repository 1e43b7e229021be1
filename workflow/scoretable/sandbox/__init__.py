"""The sandbox competition: photos of leaves and the archive that holds them, drawn by the program.

It may import workspace.
"""
