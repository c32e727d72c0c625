"""One-pole smoothers, envelope followers, and the maximum and mean of sliding windows.

Entry point: `smoothers.py`, with `one_pole`, `branching_smoother`, `decoupled_smoother` and `smoothing_pole`. The
followers call `envelope_autograd`, which adds derivatives to `follow_envelope`. This runs the recursion in parallel
chunks: `detector` names its two variants, and `chunk_maps` predicts the first state of each chunk.
Its steps are in `lane_script`, `branches` holds which samples chose the attack, and `follower_adjoint` runs the gradient
backwards over them. `sliding_window` is independent of them.
"""
