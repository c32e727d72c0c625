"""One-pole smoothers, envelope followers, and the maximum and mean of sliding windows.

Entry point: `smoothers.py`, with `one_pole`, `branching_smoother`, `decoupled_smoother` and `smoothing_pole`. The
followers call `envelope_autograd`, which adds derivatives to `follow_envelope`. This runs the recursion in parallel
chunks. `detector` defines the two variants of the recursion, `lane_script` computes its steps, `chunk_maps` predicts
the first state of each chunk, and `branches` stores the masks of the samples with the attack pole. `follower_adjoint`
computes the gradient backwards in time. `sliding_window` is independent of these files.
"""
