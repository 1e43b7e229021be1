"""Images that look alike: perceptual hashes, and the groups that they make.

It may import nothing but `workspace`.
"""
