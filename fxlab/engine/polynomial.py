"""Second-order sections multiplied out."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import pad

from fxlab.engine.sections import normalise


def multiplied(sos: Tensor) -> tuple[Tensor, Tensor]:
    """The cascade as one polynomial of `1/z` over another, `b` and `a`, each `(..., order + 1)` with `a[0] = 1`.

    What is zero at the end of both is left out. Differentiable.

    >>> b, a = multiplied(torch.tensor([[1.0, 1.0, 0.0, 1.0, -0.5, 0.0], [2.0, 0.0, 0.0, 1.0, 0.25, 0.0]]))
    >>> b.tolist(), a.tolist()
    ([2.0, 2.0, 0.0], [1.0, -0.25, -0.125])
    """
    sections = normalise("multiplied", sos)
    b = a = torch.ones(*sections.shape[:-2], 1, dtype=sections.dtype, device=sections.device)
    for section in sections.unbind(-2):
        b, a = _product(b, section[..., :3]), _product(a, section[..., 3:])
    used = ((b.detach() != 0) | (a.detach() != 0)).reshape(-1, b.shape[-1]).any(0)
    length = int(used.nonzero().max()) + 1
    return b[..., :length], a[..., :length]


def _product(a: Tensor, b: Tensor) -> Tensor:
    shifted = [pad(a * b[..., k : k + 1], (k, b.shape[-1] - 1 - k)) for k in range(b.shape[-1])]
    return torch.stack(shifted).sum(0)
