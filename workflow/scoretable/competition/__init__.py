"""What a competition asks: its file, tasks and metrics, its tables and labels, and the form of the answer.

It may import archive, sandbox and workspace.
"""
