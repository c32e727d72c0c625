"""Augmentations that filter: cutoffs, equalizers, air, rooms and impulse responses."""
