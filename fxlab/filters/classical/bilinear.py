"""From an analog prototype to digital second-order sections of any band, as SciPy's designs go.

The prototype's low-pass is carried to its band in the analog plane, pole by pole, and from there by the bilinear
transform, whose warping is undone at the edges. No polynomial is ever multiplied out, so no digits are lost.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from fxlab.filters.classical.prototype import Prototype
from fxlab.filters.cookbook.biquad import section

KINDS = ("lowpass", "highpass", "bandpass", "bandstop")
BANDS = ("bandpass", "bandstop")  # those with two edges

Polynomial = tuple[Tensor, Tensor, Tensor]  # of s: s^2, s, 1


def sections(prototype: Prototype, kind: str, low: Tensor, high: Tensor, rate: float) -> Tensor:
    """`(..., sections, 6)`, the sharpest last; `low` and `high` are edges in Hz, of which a low-pass has only `low`."""
    w = torch.tan(math.pi / rate * low)[..., None]
    prototype = Prototype(*(None if part is None else part.to(w.device) for part in prototype))  # type: ignore[arg-type]
    if kind in BANDS:
        rows = _banded(prototype, kind == "bandpass", w, torch.tan(math.pi / rate * high)[..., None], (low, high, rate))
    else:
        rows = _one_sided(prototype, kind == "lowpass", w)
    sos = torch.cat(rows, -2)
    above = sos[..., :1, :3] * prototype.gain[..., None, None]
    first = torch.cat([above, sos[..., :1, 3:].expand(above.shape)], -1)
    return torch.cat([first, sos[..., 1:, :].expand(*first.shape[:-2], -1, -1)], -2)


def _one_sided(prototype: Prototype, lowpass: bool, w: Tensor) -> list[Tensor]:
    one, nil = torch.ones_like(w), torch.zeros_like(w)
    poles, zeros, real, _ = prototype
    rows = []
    if real is not None:
        r = real * w if lowpass else w / real
        rows.append(_first_order(nil if lowpass else one, r if lowpass else nil, r))
    p = poles * w if lowpass else w / poles
    size = p.real**2 + p.imag**2
    if lowpass:
        flat = poles.real**2 + poles.imag**2
        above = (nil, nil, size) if zeros is None else (flat / zeros**2, nil, size)
    else:
        above = (one, nil, nil) if zeros is None else (one, nil, (w / zeros) ** 2)
    rows.append(_bilinear(above, (one, -2 * p.real, size)))
    return rows


def _banded(
    prototype: Prototype, passes: bool, w: Tensor, v: Tensor, edges: tuple[Tensor, Tensor, float]
) -> list[Tensor]:
    """Each pole becomes two, one towards either edge, far and near of the centre."""
    poles, zeros, real, _ = prototype
    one, nil = torch.ones_like(w * v), torch.zeros_like(w * v)
    centre = w * v  # its square
    low, high, rate = edges
    # tan b - tan a, without the cancellation of a narrow band.
    width = torch.sin(math.pi / rate * (high - low))[..., None] / (
        torch.cos(math.pi / rate * high) * torch.cos(math.pi / rate * low)
    ).unsqueeze(-1)
    rows = []
    if real is not None:
        slope = real * width if passes else width / real
        above = (nil, slope, nil) if passes else (one, nil, centre)
        rows.append(_bilinear(above, (one, slope, centre)))
    middle = (poles if passes else 1 / poles) * width / 2
    root = torch.sqrt(middle * middle - centre)
    far = torch.where((middle * root.conj()).real >= 0, middle + root, middle - root)
    pair = (far, centre / far)
    if zeros is not None:
        half = (zeros if passes else 1 / zeros) * width / 2
        outer = half + torch.sqrt(half * half + centre)
        notches = (outer, centre / outer)
    size = poles.abs()
    # Without zeros of its own the far pole's section is a low-pass and the near one's a high-pass, damped where it
    # rings: in a wide band each leaves the other's side alone, in a narrow one neither is loud.
    near = pair[1].detach()
    damping = (-2 * near.real / near.abs()).clamp(max=1.0)
    plain = ((nil, nil, (size * width) ** 2 / damping), (damping, nil, nil))
    twins = []
    for place, p in enumerate(pair):
        if zeros is not None:
            share = size / zeros if passes else one
            above = (share, nil, share * notches[place] ** 2)
        elif not passes:
            above = (one, nil, centre)
        else:
            above = plain[place]
        twins.append(_bilinear(above, (one, -2 * p.real, p.real**2 + p.imag**2)))
    # One beside the other, so that what the first takes away the second gives back before it is lost to rounding.
    rows.append(torch.stack(twins, -2).flatten(-3, -2))
    return rows


def _bilinear(above: Polynomial, below: Polynomial) -> Tensor:
    """Rows `(..., 6)` of a polynomial of s over another, with `s = (1 - 1/z) / (1 + 1/z)`."""
    terms = []
    for c2, c1, c0 in (above, below):
        terms += [c2 + c1 + c0, 2 * (c0 - c2), c2 - c1 + c0]
    return section(*terms).squeeze(-2)


def _first_order(c1: Tensor, c0: Tensor, r: Tensor) -> Tensor:
    """The same of `(c1 s + c0) / (s + r)`, without the zero and the pole that both would have at -1."""
    nil = torch.zeros_like(r)
    return section(c1 + c0, c0 - c1, nil, 1 + r, r - 1, nil).squeeze(-2)
