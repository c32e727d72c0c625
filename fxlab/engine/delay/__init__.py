"""Feedback delay lines: combs, all-passes and damped echoes."""
