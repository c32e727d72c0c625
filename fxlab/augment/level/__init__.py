"""Augmentations of level, polarity and channels."""
