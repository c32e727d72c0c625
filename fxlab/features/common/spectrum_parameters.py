"""`SpectrumParameters`: the parameters of a spectrogram and of its inverse."""

from __future__ import annotations

from fxlab.features.common import parameters
from fxlab.module import Module, Switch


class SpectrumParameters(Module):
    """The parameters of modules that compute the spectra of frames, or a sound from such spectra.

    It is the first base class of such a module, so that the parameters of the other base classes come first in the
    constructor.
    """

    n_fft = parameters.fft_length()
    win_length = parameters.window_length()
    hop_length = parameters.hop()
    pad = parameters.zeros()
    window = parameters.window_name()
    normalized = parameters.normalization()
    center = Switch(True, doc=parameters.centering())
    pad_mode = parameters.pad_mode()
