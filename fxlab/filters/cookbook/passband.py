"""Low-pass, high-pass, band-pass, notch and all-pass sections of the Audio EQ Cookbook."""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.filters.common.band_width import BandWidth
from fxlab.filters.common.parameters import BUTTERWORTH, hertz, quality
from fxlab.filters.cookbook.band import Band
from fxlab.filters.cookbook.biquad import Biquad, Terms, versine
from fxlab.module import Choice


class LowPass(Biquad):
    """A second-order low-pass filter: above its corner the level falls by 12 dB per octave.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: `cutoff` is not above 0 and below half the sample rate, or `q` is not above 0.

    Source:
        R. Bristow-Johnson, Audio EQ Cookbook, "LPF".

    >>> round(LowPass(cutoff=1000.0).response([1000.0], sample_rate=48_000).abs().item(), 4)
    0.7071
    """

    cutoff = hertz("Corner frequency, −3 dB at q = 0.7071.")
    q = quality(
        "Quality factor: the gain at the corner, at every sample rate. 0.7071 is maximally flat; larger values give a "
        "peak near the corner.",
        BUTTERWORTH,
    )

    def coefficients(self, w: Tensor, alpha: Tensor) -> Terms:
        """Return the coefficients; see `Biquad.coefficients`."""
        b1 = versine(w)
        return b1 / 2, b1, b1 / 2, 1 + alpha, -2 * torch.cos(w), 1 - alpha


class HighPass(Biquad):
    """A second-order high-pass filter: below its corner the level falls by 12 dB per octave.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: `cutoff` is not above 0 and below half the sample rate, or `q` is not above 0.

    Source:
        R. Bristow-Johnson, Audio EQ Cookbook, "HPF".

    >>> HighPass(cutoff=1000.0).response([0.0], sample_rate=48_000).abs().item()
    0.0
    """

    cutoff = hertz("Corner frequency, −3 dB at q = 0.7071.")
    q = quality(
        "Quality factor: the gain at the corner, at every sample rate. 0.7071 is maximally flat; larger values give a "
        "peak near the corner.",
        BUTTERWORTH,
    )

    def coefficients(self, w: Tensor, alpha: Tensor) -> Terms:
        """Return the coefficients; see `Biquad.coefficients`."""
        cosine = torch.cos(w)
        return (1 + cosine) / 2, -(1 + cosine), (1 + cosine) / 2, 1 + alpha, -2 * cosine, 1 - alpha


class BandPass(Band):
    """A second-order band-pass filter: on both sides of its band the level falls by 6 dB per octave.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: `frequency` is not above 0 and below half the sample rate, `q` is not above 0, or the band is
            too wide for `width="exact"` or `"octaves"` at this sample rate.

    Source:
        R. Bristow-Johnson, Audio EQ Cookbook, "BPF"; `width="exact"` is SciPy's `iirpeak`.

    >>> round(BandPass(frequency=1000.0, q=5.0).response([1000.0], sample_rate=48_000).abs().item(), 6)
    1.0
    >>> round(BandPass(frequency=1000.0, q=5.0, gain="skirt").response([1000.0], sample_rate=48_000).abs().item(), 6)
    5.0
    """

    frequency = hertz("Center of the band.")
    q = quality(
        "Quality factor: frequency divided by the width of the band between the points 3 dB below the peak; see width."
    )
    gain = Choice(
        "peak",
        ("peak", "skirt"),
        doc="Part of the response that stays constant as q changes: the peak (0 dB), or the skirts, with which the "
        "gain of the peak is q of the analog filter.",
    )
    width = BandWidth()

    def coefficients(self, w: Tensor, alpha: Tensor) -> Terms:
        """Return the coefficients; see `Biquad.coefficients`."""
        b0 = alpha if self.gain == "peak" else torch.sin(w) / 2
        return b0, torch.zeros_like(b0), -b0, 1 + alpha, -2 * torch.cos(w), 1 - alpha


class Notch(Band):
    """A second-order notch filter: it removes one frequency and attenuates a band around it.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: `frequency` is not above 0 and below half the sample rate, `q` is not above 0, or the band is
            too wide for `width="exact"` or `"octaves"` at this sample rate.

    Source:
        R. Bristow-Johnson, Audio EQ Cookbook, "notch"; `width="exact"` is SciPy's `iirnotch`.

    >>> Notch(frequency=1000.0).response([1000.0], sample_rate=48_000).abs().item() < 1e-12
    True

    The width between the −3 dB points, 14224.6 Hz and 15724.6 Hz, is exactly 1500 Hz:

    >>> notch = Notch(frequency=15_000.0, q=10.0, width="exact")
    >>> notch.magnitude_db([14_224.6, 15_724.6], sample_rate=44_100).round(decimals=2).tolist()
    [-3.01, -3.01]
    """

    frequency = hertz("Frequency that is removed.")
    q = quality("Quality factor: frequency divided by the width of the band between the −3 dB points; see width.")
    width = BandWidth()

    def coefficients(self, w: Tensor, alpha: Tensor) -> Terms:
        """Return the coefficients; see `Biquad.coefficients`."""
        a1, one = -2 * torch.cos(w), torch.ones_like(w)
        return one, a1, one, 1 + alpha, a1, 1 - alpha


class AllPass(Band):
    """A second-order all-pass filter: unit gain, and a phase that falls from 0° to −360°, with −180° at one frequency.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: `frequency` is not above 0 and below half the sample rate, `q` is not above 0, or the band is
            too wide for `width="exact"` or `"octaves"` at this sample rate.

    Source:
        R. Bristow-Johnson, Audio EQ Cookbook, "APF".

    >>> response = AllPass(frequency=1000.0).response([1000.0], sample_rate=48_000)
    >>> round(response.real.item(), 6), abs(round(response.imag.item(), 6))
    (-1.0, 0.0)
    """

    frequency = hertz("Frequency at which the phase is −180°.")
    q = quality(
        "Quality factor: frequency divided by the width of the band in which the phase falls from −90° to −270°; see "
        "width. A larger q makes the group delay at the frequency longer.",
        BUTTERWORTH,
    )
    width = BandWidth()

    def coefficients(self, w: Tensor, alpha: Tensor) -> Terms:
        """Return the coefficients; see `Biquad.coefficients`."""
        a1 = -2 * torch.cos(w)
        return 1 - alpha, a1, 1 + alpha, 1 + alpha, a1, 1 - alpha
