"""What a training runs on: one device or several, their number format, and the import of Keras.

It may import models and workspace.
"""
