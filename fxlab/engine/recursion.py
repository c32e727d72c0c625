"""A cascade of second-order sections over a signal, in blocks."""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.engine.scan import scan
from fxlab.engine.sections import (
    broadcast_lead,
    check_companion,
    check_sections,
    check_signal,
    normalise,
    starting_state,
)
from fxlab.engine.statespace import BlockMatrices, StateSpace, block_matrices, state_space


def sosfilt(x: Tensor, sos: Tensor, state: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Filter `x` along its last dimension with a cascade of second-order sections.

    Exact to rounding, differentiable in all three arguments, and blind to how a signal is cut: blocks filtered one
    after the other, each with the state that the last one returned, equal the whole filtered at once. An unstable
    filter is computed as it is.

    Shape:
        x: `(..., time)`, float64, float32, or bfloat16 and float16, which compute in float32; any length from 0.
        sos: `(..., sections, 6)`, rows `b0 b1 b2 a0 a1 a2`; its leading dimensions broadcast against those of `x`.
        state: `(..., sections, 2)`, the two delays of each section in transposed direct form II, as
            `scipy.signal.sosfilt` holds them in `zi`; None is silence.
        Returns `y` with the dtype of `x`, and the state after the last sample, in float64.

    Raises:
        EngineError: a wrong shape, dtype or device, a zero `a0`, or a coefficient that is not finite.

    >>> one_pole = torch.tensor([[0.5, 0.0, 0.0, 1.0, -0.5, 0.0]], dtype=torch.float64)
    >>> y, state = sosfilt(torch.tensor([1.0, 0.0, 0.0, 0.0]), one_pole)
    >>> y
    tensor([0.5000, 0.2500, 0.1250, 0.0625])
    """
    check_signal("sosfilt", x)
    check_sections("sosfilt", sos)
    check_companion("sosfilt", "sos", sos, x)
    coefficients = normalise("sosfilt", sos)
    lead = broadcast_lead("sosfilt", x, coefficients)
    sections = coefficients.shape[-2]
    first = starting_state("sosfilt", state, lead, sections, x)
    signal = x.expand(*lead, x.shape[-1])
    work = signal.to(torch.promote_types(x.dtype, torch.float32))
    if sections == 0 or x.shape[-1] == 0:
        return signal.clone(), first.clone()
    space = state_space(coefficients)
    s = (space.to_normal @ first.unsqueeze(-1)).reshape(*lead, 2 * sections)
    y, s = _run(work, space, s)
    last = (space.from_normal @ s.reshape(*lead, sections, 2, 1)).squeeze(-1)
    return y.to(x.dtype), last


def _run(x: Tensor, space: StateSpace, s: Tensor) -> tuple[Tensor, Tensor]:
    time, n = x.shape[-1], s.shape[-1]
    length = min(128 if n > 16 else 64, 1 << (time - 1).bit_length())
    block = block_matrices(space, length)
    blocks, rest = divmod(time, length)
    outputs = []
    if blocks:
        cut = x[..., : blocks * length].reshape(*x.shape[:-1], blocks, length)
        drive = (cut @ block.R.mT.to(x.dtype)).double()
        starts, s = scan(block.powers[-1], drive, s)
        y = cut @ block.H.mT.to(x.dtype) + starts.to(x.dtype) @ block.O.mT.to(x.dtype)
        outputs.append(y.reshape(*y.shape[:-2], blocks * length))
    if rest:
        y, s = _part(x[..., blocks * length :], block, s)
        outputs.append(y)
    return torch.cat(outputs, -1), s


def _part(x: Tensor, block: BlockMatrices, s: Tensor) -> tuple[Tensor, Tensor]:
    """The last, shorter block."""
    rest = x.shape[-1]
    row, state = x.unsqueeze(-2), s.unsqueeze(-2)
    H, O = block.H[..., :rest, :rest], block.O[..., :rest, :]  # noqa: E741
    y = row @ H.mT.to(x.dtype) + state.to(x.dtype) @ O.mT.to(x.dtype)
    after = (row @ block.R[..., block.R.shape[-1] - rest :].mT.to(x.dtype)).double()
    for bit, power in enumerate(block.powers):
        if rest >> bit & 1:
            state = state @ power.mT
    return y.squeeze(-2), (state + after).squeeze(-2)
