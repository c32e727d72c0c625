"""`sosfilt_varying`: time-varying second-order sections, for phasers, wah-wah effects and modulated cutoffs."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from fxlab.engine.recursion.initial_state import initial_section_state
from fxlab.engine.recursion.matrices.block_matrices import block_matrices, transition_matrix
from fxlab.engine.recursion.matrices.group_matrices import group_matrices, matrix_powers
from fxlab.engine.recursion.matrices.state_space import CoupledForm, state_space, to_coupled, to_direct
from fxlab.engine.recursion.rows.differentiable_filter import differentiable_filter
from fxlab.engine.recursion.section_arguments import broadcast_batch_shape, check_sections, normalize_sections
from fxlab.engine.recursion.varying.scan_varying import scan_varying
from fxlab.engine.recursion.varying.section_bands import MIN_TIME, run_sections_in_bands
from fxlab.engine.recursion.varying.varying_lanes import can_run_in_chunks, run_varying_sections
from fxlab.engine.torch_support.precision import disable_autocast
from fxlab.engine.torch_support.tensor_checks import check_count, check_matches_signal, check_signal
from fxlab.engine.torch_support.tracing import needs_derivative
from fxlab.errors import EngineError

STEP = 16  # samples: the largest block within a hop, and the shortest step of interpolated coefficients in a longer hop
TILE = 1 << 18  # samples, over all rows, whose matrices are in memory at the same time


def sosfilt_varying(
    x: Tensor, sos: Tensor, hop_length: int, state: Tensor | None = None, *, interpolate: bool = False
) -> tuple[Tensor, Tensor]:
    """Filter `x` with second-order sections whose coefficients change every `hop_length` samples.

    Up to rounding, the result is that of calling `sosfilt` for each hop with its coefficients and the state after the
    previous hop, but without a loop over hops. It is differentiable with respect to all tensors. If `interpolate` is
    true, the coefficients are interpolated linearly from one frame of `sos` to the next, in equal steps of at least 16
    samples (or of a hop, if that is shorter). A section that is interpolated between two stable sections is stable.

    Shape:
        x: `(..., time)`.
        sos: `(..., frames, sections, 6)`, where frame `k` applies from sample `k * hop_length`: one frame for each hop
            that begins within `time` and, if `interpolate` is true, one more for the end of the last hop. Leading
            dimensions broadcast with those of `x`.
        state: `(..., sections, 2)`, as in `sosfilt`; None means zeros.
        Returns `y` with the dtype of `x`, and the state after the last sample, in float64.

    Raises:
        EngineError: A shape, dtype, device or number of frames is wrong, `hop_length` is not a positive integer, an
            `a0` is 0, or a coefficient is not finite.

    >>> gains = torch.tensor([1.0, 0.5]).reshape(2, 1, 1) * torch.tensor([[1.0, 0.0, 0.0, 1.0, 0.0, 0.0]])
    >>> gains[..., 3] = 1.0
    >>> sosfilt_varying(torch.ones(4), gains, 2)[0]
    tensor([1.0000, 1.0000, 0.5000, 0.5000])
    """
    caller = "sosfilt_varying"
    check_signal(caller, x)
    check_sections(caller, sos)
    check_matches_signal(caller, "sos", sos, x)
    time, sections = x.shape[-1], sos.shape[-2]
    _check_frames(x, sos, hop_length, interpolate)
    batch_shape = broadcast_batch_shape(caller, x, sos, own_dims=3)
    s = initial_section_state(caller, state, batch_shape, sections, x)
    signal = x.to(torch.promote_types(x.dtype, torch.float32)).expand(*batch_shape, time)
    if sections == 0 or signal.numel() == 0:
        return x.expand(*batch_shape, time).clone(), s.clone()
    frames = normalize_sections(caller, sos)
    if interpolate:
        hop_length, frames = _interpolate_frames(frames, hop_length, time)
    if not (needs_derivative(x, sos, s) or x.is_meta) and can_run_in_chunks(frames):
        y, s = _filter_in_chunks(signal, frames, hop_length, s)
        return y.to(x.dtype), s
    # If all rows share one filter, each hop is one product for all rows. Otherwise each row is a separate batch.
    is_shared = math.prod(frames.shape[:-3]) == 1
    rows_shape = (math.prod(batch_shape),) if is_shared else (*batch_shape, 1)
    if is_shared:
        frames = frames.reshape(frames.shape[-3:])
    signal, s = signal.reshape(*rows_shape, time), s.reshape(*rows_shape, sections, 2)
    with disable_autocast(x):
        y, s = _filter_tiles(signal, frames, hop_length, s)
    return y.reshape(*batch_shape, time).to(x.dtype), s.reshape(*batch_shape, sections, 2)


def _filter_in_chunks(x: Tensor, sos: Tensor, hop: int, s: Tensor) -> tuple[Tensor, Tensor]:
    """Return the filtered `x` `(..., time)` and the last state, without derivatives; `sos` has a frame for each hop.

    `sos` is `(..., frames, sections, 6)` with `a0 = 1`, and `s` is `(..., sections, 2)`.
    """
    batch_shape, rows = x.shape[:-1], math.prod(x.shape[:-1])
    if math.prod(sos.shape[:-3]) == 1:
        frames = sos.reshape(1, *sos.shape[-3:])
    else:
        frames = sos.expand(*batch_shape, *sos.shape[-3:]).reshape(rows, *sos.shape[-3:])
    signal, s = x.reshape(rows, -1), s.reshape(rows, *s.shape[-2:])
    run = run_sections_in_bands if x.is_cpu and x.shape[-1] >= MIN_TIME else run_varying_sections
    y, s = run(signal, frames, hop, s)
    return y.reshape(x.shape), s.reshape(*batch_shape, *s.shape[-2:])


def _filter_tiles(x: Tensor, sos: Tensor, hop: int, s: Tensor) -> tuple[Tensor, Tensor]:
    """Return the filtered `x` `(..., rows, time)` and the last state, differentiably; `sos` has a frame for each hop.

    `sos` is `(..., frames, sections, 6)` with `a0 = 1`, and `s` is `(..., rows, sections, 2)`.
    """
    # A tile of a few hops at a time limits the memory.
    time = x.shape[-1]
    full_hops = time // hop
    hops_per_tile = max(1, TILE // (hop * math.prod(x.shape[:-1])))
    outputs = []
    for first in range(0, full_hops, hops_per_tile):
        last = min(first + hops_per_tile, full_hops)
        hops = x[..., first * hop : last * hop].reshape(*x.shape[:-1], last - first, hop)
        y, s = _filter_hops(hops.transpose(-3, -2), sos[..., first:last, :, :], s)
        outputs.append(y.transpose(-3, -2).reshape(*x.shape[:-1], -1))
    if full_hops * hop < time:
        space, coupled_form = state_space(sos[..., full_hops, None, :, :])
        y, end = differentiable_filter(x[..., full_hops * hop :], to_coupled(s, *coupled_form), space, STEP)
        s = to_direct(end, *coupled_form)
        outputs.append(y)
    return torch.cat(outputs, -1), s


def _filter_hops(x: Tensor, sos: Tensor, s: Tensor) -> tuple[Tensor, Tensor]:
    """Return the filtered `x`, complete hops `(..., frames, rows, hop)`, and the last state.

    `sos` is `(..., frames, sections, 6)`. The first state `s` and the last state are `(..., rows, sections, 2)`.
    """
    hop = x.shape[-1]
    space, coupled_form = state_space(sos)
    length = min(STEP, 1 << (hop.bit_length() - 1))
    block = block_matrices(space, length)
    blocks, partial = divmod(hop, length)
    H, O, R = (part.to(x.dtype).mT for part in block[:3])  # noqa: E741
    n = space.A.shape[-1]
    inputs, remainder = x[..., : blocks * length].reshape(*x.shape[:-2], -1, length), x[..., blocks * length :]

    powers = matrix_powers(block.squares[-1], blocks)
    matrices = group_matrices(powers, blocks)
    forcing = (inputs @ R).to(s.dtype).reshape(*x.shape[:-1], blocks * n)
    zero_start_states = forcing @ matrices.within.mT
    hop_forcing = blocks_forcing = zero_start_states[..., -n:] @ block.squares[-1].mT + forcing[..., -n:]
    hop_transition = blocks_transition = powers[..., blocks, :, :]
    if partial:
        partial_transition = transition_matrix(block, partial)
        hop_forcing = blocks_forcing @ partial_transition.mT + (remainder @ R[..., -partial:, :]).to(s.dtype)
        hop_transition = partial_transition @ blocks_transition

    # Between hops the state is in direct form, because only that form is independent of the coefficients.
    to_coupled_matrix, to_direct_matrix = _transform_matrices(coupled_form)
    starts, after = scan_varying(
        to_direct_matrix @ hop_transition @ to_coupled_matrix, hop_forcing @ to_direct_matrix.mT, s.flatten(-2)
    )
    starts = starts @ to_coupled_matrix.mT

    states = (zero_start_states + starts @ matrices.carry.mT).to(x.dtype).reshape(*inputs.shape[:-1], n)
    y = (inputs @ H + states @ O).reshape(*x.shape[:-1], blocks * length)
    if partial:
        states = (starts @ blocks_transition.mT + blocks_forcing).to(x.dtype)
        y = torch.cat([y, remainder @ H[..., :partial, :partial] + states @ O[..., :partial]], -1)
    return y, after.reshape(s.shape)


def _transform_matrices(coupled_form: CoupledForm) -> tuple[Tensor, Tensor]:
    """Return the matrix from direct-form states of a cascade to coupled states, and its inverse, both `(..., n, n)`."""
    sigma, beta = coupled_form
    one, zero = torch.ones_like(beta), torch.zeros_like(beta)
    coupled = torch.stack([torch.stack([one, zero], -1), torch.stack([sigma / beta, 1.0 / beta], -1)], -2)
    direct = torch.stack([torch.stack([one, zero], -1), torch.stack([-sigma, beta], -1)], -2)
    return _block_diagonal(coupled), _block_diagonal(direct)


def _block_diagonal(blocks: Tensor) -> Tensor:
    """Return `blocks` `(..., sections, 2, 2)` as one block-diagonal matrix, `(..., 2 sections, 2 sections)`."""
    sections = blocks.shape[-3]
    same_section = torch.eye(sections, dtype=blocks.dtype, device=blocks.device)[:, None, :, None]
    return (same_section * blocks[..., :, :, None, :]).reshape(*blocks.shape[:-3], 2 * sections, 2 * sections)


def _interpolate_frames(sos: Tensor, hop: int, time: int) -> tuple[int, Tensor]:
    """Return the length of a step in samples, and the sections of each step, interpolated linearly between frames.

    The length is the smallest divisor of the hop that is at least 16 samples, or the hop itself if the hop is shorter.
    """
    steps = max(1, hop // STEP)
    while hop % steps:
        steps -= 1
    weights = (torch.arange(steps, dtype=sos.dtype, device=sos.device) + 0.5) / steps
    lines = torch.lerp(sos[..., :-1, None, :, :], sos[..., 1:, None, :, :], weights[:, None, None])
    frames = lines.reshape(*sos.shape[:-3], -1, *sos.shape[-2:])
    step = hop // steps
    return step, frames[..., : -(-time // step), :, :]


def _check_frames(x: Tensor, sos: Tensor, hop_length: int, interpolate: bool) -> None:
    check_count("sosfilt_varying", "hop_length", hop_length, "samples")
    if sos.dim() < 3:
        raise EngineError(
            f"sosfilt_varying: sos has the shape {tuple(sos.shape)}; it must be (..., frames, sections, 6): "
            "for coefficients that do not change use sosfilt"
        )
    frames = -(-x.shape[-1] // hop_length) + int(interpolate)
    if sos.shape[-3] != frames:
        which = "one for each hop and one at the end of the last" if interpolate else "one for each hop"
        raise EngineError(
            f"sosfilt_varying: sos has {sos.shape[-3]} frames; {x.shape[-1]} samples in hops of {hop_length} "
            f"need {frames}, {which}"
        )
