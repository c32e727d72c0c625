"""Fixed-point simulation of filter flow graphs."""
