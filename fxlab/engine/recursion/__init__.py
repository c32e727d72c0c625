"""Recursive filters: second-order sections, transfer functions and state spaces, fixed and time-varying."""
