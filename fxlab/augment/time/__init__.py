"""Augmentations that move, cut or mask parts of the sound, and edit the targets in the same way."""
