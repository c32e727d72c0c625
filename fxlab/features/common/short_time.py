"""`ShortTimeSpectrum`: the base class of features of the spectrum of each frame."""

from __future__ import annotations

from abc import abstractmethod

import torch
from torch import Tensor

from fxlab.errors import ParameterError
from fxlab.features.axis import Axis
from fxlab.features.common.constants import spectral_window
from fxlab.features.common.framed import Framed
from fxlab.features.common.framing import Cut
from fxlab.features.common.spectrum_parameters import SpectrumParameters


class ShortTimeSpectrum(SpectrumParameters, Framed):
    """The base class of features of the spectra of windowed frames; a subclass defines `of_spectra`."""

    @abstractmethod
    def of_spectra(self, spectra: Tensor, sample_rate: float) -> Tensor:
        """Return the feature of complex spectra.

        Shape:
            spectra: `(..., frames, n_fft // 2 + 1)`. Returns `(..., rows, frames)`, or `(..., frames)` without rows.

        Raises:
            NotImplementedError: The base class does not define this method; its subclasses do.
        """
        raise NotImplementedError

    def of_frames(self, frames: Tensor, sample_rate: float) -> Tensor:
        """Return the feature of the spectra of windowed frames; see `Framed.of_frames`."""
        return self.of_spectra(self.spectra(frames), sample_rate)

    def spectra(self, frames: Tensor) -> Tensor:
        """Return the complex spectra `(..., frames, n_fft // 2 + 1)` of frames `(..., frames, n_fft)`.

        The frames are multiplied by the window, and the spectra are normalized as the parameter `normalized` says.
        """
        if not frames.numel():  # MKL raises an error for an empty tensor
            return frames.new_zeros(*frames.shape[:-1], self.n_fft // 2 + 1, dtype=frames.dtype.to_complex())
        window = self.window_values(frames.dtype, frames.device)
        spectra: Tensor = torch.fft.rfft(frames * window, norm=self.fft_norm())
        return spectra / window.square().sum().sqrt() if self.normalized == "window" else spectra

    def fft_norm(self) -> str:
        """Return the normalization of the FFT by its name in `torch.fft`."""
        return "ortho" if self.normalized == "frame_length" else "backward"

    def cut(self, sample_rate: float) -> Cut:
        """Return the division of the sound into frames."""
        return self.framing()

    def framing(self) -> Cut:
        """Return the division of the sound into frames, which does not depend on the sample rate."""
        margin = self.n_fft // 2 if self.center else 0
        return Cut(self.n_fft, self.hop(), margin, self.pad_mode, self.pad, self._name())

    def hop(self) -> int:
        """Return the distance between frames in samples; a `hop_length` of 0 stands for half the window."""
        return int(self.hop_length or max(1, self.window_samples() // 2))

    def window_samples(self) -> int:
        """Return the length of the window in samples."""
        return int(self.win_length or self.n_fft)

    def window_values(self, dtype: torch.dtype, device: torch.device) -> Tensor:
        """Return the window with zeros on both sides up to the length `n_fft`, `(n_fft,)`."""
        return spectral_window(self.window, self.window_samples(), self.n_fft, dtype, device)

    def bins(self, sample_rate: float) -> Tensor:
        """Return the frequencies of the bins in Hz, `(n_fft // 2 + 1,)`, float64."""
        frequencies: Tensor = torch.arange(self.n_fft // 2 + 1, dtype=torch.float64) * (sample_rate / self.n_fft)
        return frequencies

    def frequency_axis(self, sample_rate: float) -> Axis:
        """Return the axis of the rows of the output: by default the frequencies of the bins."""
        return Axis("Frequency", "Hz", self.bins(sample_rate))

    def full_scale(self) -> float:
        """Return the magnitude of a sine of amplitude 1 in a bin with the same frequency as the sine."""
        window = self.window_values(torch.float64, torch.device("cpu"))
        scale = 1.0
        if self.normalized == "window":
            scale = float(window.square().sum().sqrt())
        elif self.normalized == "frame_length":
            scale = self.n_fft**0.5
        return float(window.sum()) / 2 / scale

    def _check(self, sample_rate: float) -> None:
        super()._check(sample_rate)
        if self.win_length > self.n_fft:
            raise ParameterError(
                f"{self._name()}: win_length is {self.win_length} samples and n_fft {self.n_fft}; a window is at most "
                f"as long as its FFT. Lower win_length, or set n_fft to {self.win_length} or more."
            )
