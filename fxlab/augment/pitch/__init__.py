"""Augmentations of pitch, speed and sample rate."""
