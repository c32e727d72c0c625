"""Augmentations that move, cut or mask parts of the sound; those that move or cut edit the targets in the same way."""
