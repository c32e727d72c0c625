"""`InverseSpectrogram` and `GriffinLim`: the computation of a sound from its spectra."""

from __future__ import annotations

from torch import Tensor

from fxlab.errors import SignalError
from fxlab.features.common import parameters
from fxlab.features.common.feature_transform import Resynthesis
from fxlab.features.common.safe_math import safe_sqrt
from fxlab.features.common.spectrum_parameters import SpectrumParameters
from fxlab.features.spectra.inversion import estimate_phase, overlap_add
from fxlab.features.spectra.spectrogram import Spectrogram
from fxlab.module import Count, Param, Switch
from fxlab.signal.samples import MAX_SEED


class FromSpectra(SpectrumParameters, Resynthesis):
    """The base class of modules that compute a sound from the spectra of a `Spectrogram` with the same parameters."""

    def hop(self) -> int:
        """Return the distance between frames in samples."""
        return self.transform().hop()

    def transform(self) -> Spectrogram:
        """Return the complex `Spectrogram` that this module inverts."""
        values = {name: getattr(self, name) for name in self.declarations if name in Spectrogram.declarations}
        return Spectrogram(**values | {"power": "complex"})

    def check_bins(self, x: Tensor) -> None:
        """Raise a `SignalError` unless `x` is `(..., n_fft // 2 + 1, frames)` with at least one frame."""
        bins = self.n_fft // 2 + 1
        if x.ndim < 2 or x.shape[-2] != bins or not x.shape[-1]:
            raise SignalError(
                f"{self._name()}: the spectra have shape {tuple(x.shape)}; n_fft={self.n_fft} has "
                f"(..., {bins}, frames). Use the n_fft of the spectrogram."
            )

    def _check(self, sample_rate: float) -> None:
        super()._check(sample_rate)
        self.transform().check(sample_rate)


class InverseSpectrogram(FromSpectra):
    """The sound with given complex spectra: the inverse of `Spectrogram(power="complex")`, by overlap-add.

    If no sound has these spectra, for example after masking, the result is the sound with the nearest spectra. A tensor
    of spectra does not contain the length of the sound, so samples after the last hop are missing; `Feature.inverse`
    returns a sound of the original length.

    Shape:
        Input: `(..., channels, n_fft // 2 + 1, frames)`, complex. Output: `(..., channels, time)`.

    Raises:
        SignalError: The spectra are not complex or have another number of bins, or the hop is so long that samples lie
            in no window.

    Source:
        D. W. Griffin, J. S. Lim, "Signal estimation from modified short-time Fourier transform", 1984. The parameters
        are those of `torchaudio.transforms.InverseSpectrogram`.

    >>> import torch
    >>> x = torch.randn(2, 4000)
    >>> spectra = Spectrogram(power="complex")(x, sample_rate=16_000)
    >>> torch.allclose(InverseSpectrogram()(spectra), x, atol=1e-5)
    True
    """

    def forward(self, x: Tensor, sample_rate: float) -> Tensor:
        """Return the sound `(..., time)` of complex spectra `(..., bins, frames)`.

        Raises:
            SignalError: The spectra are real or have another number of bins, or samples lie in no window.
        """
        if not x.is_complex():
            raise SignalError(
                f"{self._name()}: the spectra are real, without phases; use Spectrogram(power='complex'), or "
                "GriffinLim, which estimates phases."
            )
        self.check_bins(x)
        return overlap_add(self.transform(), x)


class GriffinLim(FromSpectra):
    """A sound with given magnitudes, for which Griffin and Lim's method estimates the phases.

    The initial phases are random numbers from `seed`, so the same call gives the same sound; without `rand_init` they
    are 0.

    Shape:
        Input: `(..., channels, n_fft // 2 + 1, frames)`, real. Output: `(..., channels, time)`.

    Raises:
        SignalError: The spectra are complex or have another number of bins, or the hop is so long that samples lie in
            no window.

    Source:
        D. W. Griffin, J. S. Lim, "Signal estimation from modified short-time Fourier transform", 1984.
        N. Perraudin, P. Balazs, P. L. Søndergaard, "A fast Griffin-Lim algorithm", WASPAA 2013. The
        parameters are those of `torchaudio.transforms.GriffinLim`.

    >>> import torch
    >>> power = Spectrogram(n_fft=512)(torch.randn(1, 4096), sample_rate=16_000)
    >>> GriffinLim(n_fft=512, n_iter=4)(power).shape
    torch.Size([1, 4096])
    """

    n_iter = Count(32, low=1, high=100, doc="Passes between spectra and sound.")
    power = parameters.power()
    momentum = Param(0.99, low=0.0, high=0.99, at_least=0.0, below=1.0, doc="Acceleration; 0 is the original method.")
    rand_init = Switch(True, doc="Begin with random phases, not with phases of 0.")
    seed = Count(0, low=0, high=100, at_least=0, at_most=MAX_SEED, doc="Seed of the random phases.")

    def forward(self, x: Tensor, sample_rate: float) -> Tensor:
        """Return a sound `(..., time)` for powers or magnitudes `(..., bins, frames)`.

        Raises:
            SignalError: The spectra are complex or have another number of bins, or samples lie in no window.
        """
        if x.is_complex():
            raise SignalError(f"{self._name()}: the spectra have phases; use InverseSpectrogram, or x.abs().")
        self.check_bins(x)
        magnitudes = safe_sqrt(x) if self.power == "power" else x
        seed = self.seed if self.rand_init else None
        return estimate_phase(self.transform(), magnitudes, iterations=self.n_iter, momentum=self.momentum, seed=seed)
