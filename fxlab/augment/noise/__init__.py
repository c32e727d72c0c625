"""Augmentations that add noise."""
