"""Recursive filters: second-order sections, transfer functions and state spaces, fixed and time-varying.

Entry points: `sosfilt`, `lfilter` and `ssfilt` for fixed coefficients, `sosfilt_varying`, `ssfilt_varying` and
`ssfilt_saturating` for coefficients that change with time.

The filters with fixed coefficients call `filter_signal`. The parts are:

- `matrices/`: `state_space` (for sections) or `well_conditioned` (for high orders) converts the coefficients to a state
  space. `filter_plan` computes its matrices: `block_matrices` for a block of samples, `group_matrices` for a group of
  blocks, and `direction_matrices` for one direction in time, for float32 in the coordinates of `output_normal`.
- `rows/`: `filter_rows` filters with explicit gradients. On the CPU it calls `segments`, which divides the rows
  into tiles and among threads; `tile_script` filters a tile. On other devices `tiles` filters the rows, with
  `scan_states` for the states between groups. `tail_block` filters the remaining samples, and `overflowed_rows` filters
  rows again if their values are not finite. On the CPU and without gradients, `short_signals` and `medium_signals`
  replace all of these for one cascade of up to 32 sections and rows of up to 8192 samples, or 524,288 in float32.
  `differentiable_filter` replaces them in transforms of `torch.func` and for higher derivatives.
- `varying/`: on the CPU, long rows of the time-varying filters are solved as banded systems of equations
  (`section_bands`, `system_bands`). Short rows, and rows on other devices, are computed in parallel chunks
  (`varying_lanes`, `varying_system_lanes`). With gradients, for unstable sections and for many states, `scan_varying`
  computes the states.
- `realization`: the conversion of coefficients to a state space, whose matrices are cached.
- `prepared_sections`: `sosfilt` with constant sections, for the blocks of a stream.

`steady_state` computes initial states: `sosfilt_zi`, `lfilter_zi`, `lfiltic` and `ssfilt_zi`.

`section_arguments`, `system_arguments` and `initial_state` check the arguments.
"""
