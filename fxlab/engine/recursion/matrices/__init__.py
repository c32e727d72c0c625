"""The matrices of a recursive filter: its state space, and what filters blocks, groups and tiles of samples."""
