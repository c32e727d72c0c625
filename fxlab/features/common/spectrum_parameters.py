"""`SpectrumParameters`: the parameters of a spectrogram and of its inverse."""

from __future__ import annotations

from fxlab.features.common import parameters
from fxlab.module import Module, Switch


class SpectrumParameters(Module):
    """The parameters of modules that transform frames of a sound, or make a sound of such transforms.

    It is the first base of such a class, so that the parameters of other bases stand before them.
    """

    n_fft = parameters.fft_length()
    win_length = parameters.window_length()
    hop_length = parameters.hop()
    pad = parameters.zeros()
    window = parameters.window_name()
    normalized = parameters.normalization()
    center = Switch(True, doc=parameters.centering())
    pad_mode = parameters.pad_mode()
