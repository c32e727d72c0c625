"""Dynamics: effects that set their gain from the level of a signal."""
