"""Second-order sections that change with time: sweeps, wahs, phasers, envelopes on a cutoff."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from fxlab.engine.recursion.differentiable import power_of, run_plain
from fxlab.engine.recursion.filter_rows import full_precision
from fxlab.engine.recursion.scan_levels import level_of, powers_of
from fxlab.engine.recursion.section_arguments import (
    check_companion,
    check_sections,
    check_signal,
    normalise,
    starting_state,
)
from fxlab.engine.recursion.statespace import Turn, block_matrices, state_space, to_coupled, to_direct
from fxlab.engine.torch_support.shapes import broadcast_shapes
from fxlab.errors import EngineError

STEP = 16  # samples: a hop is filtered in blocks of so many, and interpolated coefficients are held for as long
TILE = 1 << 18  # samples of all rows together whose matrices are in memory at once


def sosfilt_varying(
    x: Tensor, sos: Tensor, hop_length: int, state: Tensor | None = None, *, interpolate: bool = False
) -> tuple[Tensor, Tensor]:
    """Filter `x` with second-order sections whose coefficients change every `hop_length` samples.

    What `sosfilt` gives hop by hop, each with its own coefficients and the state that the last one left, without a
    loop over hops; differentiable in all tensors. With `interpolate` the coefficients go in a straight line from one
    row of `sos` to the next, in steps of 16 samples; a line between two stable filters is stable at every point.

    Shape:
        x: `(..., time)`.
        sos: `(..., frames, sections, 6)`, frame `k` for the samples from `k * hop_length` on: as many frames as hops
            begin in `time`, and with `interpolate` one more, to which the last hop leads. Leading dimensions
            broadcast with those of `x`.
        state: `(..., sections, 2)`, as in `sosfilt`; None is silence.
        Returns `y` with the dtype of `x`, and the state after the last sample, in float64.

    Raises:
        EngineError: a wrong shape, dtype or device, another number of frames, a zero `a0`, or a coefficient that is
            not finite.

    >>> gains = torch.tensor([1.0, 0.5]).reshape(2, 1, 1) * torch.tensor([[1.0, 0.0, 0.0, 1.0, 0.0, 0.0]])
    >>> gains[..., 3] = 1.0
    >>> sosfilt_varying(torch.ones(4), gains, 2)[0]
    tensor([1.0000, 1.0000, 0.5000, 0.5000])
    """
    caller = "sosfilt_varying"
    check_signal(caller, x)
    check_sections(caller, sos)
    check_companion(caller, "sos", sos, x)
    time, sections = x.shape[-1], sos.shape[-2]
    _check_frames(x, sos, hop_length, interpolate)
    lead = _lead(x, sos)
    s = starting_state(caller, state, lead, sections, x)
    work = x.to(torch.promote_types(x.dtype, torch.float32)).expand(*lead, time)
    if sections == 0 or work.numel() == 0:
        return x.expand(*lead, time).clone(), s.clone()
    coefficients = normalise(caller, sos)
    if interpolate:
        hop_length, coefficients = _between(coefficients, hop_length, time)
    # One filter for all rows: they lie side by side in each hop. A filter for each row: each row lies alone.
    together = math.prod(coefficients.shape[:-3]) == 1
    inner = (math.prod(lead),) if together else (*lead, 1)
    if together:
        coefficients = coefficients.reshape(coefficients.shape[-3:])
    work, s = work.reshape(*inner, time), s.reshape(*inner, sections, 2)
    with full_precision(x):
        y, s = _all(work, coefficients, hop_length, s)
    return y.reshape(*lead, time).to(x.dtype), s.reshape(*lead, sections, 2)


def _all(x: Tensor, sos: Tensor, hop: int, s: Tensor) -> tuple[Tensor, Tensor]:
    """`x` `(..., rows, time)` by `sos` `(..., frames, sections, 6)`, some hops after the others to spare memory."""
    time = x.shape[-1]
    whole = time // hop
    frames = max(1, TILE // (hop * math.prod(x.shape[:-1])))
    parts = []
    for first in range(0, whole, frames):
        last = min(first + frames, whole)
        cut = x[..., first * hop : last * hop].reshape(*x.shape[:-1], last - first, hop)
        y, s = _hops(cut.transpose(-3, -2), sos[..., first:last, :, :], s)
        parts.append(y.transpose(-3, -2).reshape(*x.shape[:-1], -1))
    if whole * hop < time:
        space, turn = state_space(sos[..., whole, None, :, :])
        y, end = run_plain(x[..., whole * hop :], to_coupled(s, *turn), space, STEP)
        s = to_direct(end, *turn)
        parts.append(y)
    return torch.cat(parts, -1), s


def _hops(x: Tensor, sos: Tensor, s: Tensor) -> tuple[Tensor, Tensor]:
    """Whole hops `(..., frames, rows, hop)`, each in blocks of its own filter; the states of all in one scan."""
    hop = x.shape[-1]
    space, turn = state_space(sos)
    length = min(STEP, 1 << (hop.bit_length() - 1))
    block = block_matrices(space, length)
    blocks, rest = divmod(hop, length)
    H, O, R = (part.to(x.dtype).mT for part in block[:3])  # noqa: E741
    n = space.A.shape[-1]
    head, tail = x[..., : blocks * length].reshape(*x.shape[:-2], -1, length), x[..., blocks * length :]

    powers = powers_of(block.squares[-1], blocks)
    level = level_of(powers, blocks)
    drive = (head @ R).to(s.dtype).reshape(*x.shape[:-1], blocks * n)
    inner = drive @ level.within.mT
    total = middle = inner[..., -n:] @ block.squares[-1].mT + drive[..., -n:]
    through = over_blocks = powers[..., blocks, :, :]
    if rest:
        over_rest = power_of(block, rest)
        total = middle @ over_rest.mT + (tail @ R[..., -rest:, :]).to(s.dtype)
        through = over_rest @ over_blocks

    # From hop to hop the state is the direct form's: it alone means the same under the next hop's coefficients.
    into, back = _matrices(turn)
    starts, after = scan_varying(back @ through @ into, total @ back.mT, s.flatten(-2))
    starts = starts @ into.mT

    states = (inner + starts @ level.carry.mT).to(x.dtype).reshape(*head.shape[:-1], n)
    y = (head @ H + states @ O).reshape(*x.shape[:-1], blocks * length)
    if rest:
        states = (starts @ over_blocks.mT + middle).to(x.dtype)
        y = torch.cat([y, tail @ H[..., :rest, :rest] + states @ O[..., :rest]], -1)
    return y, after.reshape(s.shape)


def scan_varying(step: Tensor, drive: Tensor, start: Tensor) -> tuple[Tensor, Tensor]:
    """The states before each step of `s[k+1] = step[k] s[k] + drive[k]`, and the state after the last.

    Pairs of steps are one step of a sequence half as long, and so on: `log2(steps)` levels, no loop over steps.

    Shape:
        step: `(..., steps, n, n)`; drive: `(..., steps, rows, n)`; start: `(..., rows, n)`.
    """
    steps, rows, n = drive.shape[-3:]
    if steps == 1:
        return start.unsqueeze(-3), start @ step[..., 0, :, :].mT + drive[..., 0, :, :]
    pairs = steps // 2
    even, odd = step[..., 0 : 2 * pairs : 2, :, :], step[..., 1 : 2 * pairs : 2, :, :]
    first, second = drive[..., 0 : 2 * pairs : 2, :, :], drive[..., 1 : 2 * pairs : 2, :, :]
    starts, after = scan_varying(odd @ even, first @ odd.mT + second, start)
    middles = starts @ even.mT + first
    states = torch.stack([starts, middles], -3).reshape(*drive.shape[:-3], 2 * pairs, rows, n)
    if steps % 2:
        states = torch.cat([states, after.unsqueeze(-3)], -3)
        after = after @ step[..., -1, :, :].mT + drive[..., -1, :, :]
    return states, after


def _matrices(turn: Turn) -> tuple[Tensor, Tensor]:
    """From the direct form's states of a cascade to the coupled ones, and back, `(..., n, n)`."""
    sigma, beta = turn
    one, zero = torch.ones_like(beta), torch.zeros_like(beta)
    into = torch.stack([torch.stack([one, zero], -1), torch.stack([sigma / beta, 1.0 / beta], -1)], -2)
    back = torch.stack([torch.stack([one, zero], -1), torch.stack([-sigma, beta], -1)], -2)
    return _diagonal(into), _diagonal(back)


def _diagonal(pairs: Tensor) -> Tensor:
    """`(..., sections, 2, 2)` as a block-diagonal matrix."""
    sections = pairs.shape[-3]
    same = torch.eye(sections, dtype=pairs.dtype, device=pairs.device)[:, None, :, None]
    return (same * pairs[..., :, :, None, :]).reshape(*pairs.shape[:-3], 2 * sections, 2 * sections)


def _between(sos: Tensor, hop: int, time: int) -> tuple[int, Tensor]:
    """The straight line through the frames, in steps of about 16 samples that divide the hop."""
    steps = max(1, hop // STEP)
    while hop % steps:
        steps -= 1
    at = (torch.arange(steps, dtype=sos.dtype, device=sos.device) + 0.5) / steps
    line = torch.lerp(sos[..., :-1, None, :, :], sos[..., 1:, None, :, :], at[:, None, None])
    held = line.reshape(*sos.shape[:-3], -1, *sos.shape[-2:])
    step = hop // steps
    return step, held[..., : -(-time // step), :, :]


def _check_frames(x: Tensor, sos: Tensor, hop_length: int, interpolate: bool) -> None:
    if not isinstance(hop_length, int) or hop_length < 1:
        raise EngineError(
            f"sosfilt_varying: hop_length is {hop_length!r}; it must be a whole number of samples, 1 or more"
        )
    if sos.dim() < 3:
        raise EngineError(
            f"sosfilt_varying: sos has the shape {tuple(sos.shape)}; it must be (..., frames, sections, 6): "
            "for coefficients that do not change use sosfilt"
        )
    frames = -(-x.shape[-1] // hop_length) + int(interpolate)
    if sos.shape[-3] != frames:
        ends = "one for each hop and one to lead to" if interpolate else "one for each hop"
        raise EngineError(
            f"sosfilt_varying: sos has {sos.shape[-3]} frames; {x.shape[-1]} samples in hops of {hop_length} "
            f"need {frames}, {ends}"
        )


def _lead(x: Tensor, sos: Tensor) -> torch.Size:
    try:
        return broadcast_shapes(x.shape[:-1], sos.shape[:-3])
    except RuntimeError:
        raise EngineError(
            f"sosfilt_varying: x of shape {tuple(x.shape)} and sos of shape {tuple(sos.shape)}: "
            f"the leading dimensions {tuple(x.shape[:-1])} and {tuple(sos.shape[:-3])} do not broadcast"
        ) from None
