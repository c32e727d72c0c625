"""Linear time-invariant modules: their analysis, and the base classes of filters."""
