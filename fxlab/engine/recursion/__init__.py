"""Recursive filters: second-order sections, transfer functions and state spaces, fixed and time-varying.

Entry points: `sosfilt`, `lfilter` and `ssfilt` for fixed coefficients, `sosfilt_varying`, `ssfilt_varying` and
`ssfilt_saturating` for coefficients that change with time.

The fixed filters call `realization.filter_signal`, which works as follows:

- `state_space` (for sections) or `well_conditioned` (for high orders) turns the coefficients into a state space.
- `filter_plan` computes the matrices for it: `block_matrices` for a block of samples, `group_matrices` for a group of
  blocks, and `direction_matrices` for one direction in time, in the coordinates of `output_normal`.
- `filter_rows` filters with hand-written gradients. It calls `tiles`, which multiplies by the matrices, with
  `scan_states` for the states between groups and `tail_block` for the remaining samples. `overflowed_rows` repeats rows
  whose values overflow.
- On the CPU `segments` divides this into tiles and among threads; `tile_script` filters a tile, with `tile_matrices`.
- `short_signals` and `medium_signals` replace all of it for up to 65,536 samples on the CPU without gradients.
- `differentiable_filter` replaces `filter_rows` under PyTorch's transforms and for higher derivatives.

The time-varying filters find their states with `scan_varying`. `section_arguments`, `system_arguments` and
`initial_state` check the arguments.
"""
