"""Second-order sections in the pairing, order and scaling of SciPy, for a row-by-row comparison with SciPy."""

from __future__ import annotations

import math

from torch import Tensor

from fxlab.engine.torch_support.shapes import broadcast_shapes
from fxlab.module.lti.cascades import stack_cascades
from fxlab.module.lti.sum_zeros import sections_from_roots

PAIRINGS = ("fxlab", "scipy")


def paired_by_scipy(zeros: Tensor, poles: Tensor, gain: Tensor) -> Tensor:
    """Return the rows of `scipy.signal.zpk2sos` for each example, without gradient.

    SciPy ignores the delay of a filter with fewer zeros than poles; here the delay is appended as further sections.
    Examples with fewer sections than others are padded with identity sections.

    Shape:
        zeros `(..., n)` and poles `(..., m)`, NaN where an example has fewer; gain `(...)`. Returns
        `(..., sections, 6)`.

    >>> import torch
    >>> roots = torch.tensor([-1.0, 0.5], dtype=torch.complex128)
    >>> paired_by_scipy(roots[:1], roots[1:], torch.tensor(0.25))
    tensor([[ 0.2500,  0.2500,  0.0000,  1.0000, -0.5000,  0.0000]],
           dtype=torch.float64)
    """
    batch = broadcast_shapes(zeros.shape[:-1], poles.shape[:-1], gain.shape)
    count = math.prod(batch)
    flat = [roots.detach().expand(*batch, roots.shape[-1]).reshape(count, -1) for roots in (zeros, poles)]
    cascades = []
    for z, p, k in zip(*flat, gain.detach().expand(batch).reshape(count), strict=True):
        delay = int((~p.isnan()).sum() - (~z.isnan()).sum())
        cascades.append(sections_from_roots(z, k, delay, p))
    return stack_cascades(cascades, batch).to(poles.device)
