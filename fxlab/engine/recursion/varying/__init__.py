"""Recursive filters with time-varying coefficients or with saturation.

Entry points: `sosfilt_varying`, `ssfilt_varying` and `ssfilt_saturating`.

- `section_bands`, `system_bands` and `system_sections`: long rows on the CPU as banded systems of equations, which
  `banded_solver` solves
- `varying_lanes`, with `varying_script`, and `varying_system_lanes`: other rows in parallel chunks
- `scan_varying`: the states for a matrix that changes at each step, by differentiable operations
"""
