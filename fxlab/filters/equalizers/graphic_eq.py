"""`GraphicEQ`: a cascade of peak filters at fixed frequencies, an octave or a third of an octave apart."""

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
from fxlab.engine.torch_support.tracing import is_recorded
from fxlab.errors import ParameterError
from fxlab.filters.banks.octave_bank import AUDIBLE, OCTAVE, REFERENCE, nominal_name
from fxlab.filters.cookbook.biquad import section
from fxlab.module import ArrayParam, Recursive

NEWTON_STEPS = 3
"""After this many Newton steps, gains up to ±18 dB are met to within 0.001 dB, and larger ones to within 0.1 dB."""

_RELATIVE_WIDTH = 1.35  # width of a peak divided by the distance to its neighbors, on the axis of `_Layout.distance`
_OCTAVE_DISTANCE = 2.25  # squared distance of an octave on that axis, for a band without neighbors
_TYPICAL_DB = 17.0  # peak gain assumed by the initial guess


class _Layout(NamedTuple):
    """The constants of a design that depend only on the bands and the sample rate."""

    w: Tensor  # (bands,) centers in radians per sample
    q: Tensor  # (bands,) quality factors of the peaks
    distance: Tensor  # (bands, bands): (t_k / t_j - t_j / t_k)^2 for peak k at center j, with t = tan(w / 2)
    guess: Tensor  # (bands, bands): maps the requested gains to the initial gains of the peaks


class Sliders(ArrayParam):
    """The declaration of the gains of a graphic equalizer in dB: an array of 10 or 31 values."""

    def validate(self, value: Any, owner: str, sample_rate: float | None = None) -> Tensor:
        """Return `value` as a tensor; raise a `ParameterError` if it is invalid or has neither 10 nor 31 gains."""
        gains = super().validate(value, owner, sample_rate)
        if gains.shape[-1] not in (10, 31):
            raise ParameterError(
                f"{self._full_name(owner)} has {gains.shape[-1]} values; it must have 10, one per octave, or 31, one "
                "per third of an octave."
            )
        return gains


class GraphicEQ(Recursive):
    """A graphic equalizer with 10 octave bands or 31 third-octave bands, whose gains are met at every center.

    It is a cascade of peak filters. Each peak also affects the neighboring bands, so the gains of the peaks are
    computed such that the cascade has the requested gains at the centers: to within 0.001 dB if none exceeds ±18 dB,
    otherwise to within 0.1 dB. `GraphicEQ(bands=31)` has 31 bands with gains of 0 dB.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: There are neither 10 nor 31 gains; `bands` is given and is not the number of gains; a gain is
            not between −25 and 25 dB; or a band whose center is not below half the sample rate has a gain other than 0
            dB.

    Source:
        V. Välimäki, J. Liski, "Accurate Cascade Graphic Equalizer", 2017, for the interaction of the bands. The paper
        solves for the gains by least squares at the centers and at points between them; here Newton's method solves
        for them at the centers alone. The peak filters are from R. Bristow-Johnson's Audio EQ Cookbook, the centers
        from IEC 61260-1:2014.

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
        doc="Gain at each center: 10 in octaves from 31.5 Hz to 16 kHz, or 31 in third octaves from 20 Hz to 20 kHz.",
    )

    def __init__(self, *args: Any, bands: int | None = None, sample_rate: float | None = None, **kwargs: Any) -> None:
        if bands is not None:
            if bands not in (10, 31):
                raise ParameterError(f"{self._name()}: bands is {bands!r}; it must be 10 or 31.")
            if not args and "gains_db" not in kwargs:
                kwargs["gains_db"] = [0.0] * bands
        super().__init__(*args, sample_rate=sample_rate, **kwargs)
        if bands is not None and bands != self.bands:
            raise ParameterError(
                f"{self._name()}: bands is {bands}, but gains_db has {self.bands} values; give one of them."
            )

    @property
    def bands(self) -> int:
        """The number of bands, 10 or 31."""
        return self.values()["gains_db"].shape[-1]

    @property
    def frequencies(self) -> Tensor:
        """The centers of the bands in Hz, `(bands,)`."""
        return torch.tensor(_centers(self.bands), dtype=torch.float64)

    @property
    def names(self) -> list[str]:
        """The nominal centers of the bands as text, such as `"31.5 Hz"` and `"1 kHz"`."""
        return [nominal_name(value) for value in (AUDIBLE if self.bands == 31 else AUDIBLE[2::3])]

    def _check(self, sample_rate: float) -> None:
        """Raise a `ParameterError` if a value is invalid, or a band has a gain that the sample rate does not allow.

        A band whose center is not below half the sample rate must have a gain of 0 dB.
        """
        super()._check(sample_rate)
        gains = self.values()["gains_db"].detach()
        usable = _count_usable(self.bands, sample_rate)
        if usable == self.bands or not any_true(gains[..., usable:]):
            return
        raise ParameterError(
            f"{self._name()}: at a sample rate of {sample_rate:g} Hz the bands from {self.names[usable]} upwards are "
            f"not below half of it, {sample_rate / 2:g} Hz: set their gains_db to 0 dB, or choose a signal with a "
            "higher sample rate."
        )

    def _part_labels(self, rate: float) -> list[str]:
        return self.names

    def _part_responses(self, grid: Tensor, rate: float) -> tuple[list[int], Sequence[Tensor]]:
        rows = first_example(self._sos(rate), 2)
        responses = frequency_response(rows.unsqueeze(-2), grid, rate)
        return [number % 2 for number in range(len(rows))], responses.unbind(0)

    def design(self, sample_rate: float) -> Tensor:
        """Return a section for each band, `(..., bands, 6)`."""
        usable = _count_usable(self.gains_db.shape[-1], sample_rate)
        bands = self.gains_db.shape[-1]
        layout = _layout(bands, sample_rate) if is_recorded() else _cached_layout(bands, sample_rate)
        w, q, distance, guess = (part.to(self.gains_db.device) for part in layout)
        requested = self.gains_db[..., :usable]
        gains = requested @ guess
        for _ in range(NEWTON_STEPS):
            level, slope = _levels(gains, q, distance)
            gains = gains - torch.linalg.solve(slope, level.sum(-1) - requested)
        a = 10 ** (gains / 40)
        alpha = torch.sin(w) / (2 * q)
        up, down, middle = alpha * a, alpha / a, -2 * torch.cos(w)
        rows = section(1 + up, middle, 1 - up, 1 + down, middle, 1 - down).squeeze(-2)
        # The bands beyond half the sample rate get identity sections, which stay in the autograd graph.
        zeros = self.gains_db[..., usable:, None] * 0
        identity = torch.tensor([1.0, 0.0, 0.0, 1.0, 0.0, 0.0], dtype=torch.float64, device=rows.device)
        return torch.cat([rows, zeros + identity], -2) if zeros.shape[-2] else rows


def _levels(gains: Tensor, q: Tensor, distance: Tensor) -> tuple[Tensor, Tensor]:
    """Return the level in dB of each peak at each center, `(..., centers, peaks)`, and its derivative.

    The derivative is with respect to the gain of the peak in dB. `gains` are these gains, `(..., peaks)`; `q` and
    `distance` are those of `_Layout`.
    """
    amplitude = 10 ** (gains / 20)
    numerator = distance + (amplitude / q**2)[..., None, :]
    denominator = distance + (1 / (amplitude * q**2))[..., None, :]
    level = 10 * (numerator / denominator).log10()
    return level, 1 - 0.5 * distance * (1 / numerator + 1 / denominator)


@lru_cache(maxsize=32)
@torch.inference_mode(False)  # the result is cached, and a later call may need gradients
def _cached_layout(bands: int, rate: float) -> _Layout:
    return _layout(bands, rate)


def _layout(bands: int, rate: float) -> _Layout:
    centers = _centers(bands)[: _count_usable(bands, rate)]
    w = 2 * math.pi / rate * torch.tensor(centers, dtype=torch.float64, device="cpu")
    warped = torch.tan(w / 2)
    distance = (warped / warped[:, None] - warped[:, None] / warped).square()
    # The width of a peak is proportional to the distance of its neighbors, because near half the sample rate the
    # bilinear transform changes that distance.
    lower = upper = torch.full_like(w, _OCTAVE_DISTANCE)
    if len(w) > 1:
        upward, downward = distance.diagonal(1), distance.diagonal(-1)
        lower, upper = torch.cat([upward[:1], downward]), torch.cat([upward, downward[-1:]])
    q = _RELATIVE_WIDTH / (lower * upper) ** 0.25
    level, _ = _levels(torch.full_like(w, _TYPICAL_DB), q, distance)
    return _Layout(w, q, distance, torch.linalg.inv(level / _TYPICAL_DB).mT)


def _centers(bands: int) -> list[float]:
    """Return the exact centers of the 10 or 31 bands in Hz."""
    if bands == 10:
        return [REFERENCE * float(OCTAVE**k) for k in range(-5, 5)]
    return [REFERENCE * float(OCTAVE ** (k / 3)) for k in range(-17, 14)]


def _count_usable(bands: int, rate: float) -> int:
    """Return the number of bands whose centers lie below half the sample rate."""
    return sum(center < rate / 2 for center in _centers(bands))
