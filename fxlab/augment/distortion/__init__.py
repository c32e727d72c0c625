"""Augmentations that distort: clipping, saturation, rounding, aliasing, a limiter and lossy coding."""
