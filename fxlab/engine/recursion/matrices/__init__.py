"""The matrices of a recursive filter: its state space, and the matrices for blocks, groups and tiles of samples."""
