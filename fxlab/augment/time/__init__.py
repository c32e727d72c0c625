"""Augmentations that move, cut or mask parts of the sound, and the targets with it."""
