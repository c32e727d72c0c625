"""Time-varying second-order sections on many chunks in parallel, as functions that TorchScript compiles.

See `varying_lanes.py` for the recursion. `x` and `y` are `(length, rows, chunks)`. `c` are the coefficients b0, b1,
b2, 1, -a1 and -a2 of each step in a chunk, `(6, steps, filters, chunks)`; a step is `hop` samples long.
"""

import torch
from torch import Tensor


def run_section(x: Tensor, y: Tensor, c: Tensor, hop: int, state: Tensor) -> Tensor:
    """Write the output of a section to `y` and return `y`; `state` `(rows, 2)` is the state before the first chunk."""
    inputs, outputs = x.unbind(0), y.unbind(0)
    b0, b1, b2, na1, na2 = c[0].unbind(0), c[1].unbind(0), c[2].unbind(0), c[4].unbind(0), c[5].unbind(0)
    length = len(inputs)
    # The first pass writes the feed-forward part to y, and keeps only the last two outputs from a zero state.
    before = torch.zeros([], dtype=x.dtype, device=x.device)
    last = before
    for n in range(length):
        out = outputs[n]
        torch.mul(inputs[n], b0[n // hop], out=out)
        if n == 0:
            last = out
        else:
            out.addcmul_(b1[(n - 1) // hop], inputs[n - 1])
            if n > 1:
                out.addcmul_(b2[(n - 2) // hop], inputs[n - 2])
            new = torch.addcmul(out, na1[(n - 1) // hop], last)
            if n > 1:
                new.addcmul_(na2[(n - 2) // hop], before)
            before = last
            last = new
    if x.size(2) > 1:
        ends = end_states(x, before, last, c, hop)
        starts = chunk_starts(transition(c, hop, length), ends, state)
    else:
        starts = state.t().unsqueeze(-1)
    outputs[0].add_(starts[0])
    if length > 1:
        outputs[1].add_(starts[1]).addcmul_(na1[0], outputs[0])
    for n in range(2, length):
        outputs[n].addcmul_(na1[(n - 1) // hop], outputs[n - 1]).addcmul_(na2[(n - 2) // hop], outputs[n - 2])
    return y


def end_states(x: Tensor, before: Tensor, last: Tensor, c: Tensor, hop: int) -> Tensor:
    """Return the state after the last sample of every chunk, `(2, rows, chunks)`, for a zero state before the chunk.

    `before` and `last` are the last two outputs of the chunks, `(rows, chunks)`.
    """
    n = x.size(0) - 1
    k = n // hop
    second = torch.addcmul(c[2][k] * x[n], c[5][k], last)
    first = torch.addcmul(c[1][k] * x[n], c[4][k], last)
    if n > 0:
        k = (n - 1) // hop
        first.addcmul_(c[2][k], x[n - 1]).addcmul_(c[5][k], before)
    return torch.stack([first, second])


def transition(c: Tensor, hop: int, length: int) -> Tensor:
    """Return the matrix from the state before each chunk to the state after it, `(2, 2, filters, chunks)`."""
    na1, na2 = c[4].unbind(0), c[5].unbind(0)
    one = torch.ones_like(na1[0])
    zero = torch.zeros_like(na1[0])
    if length == 1:
        return torch.stack([torch.stack([na1[0], one]), torch.stack([na2[0], zero])])
    before = torch.stack([one, zero])  # y[0] for the states (1, 0) and (0, 1)
    last = torch.stack([na1[0], one])
    for n in range(2, length):
        new = torch.mul(last, na1[(n - 1) // hop]).addcmul_(na2[(n - 2) // hop], before)
        before = last
        last = new
    n = length - 1
    first = torch.addcmul(na1[n // hop] * last, na2[(n - 1) // hop], before)
    return torch.stack([first, na2[n // hop] * last])


def chunk_starts(m: Tensor, f: Tensor, first: Tensor) -> Tensor:
    """Return the state before every chunk, `(2, rows, chunks)`.

    A chunk maps the state s before it to `m s + f`; the maps are composed in pairs. `m` is `(2, 2, filters, chunks)`,
    `f` is `(2, rows, chunks)` and is changed in place, and `first` `(rows, 2)` is the state before the first chunk.
    """
    start = first.t().unsqueeze(-1)
    f[:, :, :1] += m[:, 0, :, :1] * start[0] + m[:, 1, :, :1] * start[1]
    reach, chunks = 1, f.size(2)
    while reach < chunks:
        later, earlier = m[..., reach:], m[..., :-reach]
        moved = f[..., reach:] + later[:, 0] * f[0, :, :-reach] + later[:, 1] * f[1, :, :-reach]
        f = torch.cat([f[..., :reach], moved], -1)
        m = torch.cat([m[..., :reach], later[:, :1] * earlier[:1] + later[:, 1:] * earlier[1:]], -1)
        reach *= 2
    return torch.cat([start.expand(2, -1, 1), f[..., :-1]], -1)
