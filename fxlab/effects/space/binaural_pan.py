"""`BinauralPan`: the direction of a sound, for headphones."""

from __future__ import annotations

import math
from typing import Any, ClassVar, NamedTuple

import torch
from torch import Tensor

from fxlab.effects.common.channels import check_any_channels, check_mono_or_stereo, with_channels
from fxlab.effects.common.largest_magnitude import largest_magnitude
from fxlab.effects.common.loop_parameters import computation_dtype
from fxlab.engine import sosfilt
from fxlab.engine.delay.fractional_delay import lagrange_taps, read_delay
from fxlab.engine.torch_support.shapes import broadcast_shapes
from fxlab.engine.torch_support.tracing import is_recorded
from fxlab.filters.cookbook.biquad import section
from fxlab.module import Param, StatefulModule
from fxlab.module.checks import not_recordable, stale_state
from fxlab.module.parameters.moving_values import exact_value, stored_values

SPEED_OF_SOUND = 343.0  # m/s
ORDER = 5  # of the interpolation between samples
LEAST_SHADOW, SHADOW_ANGLE = 0.1, math.radians(150.0)  # alpha_min and theta_min of the source
EARS = (-90.0, 90.0)  # the directions of the left and the right ear, in degrees


class BinauralState(NamedTuple):
    """The state of a stream: the last samples at both ears, and the state of the low-pass for the head's shadow."""

    line: Tensor  # (2, ..., channels, time)
    low_pass: Tensor | None


class BinauralPan(StatefulModule):
    """A panner for headphones, with a direction in the horizontal plane: the far ear gets the sound later and duller.

    The head is a sphere. The delay between the ears is Woodworth's, `radius / c · (θ + sin θ)` for the speed of sound c
    and the angle θ between the sound and the median plane, at most 90° = π/2. The shadow of the head is a filter of
    first order for each ear, with a gain of 1 at low frequencies and of α at high ones: α is 2 (6 dB) for an ear that
    faces the sound, and 0.1 (−20 dB) where the shadow is darkest, 150° away from the sound. The azimuth may change with
    time. Each channel of a stereo sound is placed at an azimuth of its own if the parameter has one value per channel;
    the output is the mean over the channels.

    Shape:
        Input: `(time,)` or `(..., channels, time)` with one or two channels. Output: `(..., 2, time)`.

    Raises:
        ParameterError: `azimuth` is not from −180 to 180, or `radius_cm` is not above 0 and at most 100.
        SignalError: The input has no channels, or more than two.
        FxlabError: PyTorch records a graph, as in `torch.compile` and `torch.export`.

    Source:
        C. P. Brown, R. O. Duda, "A structural model for binaural sound synthesis", IEEE Transactions on Speech and
        Audio Processing 6(5), 1998; R. S. Woodworth, Experimental Psychology, 1938.

    >>> y = BinauralPan(azimuth=90.0)(torch.randn(1, 100), sample_rate=48_000)
    >>> y.shape
    torch.Size([2, 100])
    """

    fixed_parameters: ClassVar[dict[str, str]] = {"radius_cm": "the filter of the head's shadow has one corner."}

    azimuth = Param(
        45.0,
        low=-180.0,
        high=180.0,
        unit="°",
        at_least=-180.0,
        at_most=180.0,
        doc="Direction: 0 is in front, 90 on the right, −90 on the left, 180 behind.",
    )
    radius_cm = Param(8.75, low=5.0, high=12.0, unit="cm", above=0.0, at_most=100.0, doc="Radius of the head.")

    def forward_block(self, x: Tensor, state: Any, sample_rate: float) -> tuple[Tensor, BinauralState]:
        """Return the two ear signals for the next block, and the state after it, a `BinauralState`.

        Raises:
            SignalError: The sound has no channels or more than two, or the delay lines need another length than those
                of `state`, because `radius_cm` has changed.
            FxlabError: PyTorch records a graph, as in `torch.compile` and `torch.export`.
        """
        if is_recorded():
            reason = "the length of its delay lines depends on the value of radius_cm"
            raise not_recordable(self._name(), reason, "Apply it outside the graph.")
        dtype = computation_dtype(x)
        sound = with_channels(x)
        check_any_channels(self._name(), sound)
        check_mono_or_stereo(self._name(), sound)
        azimuth, radius = (exact_value(self, name, x).to(x.device) for name in ("azimuth", "radius_cm"))
        travel = radius / 100 / SPEED_OF_SOUND  # seconds, along the radius
        lead = broadcast_shapes(sound.shape[:-1], tuple(azimuth.shape[:-1]), tuple(radius.shape[:-1]))
        signal = sound.to(dtype).expand(*lead, sound.shape[-1])
        history = int(self._longest_delay(sample_rate)) + ORDER + 2
        line, low_pass = (None, None) if state is None else state
        if line is None:
            line = signal.new_zeros(len(EARS), *lead, history)
        elif line.shape[-1] != history:
            raise stale_state(self._name(), "its radius_cm changed")
        dull, low_pass = sosfilt(signal, _shadow_low_pass(travel, sample_rate), low_pass)
        ears, lines = [], []
        for number, ear in enumerate(EARS):
            angle = _angle_between(azimuth, ear)
            alpha = (1 + LEAST_SHADOW / 2) + (1 - LEAST_SHADOW / 2) * torch.cos(angle / SHADOW_ANGLE * math.pi)
            shadowed = dull + alpha.to(dtype) * (signal - dull)
            # Relative to the center of the head, the path is shorter by the radius times cos θ, or longer by the arc
            # around the head.
            way = torch.where(angle < math.pi / 2, 1 - torch.cos(angle), 1 + angle - math.pi / 2)
            taps = lagrange_taps(way * travel * sample_rate, ORDER, dtype, first=0)
            full = torch.cat([line[number], shadowed], -1)
            ears.append(read_delay(full, history, sound.shape[-1], taps).mean(-2))
            lines.append(full[..., full.shape[-1] - history :])
        return torch.stack(ears, -2).to(x.dtype), BinauralState(torch.stack(lines), low_pass)

    def _longest_delay(self, rate: float) -> float:
        """Return the longest delay in samples, which occurs at an ear on the opposite side of the head."""
        radius = largest_magnitude(stored_values(self)["radius_cm"])
        return (1 + math.pi / 2) * radius / 100 / SPEED_OF_SOUND * rate


def _angle_between(azimuth: Tensor, ear: float) -> Tensor:
    """Return the angle in radians, from 0 to π, between the sound and an ear, whose directions are in degrees."""
    difference = torch.remainder(azimuth - ear + 180.0, 360.0) - 180.0
    return torch.deg2rad(difference.abs())


def _shadow_low_pass(travel: Tensor, rate: float) -> Tensor:
    """Return 1 / (1 + s · travel / 2) as a section, `(..., 1, 6)`, by the bilinear transform.

    `travel` is the time in seconds in which sound travels the radius of the head.
    """
    ratio = travel.squeeze(-1) * rate if travel.ndim else travel * rate
    one, zero = torch.ones_like(ratio), torch.zeros_like(ratio)
    return section(one, one, zero, 1 + ratio, 1 - ratio, zero)
