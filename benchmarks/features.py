"""Features compared with torchaudio, librosa and nnAudio, alternately in one run.

    python -m benchmarks.features [rounds]

10 s of mono in float32, at 16 kHz, and at 22.05 kHz for the constant-Q spectrogram. nnAudio is left out if it is not
installed. Times are medians.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import sys
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torchaudio import transforms as ta

import fxlab as fx
from benchmarks.engine_rounds import interleaved
from benchmarks.report import machine, table

SECONDS = 10
Cases = dict[str, dict[str, Callable[[], object]]]


def nn_audio() -> Any:
    """Import nnAudio's features, or return None."""
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            return importlib.import_module("nnAudio.features")
    except ImportError:
        return None


def cases() -> Cases:
    """Return the functions to measure, by feature and library."""
    librosa, peer = importlib.import_module("librosa"), nn_audio()
    x = torch.randn(1, SECONDS * 16_000, generator=torch.Generator().manual_seed(0))
    y = torch.randn(1, SECONDS * 22_050, generator=torch.Generator().manual_seed(0))
    a, b = x[0].numpy(), y[0].numpy()
    sizes = {"n_fft": 1024, "hop_length": 256}
    spectrogram, mel, mfcc = (
        fx.Spectrogram(1024, hop_length=256),
        fx.MelSpectrogram(1024, hop_length=256, n_mels=80),
        fx.MFCC(n_fft=1024, hop_length=256, n_mels=80),
    )
    theirs = (
        ta.Spectrogram(**sizes),
        ta.MelSpectrogram(16_000, n_mels=80, **sizes),
        ta.MFCC(16_000, melkwargs={**sizes, "n_mels": 80}),
    )
    constant_q, chroma, pitch, centroid = fx.ConstantQ(), fx.Chroma(), fx.PitchTrack(), fx.SpectralCentroid()
    their_centroid = ta.SpectralCentroid(16_000)
    found: Cases = {
        "Spectrogram": {
            "fxlab": lambda: spectrogram(x, sample_rate=16_000),
            "torchaudio": lambda: theirs[0](x),
            "librosa": lambda: np.abs(librosa.stft(a, **sizes)) ** 2,
        },
        "MelSpectrogram": {
            "fxlab": lambda: mel(x, sample_rate=16_000),
            "torchaudio": lambda: theirs[1](x),
            "librosa": lambda: librosa.feature.melspectrogram(y=a, sr=16_000, n_mels=80, **sizes),
        },
        "MFCC": {
            "fxlab": lambda: mfcc(x, sample_rate=16_000),
            "torchaudio": lambda: theirs[2](x),
            "librosa": lambda: librosa.feature.mfcc(y=a, sr=16_000, n_mfcc=40, n_mels=80, **sizes),
        },
        "ConstantQ": {
            "fxlab": lambda: constant_q(y, sample_rate=22_050),
            "librosa": lambda: np.abs(librosa.cqt(b, sr=22_050, tuning=0.0)),
        },
        "Chroma": {
            "fxlab": lambda: chroma(y, sample_rate=22_050),
            "librosa": lambda: librosa.feature.chroma_stft(y=b, sr=22_050, tuning=0.0),
        },
        "SpectralCentroid": {
            "fxlab": lambda: centroid(x, sample_rate=16_000),
            "torchaudio": lambda: their_centroid(x),
            "librosa": lambda: librosa.feature.spectral_centroid(y=a, sr=16_000, n_fft=400, hop_length=200),
        },
        "PitchTrack, YIN": {
            "fxlab": lambda: pitch(y, sample_rate=22_050),
            "librosa": lambda: librosa.yin(b, fmin=65, fmax=2093, sr=22_050),
        },
    }
    if peer is not None:
        stft = peer.STFT(n_fft=1024, hop_length=256, output_format="Magnitude", sr=16_000, verbose=False)
        mels = peer.MelSpectrogram(sr=16_000, n_fft=1024, hop_length=256, n_mels=80, verbose=False)
        mfccs = peer.MFCC(sr=16_000, n_mfcc=40, n_fft=1024, hop_length=256, n_mels=80, verbose=False)
        cqt = peer.CQT(sr=22_050, hop_length=512, verbose=False)
        found["Spectrogram"]["nnAudio"] = lambda: stft(x)
        found["MelSpectrogram"]["nnAudio"] = lambda: mels(x)
        found["MFCC"]["nnAudio"] = lambda: mfccs(x)
        found["ConstantQ"]["nnAudio"] = lambda: cqt(y)
    return found


def main() -> None:
    """Print one table: milliseconds, and the time of each library divided by that of fxlab."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    peers = ("torchaudio", "librosa", "nnAudio")
    rows = []
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, jobs in cases().items():
            times = interleaved(jobs, rounds, warm=True)
            ratios = {peer: ms / times["fxlab"] for peer, ms in times.items()}
            cells = [f"{times[peer]:.2f} ({ratios[peer]:.2f})" if peer in times else "" for peer in peers]
            rows.append([name, f"{times['fxlab']:.2f}", *cells])
    print(f"{machine()}\n")
    print(table(["feature, 10 s of mono", "fxlab, ms", *(f"{peer}, ms (times fxlab)" for peer in peers)], rows))
    print("\nTargets: mel and MFCC at least 0.95 times torchaudio and 3 times librosa; constant-Q 3 times both others.")


if __name__ == "__main__":
    main()
