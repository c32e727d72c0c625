"""The checks of notebook 5."""

import pytest
import torch

from fxlab.course import check
from tests.support.course_answers import rejects


def levels(x, size, hop, window=torch.hann_window, factor=2.0, transform=torch.fft.rfft):
    w = window(size, dtype=x.dtype)
    X = transform(x.unfold(0, size, hop) * w)
    return 20 * (X.abs().T * factor / w.sum()).clamp(min=1e-12).log10()


def centered(x, size, hop):
    w = torch.hann_window(size, dtype=x.dtype)
    return torch.stft(x, size, hop, window=w, return_complex=True).abs().log10()


def test_right_answers():
    check.frame_count(122)
    check.spectrogram_levels(levels)
    check.semitone_frame(8192)
    check.robot_hop(80)


@pytest.mark.parametrize(
    ("name", "answer", "reason"),
    [
        ("frame_count", 121, "before the first hop"),
        ("frame_count", 125, "beyond the end"),
        ("frame_count", 31.25, "overlap"),
        ("spectrogram_levels", lambda x, N, H: levels(x, N, H).T, "transpose"),
        ("spectrogram_levels", lambda x, N, H: levels(x, N, H, transform=torch.fft.fft), "up to N/2"),
        ("spectrogram_levels", centered, "(bins, frames) = (129, 125) is asked for"),
        ("spectrogram_levels", lambda x, N, H: levels(x, N, N), "asked for"),
        ("spectrogram_levels", lambda x, N, H: levels(x, N, H, factor=1.0), "has -6.02 dB"),
        ("spectrogram_levels", lambda x, N, H: levels(x, N, H, window=torch.ones), "Hann window"),
        ("spectrogram_levels", lambda x, N, H: levels(x, N, H).flip(0), "peak in bin"),
        ("spectrogram_levels", levels(torch.zeros(1000), 256, 64), "A function is asked for"),
        ("semitone_frame", 4096, "43 Hz wide"),
        ("semitone_frame", 6743, "power of two"),
        ("semitone_frame", 8192 / 44_100, "seconds"),
        ("robot_hop", 0.005, "seconds"),
        ("robot_hop", 5, "milliseconds"),
        ("robot_hop", 200, "80 times"),
    ],
)
def test_wrong_answers(name, answer, reason):
    rejects(name, answer, reason)
