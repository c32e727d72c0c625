"""A cascade of second-order sections over a signal."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from fxlab.engine.recursion.section_arguments import (
    broadcast_lead,
    check_companion,
    check_sections,
    check_signal,
    normalise,
    starting_state,
)
from fxlab.engine.recursion.statespace import Array, state_space, to_coupled, to_direct
from fxlab.engine.recursion.structure import Structure, filter_by


def sosfilt(x: Tensor, sos: Tensor, state: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Filter `x` along its last dimension with a cascade of second-order sections.

    Exact to rounding, differentiable in all three arguments, and blind to how a signal is cut: blocks filtered one
    after the other, each with the state that the last one returned, equal the whole filtered at once. An unstable
    filter is computed as it is; from a sample that is not finite on, its row is NaN.

    Shape:
        x: `(..., time)`, float64, float32, or bfloat16 and float16, which compute in float32; any length from 0.
        sos: `(..., sections, 6)`, rows `b0 b1 b2 a0 a1 a2`; its leading dimensions broadcast with those of `x`.
        state: `(..., sections, 2)`, the two delays of each section in transposed direct form II, as
            `scipy.signal.sosfilt` holds them in `zi`; None is silence.
        Returns `y` with the dtype of `x`, and the state after the last sample, in float64.

    Raises:
        EngineError: a wrong shape, dtype or device, a zero `a0`, or a coefficient that is not finite.

    >>> one_pole = torch.tensor([[0.5, 0.0, 0.0, 1.0, -0.5, 0.0]])
    >>> y, state = sosfilt(torch.tensor([1.0, 0.0, 0.0, 0.0]), one_pole)
    >>> y
    tensor([0.5000, 0.2500, 0.1250, 0.0625])
    """
    check_signal("sosfilt", x)
    check_sections("sosfilt", sos)
    check_companion("sosfilt", "sos", sos, x)
    lead = broadcast_lead("sosfilt", x, sos)
    sections, time = sos.shape[-2], x.shape[-1]
    first = None if state is None else starting_state("sosfilt", state, lead, sections, x)
    work = x.to(torch.promote_types(x.dtype, torch.float32)).expand(*lead, time)
    if sections == 0 or work.numel() == 0:
        normalise("sosfilt", sos)
        silence = torch.zeros(*lead, sections, 2, dtype=torch.float64, device=x.device)
        return x.expand(*lead, time).clone(), silence if first is None else first.clone()
    y, last = filter_by(CASCADE, work, sos, first)
    return y.to(x.dtype), last


def _check(sos: Array) -> Array:
    if isinstance(sos, Tensor):
        return normalise("sosfilt", sos)
    scaled = np.asarray(sos, np.float64) / sos[..., 3:4]
    return scaled if np.isfinite(scaled).all() else normalise("sosfilt", torch.from_numpy(sos.copy())).numpy()


CASCADE = Structure(_check, state_space, to_coupled, to_direct)
