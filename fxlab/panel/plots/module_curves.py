"""`module_curves`: the responses and taps of a module, as the magnitude plot draws them."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from fxlab.engine.torch_support.shapes import first_example
from fxlab.module import Module, has_response
from fxlab.panel.plots.frequency_grid import decibels
from fxlab.panel.plots.stage_responses import center_frequencies, stage_responses
from fxlab.panel.plots.taps import decimate_taps, finite_part
from fxlab.panel.protocol import CurveNotes
from fxlab.panel.rendering.moments import at_moment, over_the_sound


class ModuleCurves(NamedTuple):
    """The curves of a module: its response and the responses of its stages over one frequency grid, and its taps."""

    named: dict[str, Tensor]
    """`response`, in dB, and `taps`, the finite impulse response after `decimate_taps`, if the module has them."""
    stages: dict[str, Tensor]
    """The response of each stage in dB, by path."""
    notes: CurveNotes
    """The fields of a `CurvesMessage` besides the curves."""


def module_curves(module: Module, frequencies: Tensor, rate: float, seconds: float) -> ModuleCurves:
    """Return the curves of the first example of `module` at one moment of the sound.

    Args:
        module: The module.
        frequencies: The frequencies of the responses in Hz, on the device of the module.
        rate: The sample rate in Hz.
        seconds: The moment, in seconds; it matters only if parameters move.

    Raises:
        FxlabError: A value is not valid at this sample rate.
    """
    named: dict[str, Tensor] = {}
    with torch.no_grad():
        frozen = at_moment(module, seconds)
        total, parts, info = stage_responses(frozen, frequencies, rate)
        first = [first_example(part) for part in parts.values()]
        levels = decibels(torch.stack(first)).cpu() if parts else ()
        stages = dict(zip(parts, levels, strict=True))
        if total is not None:
            named["response"] = decibels(first_example(total)).cpu()
        notes: CurveNotes = {"stage_info": info, "center_frequencies": center_frequencies(frozen, rate)}
        part = finite_part(frozen)
        taps = None if part is None else part.kernel(rate)
    tap_count = 0
    if taps is not None:
        tap_count = taps.shape[-1]
        named["taps"] = decimate_taps(first_example(taps).float().cpu())
    return ModuleCurves(named, stages, {"lti": total is not None, "tap_count": tap_count, **notes})


def mean_response(module: Module, frequencies: Tensor, rate: float, duration: float) -> Tensor | None:
    """Return the response in dB of a module whose parameters move, averaged as power over a sound.

    Args:
        module: The module.
        frequencies: The frequencies in Hz, on the device of the module.
        rate: The sample rate in Hz.
        duration: The duration of the sound in seconds.

    Returns:
        The response, of shape `(frequencies,)`, or None if the module has no response.
    """
    if not has_response(module):
        return None
    with torch.no_grad():
        response = over_the_sound(module, duration).response(frequencies, sample_rate=rate)
    power = response.abs().square()
    return decibels((power.mean(0) if power.ndim > 1 else power).sqrt()).cpu()
