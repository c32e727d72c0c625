"""Graphic equalisers: a row of sliders, each the gain at its frequency."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import torch
from torch import Tensor

from fxlab.engine import frequency_response
from fxlab.engine.torch_support.known_values import any_true
from fxlab.engine.torch_support.shapes import first_example
from fxlab.errors import ParameterError
from fxlab.filters.banks.octave_bank import NOMINAL, OCTAVE, REFERENCE, nominal_name
from fxlab.filters.cookbook.biquad import section
from fxlab.module import ArrayParam, Recursive

ROUNDS = 3
"""Newton steps: of gains of 24 dB after them less than 0.001 dB is left open."""
_WIDE = 1.35  # of a peak, on the axis of `_Layout.apart`, over the distance to its neighbours
_ALONE = 2.25  # how far, squared, an octave is away on that axis: of a band without neighbours
_USUAL_DB = 17.0  # the gain at which the first guess takes the peaks to be


class _Layout(NamedTuple):
    """What only depends on the bands and the sample rate."""

    w: Tensor  # (bands,) centres in radians a sample
    q: Tensor  # (bands,)
    apart: Tensor  # (bands, bands): how far from centre j the peak k lies, squared, as its level takes it
    guess: Tensor  # (bands, bands): gains of the peaks over the gains asked for, at first


class Sliders(ArrayParam):
    """Declare the gains of a graphic equaliser: 10 or 31 of them."""

    def validate(self, value: Any, owner: str, sample_rate: float | None = None) -> Tensor:
        """Return `value` as a tensor, or raise a `ParameterError` that says what is allowed."""
        gains = super().validate(value, owner, sample_rate)
        if gains.shape[-1] not in (10, 31):
            raise ParameterError(
                f"{self._full_name(owner)} has {gains.shape[-1]} values; allowed are 10, in octaves, and 31, in thirds."
            )
        return gains


class GraphicEQ(Recursive):
    """Boost or cut bands an octave apart (10 gains) or a third of one (31), exactly as asked for at every centre.

    It is a cascade of peaks. Each reaches into its neighbours' bands, so their own gains are solved for until the
    whole has the gains asked for. `GraphicEQ(bands=31)` is a flat one.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: Neither 10 nor 31 gains; one that does not lie between −25 and 25 dB; one other than 0 dB for a
            band whose centre does not lie below half the sample rate.

    Source:
        V. Välimäki, J. Liski, "Accurate Cascade Graphic Equalizer", 2017, for the interaction of the bands; instead of
        by least squares over centres and points between them it is solved for at the centres alone, by Newton's method.
        The peaks are those of R. Bristow-Johnson's Audio EQ Cookbook, the centres those of IEC 61260-1:2014.

    >>> eq = GraphicEQ([12, -12, 12, -12, 6, 6, 6, 0, 0, -3])
    >>> eq.magnitude_db(eq.frequencies, sample_rate=48_000).round(decimals=3).tolist()
    [12.0, -12.0, 12.0, -12.0, 6.0, 6.0, 6.0, 0.0, 0.0, -3.0]
    """

    gains_db = Sliders(
        [0.0] * 10,
        shape=("bands",),
        unit="dB",
        low=-12.0,
        high=12.0,
        above=-25.0,
        below=25.0,
        role="gain",
        labels=lambda eq, _rate: eq.names,
        places=lambda eq, _rate: eq.frequencies.tolist(),
        doc="Gain at each centre, 10 in octaves from 31.5 Hz to 16 kHz, or 31 in thirds from 20 Hz to 20 kHz.",
    )

    def __init__(self, *args: Any, bands: int | None = None, sample_rate: float | None = None, **kwargs: Any) -> None:
        if bands is not None:
            if bands not in (10, 31):
                raise ParameterError(f"{self._name()}: bands is {bands!r}; allowed are 10 and 31.")
            if not args and "gains_db" not in kwargs:
                kwargs["gains_db"] = [0.0] * bands
        super().__init__(*args, sample_rate=sample_rate, **kwargs)
        if bands is not None and bands != self.bands:
            raise ParameterError(f"{self._name()}: bands is {bands}, but gains_db has {self.bands} values; give one.")

    @property
    def bands(self) -> int:
        """How many there are, 10 or 31."""
        return self.values()["gains_db"].shape[-1]

    @property
    def frequencies(self) -> Tensor:
        """The centres in Hz, `(bands,)`."""
        return torch.tensor(_centres(self.bands), dtype=torch.float64)

    @property
    def names(self) -> list[str]:
        """The centres as they are called: `"31.5 Hz"`, `"1 kHz"`."""
        return [nominal_name(value) for value in (NOMINAL if self.bands == 31 else NOMINAL[2::3])]

    def check(self, sample_rate: float) -> None:
        """Raise a `ParameterError` where a value is not valid, or not at this sample rate."""
        super().check(sample_rate)
        gains = self.values()["gains_db"].detach()
        reached = _reached(self.bands, sample_rate)
        if reached == self.bands or not any_true(gains[..., reached:]):
            return
        raise ParameterError(
            f"{self._name()}: at a sample rate of {sample_rate:g} Hz the bands from {self.names[reached]} on lie above "
            f"all there is, {sample_rate / 2:g} Hz: set their gains_db to 0, or take a signal of a higher sample rate."
        )

    def _part_labels(self, rate: float) -> list[str]:
        return self.names

    def _part_responses(self, grid: Tensor, rate: float) -> tuple[list[int], Sequence[Tensor]]:
        rows = first_example(self._sos(rate), 2)
        found = frequency_response(rows.unsqueeze(-2), grid, rate)
        return [number % 2 for number in range(len(rows))], found.unbind(0)

    def design(self, sample_rate: float) -> Tensor:
        """A section for each band, `(..., bands, 6)`."""
        reached = _reached(self.gains_db.shape[-1], sample_rate)
        layout = _layout(self.gains_db.shape[-1], sample_rate)
        w, q, apart, guess = (part.to(self.gains_db.device) for part in layout)
        asked = self.gains_db[..., :reached]
        gains = asked @ guess
        for _ in range(ROUNDS):
            level, slope = _levels(gains, q, apart)
            gains = gains - torch.linalg.solve(slope, level.sum(-1) - asked)
        a = 10 ** (gains / 40)
        alpha = torch.sin(w) / (2 * q)
        up, down, turn = alpha * a, alpha / a, -2 * torch.cos(w)
        rows = section(1 + up, turn, 1 - up, 1 + down, turn, 1 - down).squeeze(-2)
        silent = self.gains_db[..., reached:, None] * 0
        plain = torch.tensor([1.0, 0.0, 0.0, 1.0, 0.0, 0.0], dtype=torch.float64, device=rows.device)
        return torch.cat([rows, silent + plain], -2) if silent.shape[-2] else rows


def _levels(gains: Tensor, q: Tensor, apart: Tensor) -> tuple[Tensor, Tensor]:
    """What every peak does at every centre in dB, `(..., centres, peaks)`, and its derivative by the peak's gain."""
    power = 10 ** (gains / 20)
    above, below = apart + (power / q**2)[..., None, :], apart + (1 / (power * q**2))[..., None, :]
    level = 10 * (above / below).log10()
    return level, 1 - 0.5 * apart * (1 / above + 1 / below)


@lru_cache(maxsize=32)
@torch.inference_mode(False)  # it is kept, and a later call may want gradients
def _layout(bands: int, rate: float) -> _Layout:
    centres = _centres(bands)[: _reached(bands, rate)]
    w = 2 * math.pi / rate * torch.tensor(centres, dtype=torch.float64, device="cpu")
    place = torch.tan(w / 2)
    apart = (place / place[:, None] - place[:, None] / place).square()
    # A peak is as wide as its neighbours are away: near half the rate the bilinear transform moves them off.
    lower = upper = torch.full_like(w, _ALONE)
    if len(w) > 1:
        upward, downward = apart.diagonal(1), apart.diagonal(-1)
        lower, upper = torch.cat([upward[:1], downward]), torch.cat([upward, downward[-1:]])
    q = _WIDE / (lower * upper) ** 0.25
    level, _ = _levels(torch.full_like(w, _USUAL_DB), q, apart)
    return _Layout(w, q, apart, torch.linalg.inv(level / _USUAL_DB).mT)


def _centres(bands: int) -> list[float]:
    if bands == 10:
        return [REFERENCE * float(OCTAVE**k) for k in range(-5, 5)]
    return [REFERENCE * float(OCTAVE ** (k / 3)) for k in range(-17, 14)]


def _reached(bands: int, rate: float) -> int:
    """How many bands have their centres below half the sample rate."""
    return sum(centre < rate / 2 for centre in _centres(bands))
