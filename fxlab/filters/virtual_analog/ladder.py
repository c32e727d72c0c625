"""`Ladder`: the transistor ladder filter of synthesizers, four one-pole filters in a feedback loop."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from fxlab.engine import ssfilt_saturating
from fxlab.filters.common.parameters import hertz
from fxlab.filters.cookbook.biquad import section
from fxlab.filters.virtual_analog.trapezoidal import Trapezoidal, expand_to_hops, to_float64
from fxlab.module import Choice, Param
from fxlab.module.parameters.broadcasting import broadcast_together
from fxlab.module.parameters.moving_values import moving_values
from fxlab.module.settle import no_steady_state


class Ladder(Trapezoidal):
    """A ladder filter: a low-pass of 24 dB per octave with a resonance at its corner.

    It consists of four one-pole filters in series, with the output times `resonance` subtracted from the input:
    `1 / ((1 + s)^4 + resonance)`, where s is relative to the corner. The feedback loop has no delay. As in the circuit,
    resonance attenuates the bass: far below the corner the gain is `1 / (1 + resonance)`. Without saturation the filter
    is unstable at a resonance above 4, and `is_stable` returns False; at 4 it rings forever.

    With `saturation="tanh"` the input of the first one-pole filter is `tanh(drive (x - resonance y)) / drive`, where x
    and y are input and output of the ladder and drive is `10^(drive_db / 20)`, so that the output for a loud input
    stays bounded, and the oscillation at a resonance above 4 has a constant level. First-order gradients are exact. The
    computation takes much longer than that of the linear filter. The saturated filter has no frequency response, and
    its harmonics alias; a higher sample rate reduces the aliasing.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: `cutoff` is not above 0 and below half the sample rate, `resonance` is negative, or
            `drive_db` is not from −120 to 120 dB.

    Source:
        T. Stilson, J. O. Smith, Analyzing the Moog VCF with Considerations for Digital Implementation, ICMC 1996;
        V. Zavalishin, The Art of VA Filter Design, chapters 5 and 6.

    >>> ladder = Ladder(cutoff=1000.0, resonance=3.0)
    >>> [round(gain, 3) for gain in ladder.response([0.0, 1000.0], sample_rate=48_000).abs().tolist()]
    [0.25, 1.0]
    >>> ladder.is_stable(48_000), Ladder(resonance=4.5).is_stable(48_000)
    (True, False)
    """

    cutoff = hertz("Frequency at which the filter rings; without resonance its gain there is −12 dB.")
    resonance = Param(
        1.0, low=0.0, high=4.0, at_least=0.0, doc="Gain of the feedback; from 4 on the filter oscillates."
    )
    saturation = Choice("none", ("none", "tanh"), doc="Saturation of the input of the first pole.")
    drive_db = Param(
        0.0,
        low=-24.0,
        high=36.0,
        unit="dB",
        at_least=-120.0,
        at_most=120.0,
        only=("saturation", ("tanh",)),
        doc="Gain before the saturation, undone after it; quiet signals keep their level.",
    )

    def _is_linear(self) -> bool:
        return bool(self.saturation == "none")

    # -- linear filter ------------------------------------------------------------------------------------------

    def design(self, sample_rate: float) -> Tensor:
        """Return two sections, `(..., 2, 6)`; the second has the resonant pair of poles."""
        g, k = self._gain_and_resonance(sample_rate)
        # The poles are s = −1 + k^(1/4) e^(±jπ/4) and −1 + k^(1/4) e^(±j3π/4); c is the magnitude of the real part of
        # the second term.
        c = math.sqrt(0.5) * k**0.25
        rows = []
        for offset in (-c, c):
            damping, square = 2 * (1 - offset) * g, ((1 - offset) ** 2 + c**2) * g**2
            denominator = (1 + damping + square, 2 * (square - 1), 1 - damping + square)
            rows.append(section(g**2, 2 * g**2, g**2, *denominator))
        return torch.cat(rows, -2)

    def _response(self, frequencies: Tensor, rate: float) -> Tensor:
        numerator, denominator, _ = self._transfer_function(frequencies, rate)
        return numerator / denominator

    def _group_delay(self, frequencies: Tensor, rate: float) -> Tensor:
        _, denominator, derivative = self._transfer_function(frequencies, rate)
        return (derivative / denominator).imag

    def _transfer_function(self, frequencies: Tensor, rate: float) -> tuple[Tensor, Tensor, Tensor]:
        """Return the numerator, the denominator, and the derivative of the denominator with respect to w.

        w is the frequency in radians per sample, and g the gain of an integrator. Numerator and denominator are
        evaluated at `s = j tan(w / 2) / g` and multiplied by `(g cos(w / 2))^4`. Both are differentiable with
        respect to the resonance, also at a resonance of 0, where the four poles coincide and are not differentiable.
        """
        g, k = (value.to(frequencies.device)[..., None] for value in self._gain_and_resonance(rate))
        half = math.pi / rate * frequencies
        cosine, sine = torch.cos(half), torch.sin(half)
        # At half the sample rate the cosine and the response are exactly 0, but the cosine of the rounded π / 2 is not.
        cosine = torch.where(frequencies >= rate / 2, torch.zeros_like(cosine), cosine)
        pole = torch.complex(g * cosine, sine.expand_as(g * cosine))
        pole_derivative = torch.complex(-g * sine, cosine + 0 * g)
        numerator = ((g * cosine) ** 4).to(torch.complex128)
        denominator = pole**4 + k * numerator
        derivative = 2 * pole**3 * pole_derivative - 2 * k * (g * cosine) ** 3 * g * sine
        return numerator, denominator, derivative

    def _roots(self, rate: float) -> tuple[Tensor, Tensor]:
        g, k = self._gain_and_resonance(rate)
        c = math.sqrt(0.5) * k**0.25
        s = torch.stack([torch.complex(-1 + a * c, b * c) for a in (-1.0, 1.0) for b in (1.0, -1.0)], -1)
        return -torch.ones_like(s), (1 + g[..., None] * s) / (1 - g[..., None] * s)

    def _gain_and_resonance(self, rate: float) -> tuple[Tensor, Tensor]:
        """Return the gain of an integrator, `tan(π cutoff / rate)`, and the resonance, broadcast to the same shape."""
        values = broadcast_together(self.values())
        g, k = torch.tan(math.pi / rate * values["cutoff"]), values["resonance"]
        g, k = torch.broadcast_tensors(g, k)  # type: ignore[no-untyped-call]
        return g, k

    def _why_no_response(self) -> str | None:
        if self._is_linear():
            return None
        return f"{self!r} saturates, so it has no response; set saturation='none' for that of the linear filter."

    # -- circuit ------------------------------------------------------------------------------------------------

    def system(self, g: Tensor) -> Tensor:
        """Return the matrices of four integrators in the feedback loop, `(..., 5, 5)`; see `Trapezoidal.system`."""
        k = self.resonance
        g, k = torch.broadcast_tensors(g, k)  # type: ignore[no-untyped-call]
        ladder = _series(g)
        # The input of the first pole is u = x − k (C s + D u); this is solved for u.
        loop_gain = 1 / (1 + k * ladder[..., -1, -1])
        feedback: Tensor = (k * loop_gain)[..., None, None] * ladder[..., :, -1:] * ladder[..., -1:, :]
        return ladder - feedback

    def forward_block(self, x: Tensor, state: Any, sample_rate: float) -> tuple[Tensor, Any]:
        """Return the output for the next block, and the states of the integrators after it, `(..., 4)`."""
        if self._is_linear() or moving_values(self) is not None:
            return super().forward_block(x, state, sample_rate)
        return self._filter_varying(x, to_float64(self.values(), x), state, sample_rate, max(1, x.shape[-1]))

    def settled_state(self, x: Tensor, sample_rate: float) -> Tensor:
        """Return the steady state for the constant input `x`; see `StatefulModule.settled_state`.

        Raises:
            FxlabError: The filter saturates; its steady state is not known.
        """
        if not self._is_linear():
            raise no_steady_state(self._name())
        return super().settled_state(x, sample_rate)

    def _filter_varying(
        self, x: Tensor, values: dict[str, Tensor], state: Tensor | None, rate: float, hop: int
    ) -> tuple[Tensor, Tensor]:
        if self._is_linear():
            return super()._filter_varying(x, values, state, rate, hop)
        ladder = expand_to_hops(_series(torch.tan(math.pi / rate * values["cutoff"])), x, hop)
        drive = 10 ** (values["drive_db"] / 20)
        feedback, drive = (value.reshape(1) if value.ndim == 0 else value for value in (values["resonance"], drive))
        return ssfilt_saturating(x, ladder, feedback, drive, state, hop_length=hop)


def _series(g: Tensor) -> Tensor:
    """Return the matrices `[[A, B], [C, D]]` of four one-pole filters in series, `(..., 5, 5)`.

    Each filter computes its output `y = G u + (1 − G) s` from its input u and its state s, and the next state
    `s' = 2 y − s`, where `G = g / (1 + g)` and g, `(...)`, is the gain of an integrator.
    """
    state_gain = 1 / (1 + g)
    input_gain = g * state_gain
    powers = [torch.ones_like(g)]
    while len(powers) < 5:
        powers.append(powers[-1] * input_gain)
    zero = torch.zeros_like(g)
    rows = [
        [2 * state_gain * powers[i - j] if j < i else (1 - g) * state_gain if j == i else zero for j in range(4)]
        + [2 * powers[i + 1]]
        for i in range(4)
    ]
    rows.append([state_gain * powers[3 - j] for j in range(4)] + [powers[4]])
    return torch.stack([torch.stack(row, -1) for row in rows], -2)
