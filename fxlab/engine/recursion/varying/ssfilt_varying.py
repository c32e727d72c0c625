"""`ssfilt_varying`: a linear state space whose matrices change with time, up to once per sample."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from fxlab.engine.recursion.initial_state import initial_state
from fxlab.engine.recursion.system_arguments import broadcast_system_batch, check_frames, check_system, split_system
from fxlab.engine.recursion.varying.scan_varying import scan_varying
from fxlab.engine.recursion.varying.section_bands import MIN_TIME
from fxlab.engine.recursion.varying.system_bands import MAX_STATES as MAX_BAND_STATES
from fxlab.engine.recursion.varying.system_bands import run_systems_in_bands
from fxlab.engine.recursion.varying.varying_system_lanes import MAX_STATES, run_varying_systems
from fxlab.engine.torch_support.precision import disable_autocast, float64_device
from fxlab.engine.torch_support.tensor_checks import check_signal
from fxlab.engine.torch_support.tracing import needs_derivative

TILE = 1 << 16  # samples, over all rows, whose matrices are in memory at the same time


def ssfilt_varying(
    x: Tensor, system: Tensor, state: Tensor | None = None, *, hop_length: int = 1
) -> tuple[Tensor, Tensor]:
    """Filter `x` with `s[k+1] = A[k] s[k] + B[k] x[k]`, `y[k] = C[k] s[k] + D[k] x[k]`.

    The recurrence is computed in float64, and the result is differentiable with respect to all tensors.

    Shape:
        x: `(..., time)`.
        system: `(..., frames, n + 1, n + 1)`, as in `ssfilt`, where frame `k` applies from sample `k * hop_length`: one
            frame for each hop that begins within `time`.
        state: `(..., n)`; None means zeros.
        Returns `y` with the dtype of `x`, and the state after the last sample, in float64.

    Raises:
        EngineError: A shape, dtype, device or number of frames is wrong, `hop_length` is not a positive integer, or a
            matrix is not finite.

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
    batch_shape = broadcast_system_batch(caller, x, system, frames=True)
    s = initial_state(caller, state, batch_shape, n, x, " and system")
    if math.prod(batch_shape) * time == 0:
        return x.expand(*batch_shape, time).clone(), s.clone()
    # If all rows share one system, each step is one product for all rows. Otherwise each row is a separate batch.
    is_shared = math.prod(system.shape[:-3]) == 1
    rows_shape = (math.prod(batch_shape),) if is_shared else (*batch_shape, 1)
    frames = system.to(float64_device(x.device), torch.float64)
    frames = frames.reshape(frames.shape[-3:]) if is_shared else frames
    signal = x.expand(*batch_shape, time).reshape(*rows_shape, time)
    s = s.reshape(*rows_shape, n)
    outputs, begin = [], 0
    if not (needs_derivative(x, system, s) or x.is_meta) and n <= MAX_STATES:
        y, s, begin = _filter_in_chunks(signal, frames, hop_length, s)
        outputs.append(y)
    # With tiles of equal length, all but the last reuse memory that is already in the cache.
    tile = max(1, TILE // math.prod(rows_shape))
    with disable_autocast(x):
        for start in range(begin, time, tile):
            samples = signal[..., start : start + tile].to(s.device, s.dtype)
            systems = _systems_of_samples(frames, start, samples.shape[-1], hop_length)
            y, s = _filter_tile(samples, systems, s)
            outputs.append(y.to(x.device, x.dtype))
    return torch.cat(outputs, -1).reshape(*batch_shape, time), s.reshape(*batch_shape, n)


def _filter_in_chunks(x: Tensor, frames: Tensor, hop: int, s: Tensor) -> tuple[Tensor, Tensor, int]:
    """Filter all samples of `x` `(..., rows, time)`, or only those in complete chunks, without derivatives.

    `frames` are `(..., frames, n + 1, n + 1)`, and `s` is `(..., rows, n)`. Returns the output for the filtered
    samples, the state after them and their number, which may be 0.
    """
    rows, n = math.prod(x.shape[:-1]), s.shape[-1]
    if frames.ndim > 3:  # a system for each row
        frames = frames.expand(*x.shape[:-2], *frames.shape[-3:])
    frames = frames.reshape(-1, *frames.shape[-3:])
    signal, before = x.reshape(rows, -1), s.reshape(rows, n)
    if x.is_cpu and x.shape[-1] >= MIN_TIME and n <= MAX_BAND_STATES:
        y, after = run_systems_in_bands(signal, frames, hop, before)
        done = signal.shape[1]
    else:
        y, after, done = run_varying_systems(signal, frames, hop, before)
    return y.reshape(*x.shape[:-1], done), after.reshape(s.shape), done


def _filter_tile(x: Tensor, systems: Tensor, s: Tensor) -> tuple[Tensor, Tensor]:
    """Return the filtered `x` `(..., rows, time)` and the last state, given the first state `s` `(..., rows, n)`.

    `systems` has a system for each sample, `(..., time, n + 1, n + 1)`.
    """
    A, B, C, D = split_system(systems)
    signal = x.mT.unsqueeze(-1)
    states, s = scan_varying(A, signal * B.unsqueeze(-2), s)
    return ((states * C.unsqueeze(-2)).sum(-1) + x.mT * D.unsqueeze(-1)).mT, s


def _systems_of_samples(frames: Tensor, start: int, count: int, hop_length: int) -> Tensor:
    """Return the system at each of `count` samples from `start`, `(..., count, n + 1, n + 1)`.

    `frames`, `(..., frames, n + 1, n + 1)`, are the systems, each of which applies to `hop_length` samples.
    """
    if hop_length == 1:
        return frames[..., start : start + count, :, :]
    indices = torch.arange(start, start + count, device=frames.device) // hop_length
    return frames.index_select(-3, indices)
