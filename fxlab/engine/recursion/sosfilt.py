"""`sosfilt`: filter a signal with a cascade of second-order sections."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from fxlab.engine.recursion.filter_signal import filter_signal, register_realization
from fxlab.engine.recursion.initial_state import initial_section_state
from fxlab.engine.recursion.matrices.array_library import Array
from fxlab.engine.recursion.matrices.state_space import state_space, to_coupled, to_direct
from fxlab.engine.recursion.realization import Realization
from fxlab.engine.recursion.rows.short_signals import filter_short_signal
from fxlab.engine.recursion.section_arguments import broadcast_batch_shape, check_sections, normalize_sections
from fxlab.engine.torch_support.tensor_checks import check_matches_signal, check_signal


def sosfilt(x: Tensor, sos: Tensor, state: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Filter `x` along its last dimension with a cascade of second-order sections.

    The result is exact up to rounding and differentiable with respect to all three arguments. A signal may be filtered
    in consecutive blocks of any length, each with the state returned for the previous block; up to rounding, the result
    is that of one call on the complete signal. Unstable filters are allowed. If a sample of a row is not finite, or the
    state overflows, the output of the row is not finite from there on.

    Shape:
        x: `(..., time)`, float64, float32, or bfloat16 and float16, which are computed in float32; any
            length, including 0.
        sos: `(..., sections, 6)`, rows `b0 b1 b2 a0 a1 a2`; its leading dimensions broadcast with those of `x`.
        state: `(..., sections, 2)`, the two delays of each section in transposed direct form II; None means zeros, and
            `sosfilt_zi` returns the steady state. The values are those of `zi` in `scipy.signal.sosfilt`, where the
            sections are the first dimension: `torch.as_tensor(zi).movedim(0, -2)` is the state.
        Returns `y` with the dtype of `x`, and the state after the last sample, in float64.

    Raises:
        EngineError: A shape, dtype or device is wrong, an `a0` is 0, or a coefficient is not finite.

    >>> one_pole = torch.tensor([[0.5, 0.0, 0.0, 1.0, -0.5, 0.0]])
    >>> y, state = sosfilt(torch.tensor([1.0, 0.0, 0.0, 0.0]), one_pole)
    >>> y
    tensor([0.5000, 0.2500, 0.1250, 0.0625])
    """
    short = filter_short_signal(SECTIONS, x, sos, state)
    if short is not None:
        return short
    check_signal("sosfilt", x)
    check_sections("sosfilt", sos)
    check_matches_signal("sosfilt", "sos", sos, x)
    batch_shape = broadcast_batch_shape("sosfilt", x, sos)
    sections, time = sos.shape[-2], x.shape[-1]
    first = None if state is None else initial_section_state("sosfilt", state, batch_shape, sections, x)
    signal = x.to(torch.promote_types(x.dtype, torch.float32)).expand(*batch_shape, time)
    if sections == 0 or signal.numel() == 0:
        normalize_sections("sosfilt", sos)
        last = initial_section_state("sosfilt", None, batch_shape, sections, x) if first is None else first.clone()
        return x.expand(*batch_shape, time).clone(), last
    y, last = filter_signal(SECTIONS, signal, sos, first)
    return y.to(x.dtype), last


def _normalize(sos: Array) -> Array:
    if isinstance(sos, Tensor):
        return normalize_sections("sosfilt", sos)
    scaled = np.asarray(sos, np.float64) / sos[..., 3:4]
    # `normalize_sections` raises the error and names the section with the invalid value.
    return scaled if np.isfinite(scaled).all() else normalize_sections("sosfilt", torch.from_numpy(sos.copy())).numpy()


SECTIONS = register_realization(
    Realization("sections", _normalize, state_space, to_coupled, to_direct, lambda sections, _: (sections, 2), True)
)
