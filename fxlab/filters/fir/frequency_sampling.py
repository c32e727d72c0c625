"""`FrequencySampling`: FIR design by sampling any magnitude response and windowing the impulse response."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from fxlab.engine.torch_support.known_values import any_true
from fxlab.engine.torch_support.shapes import broadcast_shapes
from fxlab.errors import ParameterError
from fxlab.filters.common import parameters
from fxlab.filters.common.lengths import MAX_TAPS
from fxlab.filters.common.ordering import check_ascending, check_within_spectrum
from fxlab.filters.fir.linear_phase import LinearPhase
from fxlab.filters.fir.window import check_window, window_values
from fxlab.module import ArrayParam, Count, Switch


class FrequencySampling(LinearPhase):
    """An FIR filter with gains specified at any frequencies and interpolated linearly between them.

    The response is sampled on a grid and transformed to an impulse response. The window smooths the response over a
    width that is inversely proportional to `taps`. The taps are those of `scipy.signal.firwin2`. Below the first and
    above the last frequency the gain is constant. At two equal frequencies the gain has a step. The phase is linear;
    antisymmetric taps add +90° to it.

    The derivative with respect to the frequency of a step is 0, because the step lies between two points of the grid.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: The frequencies are not in ascending order, more than two are equal, two are equal at 0 Hz or at
            half the sample rate, or one is below 0 or above half the sample rate; their number differs from that of the
            gains; a gain is not 0 where the symmetry and the number of taps require it; the grid has fewer points than
            `taps + 1`; the window is 0 at all taps; or another value is invalid.

    Source:
        A. V. Oppenheim, R. W. Schafer, Discrete-Time Signal Processing, "Design of FIR filters by windowing".

    >>> slope = FrequencySampling([0.0, 12_000.0, 24_000.0], [1.0, 1.0, 0.0], taps=151)
    >>> slope.response([6000.0, 18_000.0], sample_rate=48_000).abs().round(decimals=3).tolist()
    [1.0, 0.5]
    """

    frequencies = ArrayParam(
        [0.0, 3000.0, 4000.0],
        shape=("points",),
        unit="Hz",
        low=0.0,
        high=20_000.0,
        role="frequency",
        doc="Frequencies at which the gain is given, in ascending order; two equal ones are a step.",
    )
    gains = ArrayParam([1.0, 1.0, 0.0], shape=("points",), low=0.0, high=2.0, doc="Gain at each frequency.")
    taps = parameters.taps()
    window = parameters.window(kaiser=True)
    beta = parameters.kaiser_beta()
    antisymmetric = Switch(
        False, doc="Whether the second half of the taps is the negative of the first, for a shift of the phase by +90°."
    )
    grid_points = Count(
        0,
        low=0,
        high=16_385,
        at_least=0,
        at_most=4 * MAX_TAPS + 1,
        doc="Points of the grid from 0 Hz to half the sample rate, more than taps; 0: the next power of two, plus one.",
    )

    def _check(self, sample_rate: float) -> None:
        """Raise a `ParameterError` in the cases that the class lists."""
        super()._check(sample_rate)
        frequencies, gains = self.values()["frequencies"], self.values()["gains"]
        if frequencies.shape[-1] != gains.shape[-1]:
            raise ParameterError(
                f"{self._name()}: there are {frequencies.shape[-1]} frequencies and {gains.shape[-1]} gains; give one "
                "gain for each frequency."
            )
        check_within_spectrum(self, "frequencies", sample_rate)
        check_ascending(self, "frequencies", strictly=False)
        triple = (frequencies[..., 2:] == frequencies[..., :-2]).detach()
        if any_true(triple):
            raise ParameterError(
                f"{self._name()}: frequencies has {frequencies[..., 2:].detach()[triple][0].item():g} Hz three times; "
                "a step has two equal frequencies."
            )
        step = (
            frequencies[..., [1, -1]] == frequencies[..., [0, -2]] if frequencies.shape[-1] > 1 else torch.zeros(2) > 1
        )
        ends = torch.tensor([0.0, sample_rate / 2], dtype=torch.float64, device=step.device)
        at_end = step & (frequencies[..., [0, -1]] == ends)
        if any_true(at_end):
            raise ParameterError(
                f"{self._name()}: frequencies has a step at the {'start' if any_true(at_end[..., 0]) else 'end'} of "
                "the spectrum; remove the first of the two frequencies there, or the last."
            )
        if self.grid_points and self.grid_points <= self.taps:
            raise ParameterError(
                f"{self._name()}: grid_points is {self.grid_points} and taps {self.taps}; there must be more points "
                "than taps, or 0 to choose them."
            )
        check_window(self, self.taps, self.window)
        grid = torch.tensor([0.0, sample_rate / 2], dtype=torch.float64, device=frequencies.device)
        ends = _interpolate(grid, frequencies.detach().double(), gains.detach().double(), sample_rate / 2)
        self._check_ends(ends[..., 0], ends[..., 1], self.antisymmetric)

    def design(self, sample_rate: float) -> Tensor:
        """Return the taps, `(..., taps)`; see `Finite.design`."""
        nyquist, device = sample_rate / 2, self.frequencies.device
        count = self.grid_points or 1 + (1 << max(self.taps - 1, 0).bit_length())
        grid = torch.from_numpy(np.linspace(0.0, nyquist, max(count, 2))).to(device)
        gain = _interpolate(grid, self.frequencies, self.gains, nyquist)
        angle = grid * (-(self.taps - 1) / 2 * np.pi / nyquist) + (np.pi / 2 if self.antisymmetric else 0.0)
        spectrum = torch.complex(gain * torch.cos(angle), gain * torch.sin(angle))
        place = torch.arange(self.taps, dtype=torch.float64, device=device) - (self.taps - 1) / 2
        taps = torch.fft.irfft(spectrum)[..., : self.taps]
        taps = taps * window_values(self.window, self.taps, self.beta, place)
        return torch.where(place == 0, 0.0, taps) if self.antisymmetric else taps


def _interpolate(grid: Tensor, frequencies: Tensor, gains: Tensor, nyquist: float) -> Tensor:
    """Return the gains on the grid, `(..., grid)`; at the frequency of a step, the mean of its two gains.

    `grid`, `frequencies` and `nyquist` are in Hz; `frequencies` and `gains` have the shape `(..., points)`.
    """
    is_step = frequencies[..., 1:] == frequencies[..., :-1]
    shift = np.finfo(np.float64).eps * nyquist
    before = torch.nn.functional.pad(is_step, (0, 1)) * shift
    after = torch.nn.functional.pad(is_step, (1, 0)) * shift
    places = frequencies - before + after
    lead = broadcast_shapes(places.shape[:-1], gains.shape[:-1])
    places, gains = places.expand(*lead, -1), gains.expand(*lead, -1)
    if places.shape[-1] == 1:
        return gains.expand(*lead, len(grid))
    found = torch.searchsorted(places.detach().contiguous(), grid.expand(*lead, -1).contiguous(), right=True)
    start = (found - 1).clamp(0, places.shape[-1] - 2)
    low, high = (torch.gather(places, -1, start + step) for step in (0, 1))
    first, last = (torch.gather(gains, -1, start + step) for step in (0, 1))
    # A step is 0 wide, and has no derivative.
    wide = torch.where(high - low < 4 * shift, (high - low).detach(), high - low)
    low = torch.where(high - low < 4 * shift, low.detach(), low)
    share = ((grid - low) / wide).clamp(0, 1)
    return first + (last - first) * share
