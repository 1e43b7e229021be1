"""From the bytes of an image file to the pixels of the image cache: decoding, scaling, cropping, resizing.

It may import scoring and what lies below it.
"""
