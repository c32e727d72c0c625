"""Declarations of parameters that several features share; names and defaults are torchaudio's."""

from __future__ import annotations

from fxlab.features.common.automatic import AliasChoice, AutoCount, AutoParam, UpperFrequency
from fxlab.module import Choice, Count, Param, Switch

WINDOWS = (
    "hann",
    "hamming",
    "blackman",
    "blackmanharris",
    "nuttall",
    "flattop",
    "bartlett",
    "bohman",
    "boxcar",
    "cosine",
    "parzen",
)
PAD_MODES = ("reflect", "constant", "replicate", "circular")
NO_NORM = {None: "none"}


def fft_length(default: int = 400) -> Count:
    """Declare the length of the FFT."""
    return Count(
        default, low=64, high=8192, at_least=2, unit="samples", scale="log", doc="Length of each frame and of its FFT."
    )


def frame_length(default: int = 2048) -> Count:
    """Declare the length of frames that are not transformed."""
    return Count(default, low=64, high=8192, at_least=1, unit="samples", scale="log", doc="Length of each frame.")


def window_length() -> AutoCount:
    """Declare the length of the window."""
    return AutoCount(high=8192, unit="samples", doc="Length of the window; None (0) is n_fft.")


def hop(default: int = 0, automatic: str = "half the window") -> AutoCount:
    """Declare the distance between frames; `automatic` describes the value that None stands for."""
    return AutoCount(default, high=4096, unit="samples", doc=f"Distance between frames; None (0) is {automatic}.")


def zeros() -> Count:
    """Declare how many zeros are added to both ends of the sound."""
    return Count(0, low=0, high=4096, at_least=0, unit="samples", doc="Zeros added to both ends of the sound.")


def window_name() -> Choice:
    """Declare the window by its name in SciPy."""
    return Choice("hann", WINDOWS, doc="Window, periodic, as in scipy.signal.get_window.")


def normalization() -> AliasChoice:
    """Declare the normalization of a spectrum."""
    return AliasChoice(
        "none",
        ("none", "window", "frame_length"),
        aliases={False: "none", True: "window"},
        doc="Divide the spectrum by the root of the window's energy, or of the frame's length.",
    )


def power(default: str = "power") -> AliasChoice:
    """Declare whether the magnitudes of a spectrum are squared."""
    return AliasChoice(
        default,
        ("power", "magnitude"),
        aliases={2: "power", 1: "magnitude"},
        doc="Squared magnitudes, or magnitudes.",
    )


def centering() -> str:
    """Return the documentation of `center`."""
    return "Center the first frame on the first sample, and pad both ends by half a frame."


def pad_mode() -> Choice:
    """Declare how the ends are padded."""
    return Choice("reflect", PAD_MODES, doc="How both ends are padded if the frames are centered.")


def lower_frequency(default: float = 0.0) -> Param:
    """Declare the lower end of a filter bank."""
    return Param(default, low=0.0, high=2000.0, unit="Hz", at_least=0.0, below="nyquist", doc="Lower end of the bank.")


def upper_frequency() -> UpperFrequency:
    """Declare the upper end of a filter bank."""
    return UpperFrequency(doc="Upper end of the bank; None (0) is half the sample rate.")


def triangle_norm() -> AliasChoice:
    """Declare the height of the triangles of a mel filter bank."""
    return AliasChoice(
        "none", ("none", "slaney"), aliases=NO_NORM, doc="Triangles with a peak of 1, or of equal area (slaney)."
    )


def mel_scale(default: str = "htk") -> Choice:
    """Declare the formula of the mel scale."""
    return Choice(default, ("htk", "slaney"), doc="Formula of the mel scale.")


def coefficient_count() -> Count:
    """Declare the number of cepstral coefficients."""
    return Count(40, low=1, high=128, doc="Number of coefficients.")


def cosine_norm() -> AliasChoice:
    """Declare the normalization of the cosine transform of a cepstrum."""
    return AliasChoice("ortho", ("ortho", "none"), aliases=NO_NORM, doc="Normalization of the DCT.")


def natural_logarithms() -> Switch:
    """Declare whether a cepstrum is computed from natural logarithms or from levels in dB."""
    return Switch(False, doc="Natural logarithms instead of levels in dB.")


def level_range(default: float = 80.0) -> AutoParam:
    """Declare the range of levels below the largest one."""
    return AutoParam(
        default,
        low=0.0,
        high=120.0,
        unit="dB",
        at_least=0.0,
        doc="Range below the largest level; None (0) means no limit.",
    )
