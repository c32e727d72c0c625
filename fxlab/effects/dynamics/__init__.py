"""Dynamics: effects that set a gain from the level of a signal, or from the changes of this level."""
