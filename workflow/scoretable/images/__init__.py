"""From the archive to the image cache: decoding, resizing, and the manifest.

It may import competition and what lies below it.
"""
