"""Losses for training loops and for `fit`, which compare waveforms, spectra or loudness."""

from fxlab.learn.losses.loss import Loss
from fxlab.learn.losses.perceptual import LogMel, Loudness
from fxlab.learn.losses.spectral import LogSpectrum, MultiResolutionSTFT
from fxlab.learn.losses.waveform import ESR, SISDR, LogCosh
from fxlab.learn.losses.waveform_and_spectrum import WaveformAndSpectrum

__all__ = [
    "ESR",
    "SISDR",
    "LogCosh",
    "LogMel",
    "LogSpectrum",
    "Loss",
    "Loudness",
    "MultiResolutionSTFT",
    "WaveformAndSpectrum",
]
