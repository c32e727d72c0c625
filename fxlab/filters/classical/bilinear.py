"""Bilinear transform of an analog prototype to digital second-order sections, with prewarped edges, as in SciPy.

The low-pass prototype is first transformed to the requested kind in the analog plane, pole by pole, and then by the
bilinear transform; prewarping makes the edges exact. No polynomials of high order are multiplied out, which would lose
digits.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from fxlab.engine.torch_support.tracing import is_plain_tensor, needs_derivative
from fxlab.filters.classical.digital_section import AnalogSection, Polynomial, analog_response, digital_section
from fxlab.filters.classical.prototype import Prototype

KINDS = ("lowpass", "highpass", "bandpass", "bandstop")
BANDS = ("bandpass", "bandstop")  # kinds with two edges

Group = list[AnalogSection]
"""One analog section or two for each pole pair of the prototype, or one for its real pole.

Coefficients are numbers or tensors `(..., pairs)`. In the cascade, the two sections for a pair are adjacent."""


def sections(prototype: Prototype, kind: str, low: Tensor, high: Tensor, rate: float) -> Tensor:
    """Return the digital second-order sections of a filter, `(..., sections, 6)`, ordered by increasing q.

    Args:
        prototype: The analog low-pass prototype.
        kind: One of `KINDS`.
        low: The edge in Hz, `(...)`; of a band, the lower edge.
        high: The upper edge of a band in Hz, `(...)`; not used for a low-pass or high-pass.
        rate: The sample rate in Hz.
    """
    rows = [
        torch.stack([digital_section(part) for part in group], -2).flatten(-3, -2)
        if len(group) > 1
        else digital_section(group[0])
        for group in analog_sections(prototype, kind, low, high, rate)
    ]
    sos = torch.cat(rows, -2) if len(rows) > 1 else rows[0]
    gain = prototype.gain.to(sos.device)
    if gain.ndim == 0 and is_plain_tensor(sos) and not needs_derivative(sos, gain):
        sos[..., 0, :3] *= gain
        return sos
    numerator = sos[..., :1, :3] * gain[..., None, None]
    first = torch.cat([numerator, sos[..., :1, 3:].expand(numerator.shape)], -1)
    return torch.cat([first, sos[..., 1:, :].expand(*first.shape[:-2], -1, -1)], -2)


def exact_response(
    prototype: Prototype, kind: str, edges: tuple[Tensor, Tensor], frequencies: Tensor, rate: float
) -> Tensor:
    """Return the complex response of the design, `(..., points)`, at `frequencies` in Hz, `(points,)`.

    It is computed from the analog sections, so it has no error from rounded coefficients. The other arguments are those
    of `sections`, with `edges` for `(low, high)`.
    """
    response = prototype.gain.to(frequencies.device)[..., None].to(torch.complex128)
    for group in analog_sections(prototype, kind, *edges, rate):
        for part in group:
            response = response * analog_response(part, frequencies / rate).prod(-2)
    return response


def analog_sections(prototype: Prototype, kind: str, low: Tensor, high: Tensor, rate: float) -> list[Group]:
    """Return the sections of the requested kind in the analog plane, with prewarped edges and without the gain.

    The arguments are those of `sections`.
    """
    w = torch.tan(math.pi / rate * low)[..., None]
    parts = (None if part is None else part.to(w.device) for part in prototype)
    prototype = Prototype(*parts)  # type: ignore[arg-type]
    if kind in BANDS:
        v = torch.tan(math.pi / rate * high)[..., None]
        return _banded(prototype, kind == "bandpass", w, v, (low, high, rate))
    return _one_sided(prototype, kind == "lowpass", w)


def _one_sided(prototype: Prototype, lowpass: bool, w: Tensor) -> list[Group]:
    poles, zeros, real, _ = prototype
    groups: list[Group] = []
    if real is not None:
        r = real * w if lowpass else w / real
        groups.append([((0.0, r) if lowpass else (1.0, 0.0), (1.0, r))])
    unscaled = poles.real**2 + poles.imag**2
    numerator: Polynomial
    slope = -2 * poles.real if lowpass else -2 * poles.real / unscaled
    size = unscaled * w**2 if lowpass else w**2 / unscaled
    if lowpass:
        numerator = (0.0, 0.0, size) if zeros is None else (unscaled / zeros**2, 0.0, size)
    else:
        numerator = (1.0, 0.0, 0.0) if zeros is None else (1.0, 0.0, (w / zeros) ** 2)
    groups.append([(numerator, (1.0, slope * w, size))])
    return groups


def _banded(
    prototype: Prototype, is_bandpass: bool, w: Tensor, v: Tensor, edges: tuple[Tensor, Tensor, float]
) -> list[Group]:
    """Return the analog sections of a band-pass or band-stop, without the gain.

    Each complex pole of the prototype becomes two, one farther from 0 than the center frequency and one nearer to 0.
    The real pole of an odd order becomes a single section.

    Args:
        prototype: The analog low-pass prototype.
        is_bandpass: Whether the filter is a band-pass; otherwise it is a band-stop.
        w: The prewarped lower edge, `(..., 1)`.
        v: The prewarped upper edge, `(..., 1)`.
        edges: The lower edge and the upper edge, `(...)`, and the sample rate, all in Hz.
    """
    poles, zeros, real, _ = prototype
    one, zero = torch.ones_like(w * v), torch.zeros_like(w * v)
    center = w * v  # the square of the center frequency
    low, high, rate = edges
    # tan b - tan a, without cancellation in a narrow band.
    width = torch.sin(math.pi / rate * (high - low))[..., None] / (
        torch.cos(math.pi / rate * high) * torch.cos(math.pi / rate * low)
    ).unsqueeze(-1)
    groups: list[Group] = []
    if real is not None:
        slope = real * width if is_bandpass else width / real
        numerator = (zero, slope, zero) if is_bandpass else (one, zero, center)
        groups.append([(numerator, (one, slope, center))])
    middle = (poles if is_bandpass else 1 / poles) * width / 2
    root = torch.sqrt(middle * middle - center)
    far = torch.where((middle * root.conj()).real >= 0, middle + root, middle - root)
    pair = (far, center / far)
    if zeros is not None:
        half = (zeros if is_bandpass else 1 / zeros) * width / 2
        outer = half + torch.sqrt(half * half + center)
        notches = (outer, center / outer)
    size = poles.abs()
    # If the prototype has no zeros, the far pole gets a low-pass section and the near pole a high-pass section that is
    # attenuated at its resonance. In a wide band each section passes the range of the other; in a narrow band neither
    # has a high gain.
    near = pair[1].detach()
    damping = (-2 * near.real / near.abs()).clamp(max=1.0)
    split = ((zero, zero, (size * width) ** 2 / damping), (damping, zero, zero))
    group: Group = []
    for place, p in enumerate(pair):
        if zeros is not None:
            share = size / zeros if is_bandpass else one
            numerator = (share, zero, share * notches[place] ** 2)
        elif not is_bandpass:
            numerator = (one, zero, center)
        else:
            numerator = split[place]
        group.append((numerator, (one, -2 * p.real, p.real**2 + p.imag**2)))
    # The two sections are adjacent, so that the second amplifies again what the first attenuates, which limits the
    # rounding errors.
    groups.append(group)
    return groups
