"""`BandWidth`: three definitions of how the q of a band filter sets its bandwidth, with formulas and checks."""

from __future__ import annotations

import math
from typing import Any, overload

import torch
from torch import Tensor

from fxlab.engine.torch_support.known_values import any_true
from fxlab.errors import ParameterError
from fxlab.module import Choice, Module
from fxlab.module.parameters.broadcasting import broadcast_together
from fxlab.module.parameters.parameter_declaration import Only
from fxlab.signal.samples import is_number

MAX_OCTAVES = 100
"""The widest band in octaves, of which the q is 1e-15."""


class BandWidth(Choice):
    """A choice of how the q of a band filter determines its bandwidth: `"cookbook"`, `"exact"` or `"octaves"`.

    With `"cookbook"`, q is that of the analog filter. With `"exact"`, the band is `frequency / q` Hz wide. With
    `"octaves"`, the band is about as wide in octaves as the band of the analog filter. `half_band` has the formulas.
    `only` is the argument of `Choice`.
    """

    def __init__(self, *, only: Only | None = None) -> None:
        super().__init__(
            "cookbook",
            ("cookbook", "exact", "octaves"),
            only=only,
            doc="Meaning of q. cookbook: q of the analog filter; towards half the sample rate the band is narrower "
            "than frequency / q. exact: the band is exactly frequency / q wide, in Hz. octaves: the band keeps the "
            "width in octaves of the analog filter, 2 asinh(1 / (2 q)) / ln 2.",
        )


def half_band(w: Tensor, q: Tensor, width: str) -> Tensor:
    """Return `tan(Δ / 2)`, where Δ is the width of the band in radians per sample: the cookbook's `alpha`.

    Args:
        w: The center of the band in radians per sample.
        q: The quality factor.
        width: A choice of `BandWidth`.

    Source:
        R. Bristow-Johnson, Audio EQ Cookbook, `alpha` by Q and by BW; S. J. Orfanidis, Introduction to Signal
        Processing, 11.3, for the exact width.
    """
    if width == "exact":
        return torch.tan(w / (2 * q))
    if width == "octaves":
        sine = torch.sin(w)
        return sine * torch.sinh(torch.asinh(1 / (2 * q)) * (w / sine))
    return torch.sin(w) / (2 * q)


@overload
def q_of_octaves(octaves: float) -> float: ...
@overload
def q_of_octaves(octaves: Tensor) -> Tensor: ...
def q_of_octaves(octaves: Any) -> Any:
    """Return the q of an analog band filter that is `octaves` wide.

    >>> round(q_of_octaves(1.0), 4)
    1.4142
    """
    half = math.log(2) / 2 * octaves
    return 1 / (2 * (torch.sinh(half) if isinstance(half, Tensor) else math.sinh(half)))


def check_octaves(octaves: Any, owner: str) -> None:
    """Raise a `ParameterError` unless `octaves` is above 0 and at most `MAX_OCTAVES`: a number or a tensor.

    The message names the class `owner`.
    """
    values = octaves.detach() if isinstance(octaves, Tensor) else octaves
    if isinstance(values, Tensor):
        is_valid = not any_true(~((values > 0) & (values <= MAX_OCTAVES)))
    else:
        is_valid = is_number(values) and 0 < values <= MAX_OCTAVES
    if not is_valid:
        raise ParameterError(
            f"{owner}: octaves is {octaves!r}; it must be a number of octaves above 0 and at most {MAX_OCTAVES}."
        )


def widest_band(module: Module, corner: str) -> dict[str, Tensor]:
    """Return the values of the parameters `corner` and `q`, by name, for which the band of a filter is widest.

    They are the current values, except for a parameter that a control moves: a moving corner is replaced by the upper
    limit of its control, and a moving q by the lower limit. `corner` is the name of the parameter of the center, such
    as `"frequency"`.
    """
    values, controls = module.values(), module.controls()
    widest = {corner: values[corner], "q": values["q"]}
    if corner in controls:
        widest[corner] = controls[corner].limits()[1]
    if "q" in controls:
        widest["q"] = controls["q"].limits()[0]
    return broadcast_together(widest)


def check_band(module: Any, values: dict[str, Tensor], corner: str, sample_rate: float) -> None:
    """Raise a `ParameterError` if the q is too low for the choice of `width` at this sample rate.

    With "exact", the band, `frequency / q`, must be narrower than half the sample rate; with "octaves", the
    coefficients must be finite; with "cookbook", every q is allowed.

    Args:
        module: A filter with the choice `width`.
        values: The values of the parameters `corner` and `"q"`, with shapes that broadcast.
        corner: The name of the parameter that is the center of the band in Hz.
        sample_rate: The sample rate in Hz.
    """
    width = module.width
    if width == "cookbook":
        return
    frequency, q = torch.broadcast_tensors(  # type: ignore[no-untyped-call]
        values[corner].detach(), values["q"].detach()
    )
    nyquist = sample_rate / 2
    if width == "exact":
        wrong = frequency / q >= nyquist
    else:
        wrong = ~torch.isfinite(half_band(2 * math.pi / sample_rate * frequency, q, width))
    if not any_true(wrong):
        return
    hertz, bad = frequency[wrong][0].item(), q[wrong][0].item()
    where = f"{type(module).__name__}: q is {bad:g} and {corner} {hertz:g} Hz"
    if width == "exact":
        raise ParameterError(
            f"{where}; with width='exact' the band is {corner} / q = {hertz / bad:g} Hz wide, and it must be narrower "
            f"than half the sample rate ({nyquist:g} Hz): raise q above {hertz / nyquist:.4g}, or choose "
            "width='cookbook'."
        )
    raise ParameterError(
        f"{where}; with width='octaves' such a wide band has no finite coefficients so near half the sample rate "
        f"({nyquist:g} Hz): raise q, lower {corner}, or choose width='cookbook'."
    )
