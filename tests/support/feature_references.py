"""What torchaudio and librosa compute, called with fxlab's names of parameters, and the sound that they are given.

librosa takes seconds to import, so its functions are called through `librosa()` alone. A reference computes in the
dtype of its input.
"""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import numpy as np
import torch
import torchaudio
from torch import Tensor
from torchaudio import transforms as ta

RATE = 16_000.0
Options = dict[str, Any]
Reference = Callable[[Tensor, Options], Any]


def sound(dtype: torch.dtype = torch.float64, samples: int = 6037) -> Tensor:
    """Return a chirp in noise on two channels, `(2, samples)`."""
    generator = torch.Generator().manual_seed(5)
    time = torch.arange(samples, dtype=torch.float64) / RATE
    tone = torch.sin(2 * torch.pi * (300 * time + 1500 * time.square()))
    noise = torch.randn(2, samples, dtype=torch.float64, generator=generator)
    return (0.5 * tone + torch.tensor([[0.02], [0.2]]) * noise).to(dtype)


def spectra(dtype: torch.dtype, power: float | None = 2.0) -> Tensor:
    """Return the spectra of `sound`, by torchaudio."""
    with default_dtype(dtype):
        result: Tensor = ta.Spectrogram(power=power)(sound(dtype))
    return result


def librosa() -> Any:
    """Import librosa."""
    return import_module("librosa")


@contextlib.contextmanager
def default_dtype(dtype: torch.dtype) -> Iterator[None]:
    """Let torchaudio compute its constants in `dtype`."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of empty mel bands
            yield
    finally:
        torch.set_default_dtype(before)


WINDOWS = {
    "hann": torch.hann_window,
    "hamming": torch.hamming_window,
    "blackman": torch.blackman_window,
    "bartlett": torch.bartlett_window,
}


def short_time(options: Options) -> Options:
    """Return the options of a transform as torchaudio takes them."""
    return {**options, "window_fn": WINDOWS[options["window"]]} if "window" in options else dict(options)


def split(options: Options, *own: str) -> tuple[Options, Options]:
    """Return the options of the outer transform of torchaudio, and those of its spectrogram."""
    inner = short_time({name: value for name, value in options.items() if name not in own})
    inner.pop("window", None)
    return {name: options[name] for name in own if name in options}, inner


def of_transform(kind: Callable[..., Any], *first: Any) -> Reference:
    """Return a reference that calls a transform of torchaudio."""

    def call(x: Tensor, options: Options) -> Any:
        inner = short_time(options)
        inner.pop("window", None)
        return kind(*first, **inner)(x)

    return call


def torchaudio_mfcc(x: Tensor, options: Options) -> Any:
    """Return torchaudio's MFCC."""
    outer, inner = split(options, "n_mfcc", "norm", "log_mels")
    inner = {{"mel_norm": "norm"}.get(name, name): value for name, value in inner.items()}
    return ta.MFCC(int(RATE), **outer, melkwargs=inner)(x)


def torchaudio_lfcc(x: Tensor, options: Options) -> Any:
    """Return torchaudio's LFCC."""
    outer, inner = split(options, "n_lfcc", "n_filter", "norm", "log_lf", "f_min", "f_max")
    return ta.LFCC(int(RATE), **outer, speckwargs=inner)(x)


def torchaudio_pitch(x: Tensor, options: Options) -> Any:
    """Return torchaudio's pitch by correlation."""
    return torchaudio.functional.detect_pitch_frequency(
        x, int(RATE), options["hop_length"] / RATE, freq_low=65, freq_high=2093
    )


def magnitudes_of(x: Tensor, n_fft: int = 400, hop_length: int = 200, power: float = 1.0) -> Any:
    """Return the spectra that librosa's descriptors take, by librosa's transform."""
    transform = librosa().stft(x.numpy(), n_fft=n_fft, hop_length=hop_length, pad_mode="reflect")
    return np.abs(transform) ** power


def librosa_spectrum(x: Tensor, options: Options) -> Any:
    """Return librosa's transform."""
    given = {"n_fft": 400, "pad_mode": "reflect", **options}
    given.setdefault("hop_length", given["n_fft"] // 2)
    power = {"power": 2, "magnitude": 1, None: 0}[given.pop("power", "power")]
    transform = librosa().stft(x.numpy(), **given)
    return np.abs(transform) ** power if power else transform


def librosa_mel(x: Tensor, options: Options) -> Any:
    """Return librosa's mel spectrogram."""
    size = options.get("n_fft", 400)
    given = {"n_fft": size, "hop_length": size // 2, "htk": options.get("mel_scale", "htk") == "htk", "n_mels": 128}
    given |= {name: options[name] for name in ("n_fft", "hop_length", "n_mels") if name in options}
    edges = {"fmin": options.get("f_min", 0.0), "fmax": options.get("f_max")}
    norm = options.get("norm")
    return librosa().feature.melspectrogram(
        y=x.numpy(), sr=RATE, pad_mode="reflect", norm=norm, dtype=np.float64, **given, **edges
    )


def librosa_mfcc(x: Tensor, options: Options) -> Any:
    """Return librosa's MFCC of each channel by itself, as its limit in dB is for each call."""
    levels = librosa().power_to_db(librosa_mel(x, {name: v for name, v in options.items() if name != "n_mfcc"}))
    return librosa().feature.mfcc(S=levels, n_mfcc=options.get("n_mfcc", 40))


def librosa_descriptor(name: str, *, rate: bool = True) -> Reference:
    """Return a reference of librosa that takes magnitudes."""

    def call(x: Tensor, options: Options) -> Any:
        given = {**options} | ({"sr": RATE} if rate else {})
        return getattr(librosa().feature, name)(S=magnitudes_of(x), **given)[..., 0, :]

    return call


def librosa_contrast(x: Tensor, options: Options) -> Any:
    """Return librosa's contrast."""
    bands = options.get("n_bands", 5)
    return librosa().feature.spectral_contrast(S=magnitudes_of(x, 2048, 512), sr=RATE, n_bands=bands)


def librosa_onset(x: Tensor, options: Options) -> Any:
    """Return librosa's onset strength."""
    return librosa().onset.onset_strength(y=x.numpy(), sr=RATE, dtype=np.float64, **options)


def librosa_chroma(x: Tensor, options: Options) -> Any:
    """Return librosa's chroma, whose bank is computed in float64 here."""
    power = magnitudes_of(x, 2048, 512, 2.0)
    classes = options.get("n_chroma", 12)
    bank = librosa().filters.chroma(
        sr=RATE, n_fft=2048, tuning=options.get("tuning", 0.0), n_chroma=classes, dtype=np.float64
    )
    norm = {"max": np.inf, "sum": 1, "euclidean": 2, "none": None}[options.get("norm", "max")]
    return librosa().util.normalize(np.einsum("cf,...ft->...ct", bank, power), norm=norm, axis=-2)


def librosa_pitch(x: Tensor, options: Options) -> Any:
    """Return librosa's YIN."""
    return librosa().yin(x.numpy(), fmin=65, fmax=2093, sr=RATE, **options)


def librosa_pcen(x: Tensor, options: Options) -> Any:
    """Return librosa's PCEN."""
    return librosa().pcen(x.numpy(), sr=RATE, hop_length=200, **options)
