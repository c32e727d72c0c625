"""Augmentations of spectrograms: masks and permuted channels."""
