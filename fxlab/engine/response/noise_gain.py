"""`noise_gain`: the energy of the impulse response of second-order sections, computed from their state space."""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.engine.recursion.matrices.state_space import state_space
from fxlab.engine.recursion.section_arguments import normalize_sections
from fxlab.engine.response.roots import pole_radius

DOUBLINGS = 48  # of the length of the sum, 2^48 samples, too short only for a pole within 1e-14 of the unit circle


def noise_gain(sos: Tensor) -> Tensor:
    """Return the energy of the impulse response of a cascade: the power of its output for white noise of power 1.

    The result is infinite if a pole is not inside the unit circle (see `pole_radius`), and differentiable otherwise.

    Shape:
        sos: `(..., sections, 6)`. Returns `(...)`, float64.

    Raises:
        EngineError: The shape is wrong, an `a0` is 0, or a coefficient is not finite.

    Source:
        B. Porat, A Course in Digital Signal Processing, section 12.4: the covariance `W = A W A' + B B'` of the state,
        here summed by doubling.

    >>> noise_gain(torch.tensor([[1.0, 0.0, 0.0, 1.0, -0.5, 0.0]])).item()  # 1 + 1/4 + 1/16 + …
    1.3333333333333333
    """
    sections = normalize_sections("noise_gain", sos)
    unstable = pole_radius(sections) >= 1
    identity = torch.tensor([1.0, 0.0, 0.0, 1.0, 0.0, 0.0], dtype=sections.dtype, device=sections.device)
    (A, B, C, D), _ = state_space(torch.where(unstable[..., None, None], identity, sections))
    covariance = B[..., :, None] * B[..., None, :]
    for _ in range(DOUBLINGS):
        covariance = covariance + A @ covariance @ A.mT
        A = A @ A
    energy = (C * (covariance @ C[..., None])[..., 0]).sum(-1) + D**2
    return torch.where(unstable, torch.inf, energy)
