"""Augmentations that are made of others."""
