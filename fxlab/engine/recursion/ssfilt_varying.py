"""A linear system whose matrices change with time, from sample to sample if need be: corners that are modulated."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from fxlab.engine.recursion.filter_rows import full_precision
from fxlab.engine.recursion.section_arguments import check_signal, home, state_of
from fxlab.engine.recursion.sosfilt_varying import scan_varying
from fxlab.engine.recursion.ssfilt import check_frames, check_system, lead_of, parts

TILE = 1 << 16  # samples of all rows together whose matrices are in memory at once


def ssfilt_varying(
    x: Tensor, system: Tensor, state: Tensor | None = None, *, hop_length: int = 1
) -> tuple[Tensor, Tensor]:
    """Filter `x` by `s[k+1] = A[k] s[k] + B[k] x[k]`, `y[k] = C[k] s[k] + D[k] x[k]`.

    What the recurrence gives sample by sample, found by pairing steps instead: `log2(time)` levels, in float64, and
    differentiable in all tensors.

    Shape:
        x: `(..., time)`.
        system: `(..., frames, n + 1, n + 1)`, as in `ssfilt`, frame `k` for the samples from `k * hop_length` on: as
            many frames as hops begin in `time`.
        state: `(..., n)`; None is rest.
        Returns `y` with the dtype of `x`, and the state after the last sample, in float64.

    Raises:
        EngineError: a wrong shape, dtype or device, another number of frames, or a matrix that is not finite.

    >>> leak = torch.tensor([1.0, 0.5, 0.0]).reshape(3, 1, 1) * torch.tensor([[1.0, 0.0], [0.0, 0.0]])
    >>> accumulate = torch.tensor([[0.0, 1.0], [1.0, 1.0]])
    >>> ssfilt_varying(torch.ones(3), leak + accumulate)[0]
    tensor([1.0000, 2.0000, 2.5000])
    """
    caller = "ssfilt_varying"
    check_signal(caller, x)
    check_system(caller, system, x, frames=True)
    time, n = x.shape[-1], system.shape[-1] - 1
    check_frames(caller, system.shape[-3], time, hop_length)
    lead = lead_of(caller, x, system, 3)
    s = state_of(caller, state, lead, n, x, " and system")
    if math.prod(lead) * time == 0:
        return x.expand(*lead, time).clone(), s.clone()
    # One system for all rows: they lie side by side in each step. A system for each row: each row lies alone.
    together = math.prod(system.shape[:-3]) == 1
    inner = (math.prod(lead),) if together else (*lead, 1)
    frames = system.to(home(x.device), torch.float64)
    frames = frames.reshape(frames.shape[-3:]) if together else frames
    work = x.expand(*lead, time).reshape(*inner, time)
    s = s.reshape(*inner, n)
    # Tiles of equal length: all but the last find their buffers warm.
    tile = max(1, TILE // math.prod(inner))
    outputs = []
    with full_precision(x):
        for start in range(0, time, tile):
            cut = work[..., start : start + tile].to(s.device, s.dtype)
            y, s = _tile(cut, _over(frames, start, cut.shape[-1], hop_length), s)
            outputs.append(y.to(x.device, x.dtype))
    return torch.cat(outputs, -1).reshape(*lead, time), s.reshape(*lead, n)


def _tile(x: Tensor, system: Tensor, s: Tensor) -> tuple[Tensor, Tensor]:
    """`x` `(..., rows, time)` by `system` `(..., time, n + 1, n + 1)`."""
    A, B, C, D = parts(system)
    signal = x.mT.unsqueeze(-1)
    states, s = scan_varying(A, signal * B.unsqueeze(-2), s)
    return ((states * C.unsqueeze(-2)).sum(-1) + x.mT * D.unsqueeze(-1)).mT, s


def _over(frames: Tensor, start: int, count: int, hop: int) -> Tensor:
    """The system of each of `count` samples from `start` on."""
    if hop == 1:
        return frames[..., start : start + count, :, :]
    at = torch.arange(start, start + count, device=frames.device) // hop
    return frames.index_select(-3, at)
