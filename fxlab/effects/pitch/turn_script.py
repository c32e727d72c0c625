"""The loop over the frames of a phase vocoder; see `fxlab.engine.torch_support.script` for how it is compiled."""

from __future__ import annotations

import torch
from torch import Tensor


def turn_frames(turn: Tensor, steps: Tensor, peaks: Tensor) -> Tensor:
    """Return the factor of every bin of every frame, `(rows, frames + 1, bins)`; `turn` are those of the first frame.

    `steps` has the factors by which a bin advances from a frame to the next, and `peaks` the index of the bin whose
    factor each bin takes over in the next frame, both `(rows, frames, bins)`.
    """
    turns = [turn]
    for frame in range(steps.shape[1]):
        turn = (turn * steps[:, frame]).gather(-1, peaks[:, frame])
        turns.append(turn)
    return torch.stack(turns, 1)
