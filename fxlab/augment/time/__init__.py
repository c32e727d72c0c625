"""Augmentations that move, cut, repeat or mask parts of the sound; all but masks and fades also edit the targets."""
