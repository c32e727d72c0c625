"""Every feature with the references that it agrees with, for the tests and for the table of docs/features.md."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torchaudio import transforms as ta

import fxlab as fx
from tests.support.feature_references import (
    RATE,
    Options,
    Reference,
    default_dtype,
    librosa,
    librosa_chroma,
    librosa_contrast,
    librosa_descriptor,
    librosa_mel,
    librosa_mfcc,
    librosa_onset,
    librosa_pcen,
    librosa_pitch,
    librosa_spectrum,
    of_transform,
    sound,
    spectra,
    torchaudio_lfcc,
    torchaudio_mfcc,
    torchaudio_pitch,
)


@dataclass(frozen=True)
class FeatureFamily:
    """A feature, and what computes the same. Each case of `grid` holds parameters by fxlab's names."""

    make: Callable[..., fx.Module]
    torchaudio: Reference | None = None
    librosa: Reference | None = None
    grid: tuple[Options, ...] = ({},)
    librosa_grid: tuple[Options, ...] = ({},)
    input: Callable[[torch.dtype], Tensor] = field(default_factory=lambda: sound)
    rate: float = RATE
    streams: Options | None = field(default_factory=dict)
    """The parameters with which it streams; None if it cannot."""
    gradient: str = "checked"
    torchaudio_tolerance: float = 1e-10
    librosa_tolerance: float = 1e-10
    """Of float64, relative to the largest value."""


def product(**values: tuple[Any, ...]) -> tuple[Options, ...]:
    """Return every combination of the values."""
    return tuple(dict(zip(values, chosen, strict=True)) for chosen in itertools.product(*values.values()))


SIZES = (
    {},
    {"n_fft": 512, "hop_length": 100, "win_length": 300, "window": "hamming"},
    {"n_fft": 256, "hop_length": 64, "center": False, "window": "blackman"},
    {"n_fft": 401, "hop_length": 77, "pad": 33, "pad_mode": "constant"},
    {"n_fft": 128, "hop_length": 128, "pad_mode": "replicate", "window": "bartlett"},
)


MELS = tuple(
    {**size, **bands}
    for size, bands in itertools.product(
        ({"n_fft": 512}, {"n_fft": 1024, "hop_length": 200}),
        (
            {"n_mels": 40},
            {"n_mels": 40, "norm": "slaney", "mel_scale": "slaney", "f_min": 60.0, "f_max": 7000.0},
            {"n_mels": 24, "norm": "slaney"},
        ),
    )
)

FEATURES: dict[str, FeatureFamily] = {
    "Spectrogram": FeatureFamily(
        fx.Spectrogram,
        of_transform(ta.Spectrogram),
        librosa_spectrum,
        (*SIZES, *product(power=(None, 1.0, 2.0), normalized=(True, "frame_length"))),
        (*SIZES[:2], *product(n_fft=(256, 1024), hop_length=(64, 300), power=("magnitude", None))),
    ),
    "InverseSpectrogram": FeatureFamily(
        fx.InverseSpectrogram,
        of_transform(ta.InverseSpectrogram),
        lambda x, o: librosa().istft(x.numpy(), n_fft=400, hop_length=200),
        ({}, {"normalized": True}, {"normalized": "frame_length"}),
        input=lambda dtype: spectra(dtype, None),
        streams=None,
    ),
    "GriffinLim": FeatureFamily(
        lambda **o: fx.GriffinLim(**{"rand_init": False, "n_iter": 4} | o),
        of_transform(lambda **o: ta.GriffinLim(**{"rand_init": False, "n_iter": 4} | o)),
        None,
        ({}, {"power": 1.0, "momentum": 0.0}),
        input=spectra,
        streams=None,
        gradient="of the input",
    ),
    "MelSpectrogram": FeatureFamily(
        fx.MelSpectrogram, of_transform(ta.MelSpectrogram, int(RATE)), librosa_mel, ({}, *MELS), ({}, *MELS)
    ),
    "MFCC": FeatureFamily(
        fx.MFCC,
        torchaudio_mfcc,
        librosa_mfcc,
        ({}, {"n_mfcc": 13, "norm": None, "log_mels": True, "n_mels": 40}, {"n_fft": 512, "mel_norm": "slaney"}),
        ({}, {"n_mfcc": 13, "n_fft": 512, "n_mels": 40}),
        streams={"top_db": None},
    ),
    "LFCC": FeatureFamily(
        fx.LFCC,
        torchaudio_lfcc,
        None,
        ({}, {"n_lfcc": 12, "n_filter": 60, "f_min": 100.0, "f_max": 5000.0, "log_lf": True}, {"norm": None}),
        streams={"top_db": None},
    ),
    "Deltas": FeatureFamily(
        fx.Deltas,
        of_transform(ta.ComputeDeltas),
        lambda x, o: librosa().feature.delta(x.numpy(), width=o.get("win_length", 5), mode="nearest"),
        product(win_length=(3, 5, 6, 9), mode=("replicate", "constant", "reflect")),
        product(win_length=(3, 5, 9)),
        input=spectra,
    ),
    "AmplitudeToDB": FeatureFamily(
        fx.AmplitudeToDB,
        of_transform(ta.AmplitudeToDB),
        lambda x, o: librosa().power_to_db(x.numpy(), ref=o.get("ref", 1.0), top_db=o.get("top_db")),
        product(stype=("power", "magnitude"), top_db=(None, 30.0)),
        product(ref=(0.1, 1.0, 20.0), top_db=(None, 30.0)),
        input=spectra,
    ),
    "PCEN": FeatureFamily(
        fx.PCEN,
        None,
        librosa_pcen,
        librosa_grid=product(gain=(0.5, 0.98), bias=(0.0, 2.0), power=(0.0, 0.5)),
        input=spectra,
        rate=RATE / 200,
    ),
    "ConstantQ": FeatureFamily(
        lambda **o: fx.ConstantQ(**{"f_min": 3000.0, "n_bins": 12, "hop_length": 441, "power": None} | o),
        None,
        lambda x, o: librosa().cqt(
            x.numpy(), sr=RATE, fmin=3000.0, n_bins=12, hop_length=441, sparsity=0, tuning=0, dtype=np.complex128, **o
        ),
        librosa_grid=({}, {"filter_scale": 0.8}),
        # librosa leaves out the negative frequencies of its windows.
        librosa_tolerance=1e-2,
    ),
    "Chroma": FeatureFamily(
        fx.Chroma, None, librosa_chroma, librosa_grid=product(n_chroma=(12, 24), tuning=(0.0, 0.3), norm=("max", "sum"))
    ),
    "SpectralCentroid": FeatureFamily(
        fx.SpectralCentroid,
        of_transform(ta.SpectralCentroid, int(RATE)),
        librosa_descriptor("spectral_centroid"),
        ({}, {"n_fft": 512, "hop_length": 100}),
    ),
    "SpectralBandwidth": FeatureFamily(
        fx.SpectralBandwidth, None, librosa_descriptor("spectral_bandwidth"), librosa_grid=({}, {"p": 3.0})
    ),
    "SpectralFlatness": FeatureFamily(
        fx.SpectralFlatness,
        None,
        librosa_descriptor("spectral_flatness", rate=False),
        librosa_grid=({}, {"amin": 1e-3}),
    ),
    "SpectralRolloff": FeatureFamily(
        fx.SpectralRolloff,
        None,
        librosa_descriptor("spectral_rolloff"),
        librosa_grid=({}, {"roll_percent": 0.5}),
        gradient="none: the frequency of a bin",
    ),
    "SpectralContrast": FeatureFamily(
        fx.SpectralContrast, None, librosa_contrast, librosa_grid=({}, {"n_bands": 3}), streams={"top_db": None}
    ),
    "RMS": FeatureFamily(
        fx.RMS,
        None,
        lambda x, o: librosa().feature.rms(y=x.numpy(), dtype=np.float64, **o)[..., 0, :],
        librosa_grid=({}, {"frame_length": 1000, "hop_length": 300, "center": False}, {"pad_mode": "reflect"}),
    ),
    "ZeroCrossingRate": FeatureFamily(
        fx.ZeroCrossingRate,
        None,
        lambda x, o: librosa().feature.zero_crossing_rate(x.numpy(), **o)[..., 0, :],
        librosa_grid=({}, {"frame_length": 1000, "hop_length": 300}),
        gradient="none: it counts",
    ),
    "OnsetStrength": FeatureFamily(
        fx.OnsetStrength, None, librosa_onset, librosa_grid=({}, {"lag": 2}), streams={"top_db": None}
    ),
    "PitchTrack": FeatureFamily(
        fx.PitchTrack,
        torchaudio_pitch,
        librosa_pitch,
        ({"method": "autocorrelation", "hop_length": 160},),
        ({}, {"frame_length": 1024, "hop_length": 200}),
        # YIN subtracts correlations of the size of the frame's energy.
        librosa_tolerance=1e-6,
    ),
}


def largest_difference(ours: Any, theirs: Any) -> float:
    """Return the largest difference, relative to the largest value of the reference."""
    expected = torch.as_tensor(np.asarray(theirs)) if not isinstance(theirs, Tensor) else theirs
    assert tuple(ours.shape) == tuple(expected.shape), (tuple(ours.shape), tuple(expected.shape))
    return float((ours - expected).abs().max() / expected.abs().max())


def torchaudio_difference(family: FeatureFamily, options: Options, dtype: torch.dtype) -> float:
    """Return the largest difference from torchaudio."""
    assert family.torchaudio is not None
    x = family.input(dtype)
    with default_dtype(dtype):
        theirs = family.torchaudio(x, {name: value for name, value in options.items() if name != "method"})
        return largest_difference(family.make(**options)(x, sample_rate=family.rate), theirs)


def librosa_difference(family: FeatureFamily, options: Options, dtype: torch.dtype = torch.float64) -> float:
    """Return the largest difference from librosa, on the first channel alone, for which librosa's limits hold."""
    assert family.librosa is not None
    x = family.input(dtype)[0]
    with default_dtype(dtype):
        return largest_difference(family.make(**options)(x, sample_rate=family.rate), family.librosa(x, dict(options)))
