"""Augmentations that apply other augmentations: in series, or some of them."""
