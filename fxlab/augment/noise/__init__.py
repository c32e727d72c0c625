"""Augmentations that add noise, recordings or other examples of the batch."""
