"""Filtering of rows of samples with the matrices of a filter: short, medium and long signals, and gradients.

- `filter_rows`: the filter with explicit gradients; `differentiable_filter`: with differentiable operations
- `segments` and `tile_script`: tiles on the CPU; `tiles`, `group_states` and `scan_states`: tiles on other devices
- `tail_block`: the samples after the last group; `overflowed_rows`: rows with values that are not finite
- `short_signals` and `medium_signals`, with `scan_arrays`: few NumPy calls, for one filter
- `row_products`: products in which equal rows have equal results
"""
