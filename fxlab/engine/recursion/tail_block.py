"""What is left of a signal behind its last whole group: in NumPy, whose small products cost a third of PyTorch's."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from fxlab.engine.recursion.plan import Direction
from fxlab.engine.recursion.scan import ALONE, SMALL

MATRIX = 1 << 13  # numbers of a matrix, by a single row: beyond, see ALONE


def serves(d: Direction, x: Tensor) -> bool:
    """Whether the rest of `x` `(rows, time)` is little enough, and on the CPU, through one filter, forwards."""
    alone = x.shape[-1] * d.plan.length <= ALONE and (d.plan.states * d.plan.group) ** 2 <= MATRIX
    return not d.reverse and d.plan.index is None and x.device.type == "cpu" and x.numel() <= SMALL and alone


def rest(d: Direction, x: Tensor, s: Tensor, y: Tensor) -> Tensor:
    """Filter `x` `(rows, time)`, shorter than a group, into `y` from the state `s` `(rows, 1, n)`; the state after."""
    rows, time = x.shape
    n, length = d.plan.states, d.plan.length
    H, R, O, within, carry = d.exact  # noqa: E741
    whole, odd = divmod(time, length)
    blocks = whole + 1
    padded = np.zeros((rows, blocks * length))
    padded[:, :time] = x.numpy()
    cut = padded.reshape(rows, blocks, length)
    state, size = s.numpy(), blocks * n
    if blocks == 1:
        states = state
    else:
        drive = (cut @ R.T).reshape(rows, 1, size)
        states = drive @ within[:size, :size].T
        states += state @ carry[:size].T
        states = states.reshape(rows, blocks, n)
    out = cut @ H.T
    out += states @ O.T
    y.numpy()[...] = out.reshape(rows, -1)[:, :time]
    last = states[:, -1:]
    if odd:
        last = last @ d.over(odd).T + cut[:, -1:, :odd] @ R[:, length - odd :].T
    return torch.from_numpy(np.ascontiguousarray(last))
