"""Augmentations that filter: Butterworth filters, equalizers, absorption by air, rooms and impulse responses."""
