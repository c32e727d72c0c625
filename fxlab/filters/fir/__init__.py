"""Finite impulse response filters by the common design methods."""
