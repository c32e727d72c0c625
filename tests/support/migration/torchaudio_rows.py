"""`torchaudio` → fxlab."""

from typing import Any

import torch
from torchaudio import functional, transforms

import fxlab as fx
from tests.support.migration.row import RATE, SOUND, Row, names


def peer_names() -> dict[str, Any]:
    """Return the names that the calls of torchaudio use."""
    x = torch.from_numpy(SOUND)[None]
    return names(
        F=functional,
        T=transforms,
        x=x,
        t=lambda values: torch.as_tensor(values.copy()),
        long=fx.noise(duration=1.0, sample_rate=RATE).samples,
        spectrum=transforms.Spectrogram().double()(x),
    )


ROWS = [
    Row("F.lowpass_biquad(x, fs, 1000, 0.7)", "fx.LowPass(1000, q=0.7)(x, sample_rate=fs)"),
    Row("F.highpass_biquad(x, fs, 1000, 0.7)", "fx.HighPass(1000, q=0.7)(x, sample_rate=fs)"),
    Row("F.bandpass_biquad(x, fs, 1000, 2.0)", "fx.BandPass(1000, q=2.0)(x, sample_rate=fs)"),
    Row("F.bandreject_biquad(x, fs, 1000, 2.0)", "fx.Notch(1000, q=2.0)(x, sample_rate=fs)"),
    Row("F.allpass_biquad(x, fs, 1000, 2.0)", "fx.AllPass(1000, q=2.0)(x, sample_rate=fs)"),
    Row("F.equalizer_biquad(x, fs, 1000, -6.0, 2.0)", "fx.Peak(1000, gain_db=-6.0, q=2.0)(x, sample_rate=fs)"),
    Row("F.bass_biquad(x, fs, -6.0, 100, 0.7)", "fx.LowShelf(100, gain_db=-6.0, q=0.7)(x, sample_rate=fs)"),
    Row("F.treble_biquad(x, fs, -6.0, 3000, 0.7)", "fx.HighShelf(3000, gain_db=-6.0, q=0.7)(x, sample_rate=fs)"),
    Row("F.lfilter(x, t(a), t(b), clamp=False)", "fx.TransferFunction(b, a)(x, sample_rate=fs)"),
    Row("F.preemphasis(x, 0.97)", "fx.PreEmphasis(0.97)(x, sample_rate=fs)"),
    Row("F.deemphasis(x, 0.97)", "fx.DeEmphasis(0.97)(x, sample_rate=fs)"),
    Row("F.gain(x, -6.0)", "fx.Gain(-6.0)(x, sample_rate=fs)", tolerance=1e-6),
    Row("F.dcshift(x, 0.1)", "fx.DCOffset(0.1)(x, sample_rate=fs)", tolerance=1e-6),
    Row("F.fftconvolve(x, t(h)[None])[..., : x.shape[-1]]", "fx.Convolve(h[None], rate=fs)(x, sample_rate=fs)"),
    Row(
        "F.mu_law_decoding(F.mu_law_encoding(x, 256), 256)",
        "fx.MuLaw(bits=8)(x, sample_rate=fs)",
        tolerance=None,
        note="fxlab's levels are symmetric about 0.",
    ),
    Row(
        "F.loudness(long, fs)",
        "fx.loudness(fx.noise(duration=1.0, sample_rate=fs))",
        tolerance=5e-3,
        note="torchaudio approximates the K-weighting of BS.1770 by two filters of the cookbook.",
    ),
    Row("T.Fade(481, 481)(x)", "fx.Fade(0.01, 0.01)(x, sample_rate=fs)", tolerance=1e-6),
    Row(
        "T.Resample(48_000, 16_000).double()(x)",
        "fx.Resample(16_000)(x, sample_rate=fs)",
        tolerance=None,
        note="The anti-aliasing filters differ.",
    ),
    Row(
        "T.Spectrogram(n_fft=1024, hop_length=256).double()(x)",
        "fx.Spectrogram(1024, hop_length=256)(x, sample_rate=fs)",
        tolerance=1e-5,
    ),
    Row(
        "T.MelSpectrogram(48_000, n_fft=1024, n_mels=64).double()(x)",
        "fx.MelSpectrogram(1024, n_mels=64)(x, sample_rate=fs)",
        tolerance=1e-5,
    ),
    Row(
        'T.MFCC(48_000, n_mfcc=13, melkwargs={"n_fft": 1024, "n_mels": 64}).double()(x)',
        "fx.MFCC(13, n_fft=1024, n_mels=64)(x, sample_rate=fs)",
        tolerance=1e-5,
    ),
    Row("T.ComputeDeltas()(spectrum)", "fx.Deltas()(fx.Spectrogram()(x, sample_rate=fs))", tolerance=1e-5),
    Row(
        "T.AmplitudeToDB(top_db=80)(spectrum)",
        "fx.AmplitudeToDB(top_db=80)(fx.Spectrogram()(x, sample_rate=fs))",
        tolerance=1e-5,
    ),
]
