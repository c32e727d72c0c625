"""The transistor ladder: four one-poles and a loop around them, the sound of a synthesizer's low-pass."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from fxlab.engine import ssfilt_saturating
from fxlab.filters.common.parameters import hertz
from fxlab.filters.cookbook.biquad import section
from fxlab.filters.virtual_analog.trapezoidal import Trapezoidal, exact, in_hops
from fxlab.module import Choice, Param
from fxlab.module.parameters.broadcasting import broadcast_together


class Ladder(Trapezoidal):
    """A low-pass of 24 dB an octave that rings at its corner and, from a resonance of 4 on, sings there by itself.

    Four one-poles in series, the output taken back to the input `resonance` times: `1 / ((1 + s)^4 + resonance)`, its
    loop closed without delay. As in the circuit, resonance thins the bass: far below the corner the gain is
    `1 / (1 + resonance)`. Linear, at 4 and beyond it is unstable, and says so.

    With `saturation="tanh"` what enters the first pole is bent, `tanh(drive (x - resonance y)) / drive`, so that loud
    sounds stay bounded and the tone at 4 and beyond keeps its level. This is solved to rounding, by Newton's method on
    many samples at once, with exact gradients of the first order. It costs some hundreds of times what the linear
    filter does, has no response, and makes harmonics that are not kept from folding: a higher sample rate folds fewer.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: `cutoff` is not above 0 and below half the sample rate, or `resonance` is negative.

    Source:
        T. Stilson, J. O. Smith, Analyzing the Moog VCF with Considerations for Digital Implementation, ICMC 1996;
        V. Zavalishin, The Art of VA Filter Design, chapters 5 and 6.

    >>> ladder = Ladder(cutoff=1000.0, resonance=3.0)
    >>> [round(gain, 3) for gain in ladder.response([0.0, 1000.0], sample_rate=48_000).abs().tolist()]
    [0.25, 1.0]
    >>> ladder.is_stable(48_000), Ladder(resonance=4.5).is_stable(48_000)
    (True, False)
    """

    cutoff = hertz("Where it rings; without resonance the level there is −12 dB.")
    resonance = Param(
        1.0, low=0.0, high=4.0, at_least=0.0, doc="Share of the output that is taken back; at 4 it oscillates."
    )
    saturation = Choice("none", ("none", "tanh"), doc="How the input of the first pole is bent.")
    drive_db = Param(
        0.0,
        low=-24.0,
        high=36.0,
        unit="dB",
        at_least=-120.0,
        at_most=120.0,
        only=("saturation", ("tanh",)),
        doc="How far into the bend a sound goes; small sounds keep their level.",
    )

    def _is_linear(self) -> bool:
        return bool(self.saturation == "none")

    # -- as a linear filter -------------------------------------------------------------------------------------

    def design(self, sample_rate: float) -> Tensor:
        """Two sections, the resonant pair of poles last: `(..., 2, 6)`."""
        g, k = self._numbers(sample_rate)
        # s = −1 + k^(1/4) e^(±jπ/4) and −1 + k^(1/4) e^(±j3π/4); c is the real part of what is added.
        c = math.sqrt(0.5) * k**0.25
        rows = []
        for side in (-c, c):
            width, square = 2 * (1 - side) * g, ((1 - side) ** 2 + c**2) * g**2
            below = (1 + width + square, 2 * (square - 1), 1 - width + square)
            rows.append(section(g**2, 2 * g**2, g**2, *below))
        return torch.cat(rows, -2)

    def _response(self, frequencies: Tensor, rate: float) -> Tensor:
        along, loop, _ = self._circle(frequencies, rate)
        return along / loop

    def _group_delay(self, frequencies: Tensor, rate: float) -> Tensor:
        _, loop, slope = self._circle(frequencies, rate)
        return (slope / loop).imag

    def _circle(self, frequencies: Tensor, rate: float) -> tuple[Tensor, Tensor, Tensor]:
        """Numerator, denominator and its slope by the angle, where `s = j tan(w / 2) / g`, times `(g cos(w / 2))^4`.

        Straight from the formula, which is smooth where the four poles coincide: there they have no slope.
        """
        g, k = (value.to(frequencies.device)[..., None] for value in self._numbers(rate))
        half = math.pi / rate * frequencies
        cosine, sine = torch.cos(half), torch.sin(half)
        # At half the rate the cosine is 0, and so is the response, though π / 2 as a number has a cosine.
        cosine = torch.where(frequencies >= rate / 2, torch.zeros_like(cosine), cosine)
        pole, turned = torch.complex(g * cosine, sine.expand_as(g * cosine)), torch.complex(-g * sine, cosine + 0 * g)
        along = ((g * cosine) ** 4).to(torch.complex128)
        loop = pole**4 + k * along
        slope = 2 * pole**3 * turned - 2 * k * (g * cosine) ** 3 * g * sine
        return along, loop, slope

    def _roots(self, rate: float) -> tuple[Tensor, Tensor]:
        g, k = self._numbers(rate)
        c = math.sqrt(0.5) * k**0.25
        s = torch.stack([torch.complex(-1 + a * c, b * c) for a in (-1.0, 1.0) for b in (1.0, -1.0)], -1)
        return -torch.ones_like(s), (1 + g[..., None] * s) / (1 - g[..., None] * s)

    def _numbers(self, rate: float) -> tuple[Tensor, Tensor]:
        values = broadcast_together(self.values())
        g, k = torch.tan(math.pi / rate * values["cutoff"]), values["resonance"]
        g, k = torch.broadcast_tensors(g, k)  # type: ignore[no-untyped-call]
        return g, k

    def _why_no_response(self) -> str | None:
        if self._is_linear():
            return None
        return f"{self!r} saturates, so it has no response; ask it with saturation='none', or listen to it."

    # -- as a circuit -------------------------------------------------------------------------------------------

    def system(self, g: Tensor) -> Tensor:
        """Four integrators and the loop, `(..., 5, 5)`."""
        k = self.resonance
        g, k = torch.broadcast_tensors(g, k)  # type: ignore[no-untyped-call]
        ladder = _series(g)
        # u = x − k (C s + D u), solved for u.
        within = 1 / (1 + k * ladder[..., -1, -1])
        taken: Tensor = (k * within)[..., None, None] * ladder[..., :, -1:] * ladder[..., -1:, :]
        return ladder - taken

    def forward_block(self, x: Tensor, state: Any, sample_rate: float) -> tuple[Tensor, Any]:
        """Filter the next block; the state, `(..., 4)`, is what the integrators hold."""
        if self._is_linear():
            return super().forward_block(x, state, sample_rate)
        return self._varying(x, exact(self.values(), x), state, sample_rate, max(1, x.shape[-1]))

    def _varying(
        self, x: Tensor, values: dict[str, Tensor], state: Tensor | None, rate: float, hop: int
    ) -> tuple[Tensor, Tensor]:
        if self._is_linear():
            return super()._varying(x, values, state, rate, hop)
        ladder = in_hops(_series(torch.tan(math.pi / rate * values["cutoff"])), x, hop)
        drive = 10 ** (values["drive_db"] / 20)
        feedback, drive = (value.reshape(1) if value.ndim == 0 else value for value in (values["resonance"], drive))
        return ssfilt_saturating(x, ladder, feedback, drive, state, hop_length=hop)


def _series(g: Tensor) -> Tensor:
    """Four one-poles behind one another, `(..., 5, 5)`: `y = G u + (1 − G) s` and `s' = 2 y − s` for each."""
    held = 1 / (1 + g)
    passed = g * held
    powers = [torch.ones_like(g)]
    while len(powers) < 5:
        powers.append(powers[-1] * passed)
    nil = torch.zeros_like(g)
    rows = [
        [2 * held * powers[i - j] if j < i else (1 - g) * held if j == i else nil for j in range(4)]
        + [2 * powers[i + 1]]
        for i in range(4)
    ]
    rows.append([held * powers[3 - j] for j in range(4)] + [powers[4]])
    return torch.stack([torch.stack(row, -1) for row in rows], -2)
