"""The matrices of a recursive filter: its state space, and the matrices for blocks, groups and tiles of samples.

- `state_space`: a cascade of sections as a state space
- `shifted_form`, `output_normal` and `well_conditioned`: coordinates of the state in which digits are not lost
- `block_matrices`, `group_matrices`, `direction_matrices` and `tile_matrices`: the matrices of blocks, groups, one
  direction in time, and tiles; `filter_plan` stores them
- `block_gradients`: gradients for a state space from those for its block matrices
- `array_library` and `exact_products`: functions for NumPy arrays and tensors, and rounding errors of products
"""
