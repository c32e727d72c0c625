"""Linear time-invariant modules and what follows from a transfer function."""
