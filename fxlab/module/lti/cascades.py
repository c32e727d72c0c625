"""Cascades of second-order sections, `(..., sections, 6)`: the identity, joining, stacking and aligning them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from fxlab.engine.torch_support.shapes import broadcast_shapes
from fxlab.module.parameters.design_cache import derive

if TYPE_CHECKING:
    from fxlab.module.parameters.owner import ParameterOwner


def identity_section(device: torch.device | None = None) -> Tensor:
    """Return the section that leaves its input unchanged, `(1, 6)`.

    >>> identity_section().tolist()
    [[1.0, 0.0, 0.0, 1.0, 0.0, 0.0]]
    """
    return torch.tensor([[1.0, 0.0, 0.0, 1.0, 0.0, 0.0]], dtype=torch.float64, device=device)


def stack_cascades(cascades: list[Tensor], batch: tuple[int, ...]) -> Tensor:
    """Return one cascade `(sections, 6)` per example as `(*batch, sections, 6)`, padded with identity sections.

    >>> stack_cascades([identity_section(), torch.cat([identity_section()] * 3)], (2,)).shape
    torch.Size([2, 3, 6])
    """
    size, identity = max(len(sos) for sos in cascades), identity_section(cascades[0].device)
    filled = [torch.cat([sos, identity.expand(size - len(sos), 6)]) for sos in cascades]
    return torch.stack(filled).reshape(*batch, size, 6)


def join_cascades(cascades: list[Tensor]) -> Tensor:
    """Return cascades `(..., sections, 6)` joined in series, on the device of the first.

    Leading dimensions are aligned from the left.
    """
    rank = max(sos.ndim - 2 for sos in cascades)
    device = cascades[0].device
    aligned = [
        sos.to(device).reshape(sos.shape[:-2] + (1,) * (rank - sos.ndim + 2) + sos.shape[-2:]) for sos in cascades
    ]
    if rank:
        batch = broadcast_shapes(*(sos.shape[:-2] for sos in aligned))
        aligned = [sos.expand(batch + sos.shape[-2:]) for sos in aligned]
    return torch.cat(aligned, dim=-2)


def align_design(module: ParameterOwner, design: Tensor, x: Tensor, own_dims: int = 2) -> Tensor:
    """Return a design of `module` aligned with the leading dimensions of the input `x`, on the device of `x`.

    Shape:
        `design`: `(batch…, *own)` with `own_dims` dimensions of its own, 2 for sections and 1 for taps. If there are
        batch dimensions, dimensions of size 1 are inserted after them, up to the number of dimensions that `x`,
        `(..., channels, time)`, has before time.
    """
    if design.ndim == own_dims and design.device == x.device:
        return design
    batch_dims = design.ndim - own_dims
    missing = max(0, x.ndim - 1 - batch_dims) if batch_dims else 0

    def align() -> Tensor:
        shape = design.shape[:batch_dims] + (1,) * missing + design.shape[batch_dims:]
        return design.reshape(shape).to(x.device)

    # The result for a cached design is cached too, so that the engine recognizes the tensor and need not prepare it.
    return derive(module, ("aligned", own_dims, missing, x.device), (design,), align)


def existing_roots(roots: Tensor) -> Tensor:
    """Return the roots `(..., sections, 2)` as `(..., n)`, without the positions that are NaN in every example.

    A section with fewer than two roots has NaN in their place.
    """
    flat = roots.flatten(-2)
    is_missing = flat.detach().isnan().reshape(-1, flat.shape[-1]).all(0)
    return flat[..., ~is_missing]
