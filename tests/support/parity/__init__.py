"""Comparisons of augmentations with audiomentations and torch-audiomentations, on the same drawn values."""
