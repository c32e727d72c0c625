"""Augmentations of spectrograms."""
