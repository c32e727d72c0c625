"""Augmentations that distort."""
