"""The checks of notebook 9."""

import pytest
from scipy.signal import firwin

import fxlab as fx
from fxlab.course import check
from tests.support.course_answers import rejects


def taps(cutoff, count, sample_rate, window="hamming"):
    return firwin(count, cutoff, fs=sample_rate, window=window)


def speech(**options):
    return fx.Equiripple(4000.0, **{"taps": 109, "transition": 0.15, "weight": 11.6, **options})


def test_right_answers():
    check.lowpass_taps(taps)
    check.linear_phase_latency(10)
    check.kaiser_taps(444)
    check.speech_mask(speech())
    check.speech_mask(fx.FIR(speech().kernel(48_000)) | fx.Gain(gain_db=0.0))


@pytest.mark.parametrize(
    ("name", "answer", "reason"),
    [
        ("lowpass_taps", lambda cutoff, count, rate: taps(cutoff / 2, count, rate), "half the frequency"),
        ("lowpass_taps", lambda cutoff, count, rate: taps(2 * cutoff, count, rate), "twice the frequency"),
        ("lowpass_taps", lambda cutoff, count, rate: taps(cutoff, count, rate, "boxcar"), "without a window"),
        ("lowpass_taps", lambda cutoff, count, rate: 3 * taps(cutoff, count, rate), "too large"),
        ("lowpass_taps", lambda cutoff, count, rate: taps(cutoff, count, rate, "blackman"), "is wrong"),
        ("lowpass_taps", lambda cutoff, count, rate: taps(cutoff, count - 2, rate), "list of 101 numbers"),
        ("lowpass_taps", lambda cutoff, count, rate: count * [float("nan")], "division by zero"),
        ("linear_phase_latency", 20.02, "complete filter"),
        ("linear_phase_latency", 480, "number of samples"),
        ("linear_phase_latency", 0.01, "time in s"),
        ("kaiser_taps", 2782, "factor 2π"),
        ("kaiser_taps", 886, "half"),
        ("kaiser_taps", 1, "not in"),
        ("kaiser_taps", 430, "too low"),
        ("speech_mask", speech(weight=1.0), "−60 dB"),
        ("speech_mask", speech(weight=50.0), "±0.1 dB"),
        ("speech_mask", fx.Kaiser(4000.0, width=1200.0, attenuation_db=60.5), "148 samples"),
        ("speech_mask", fx.Butterworth(4000.0, order=8), "at most 111"),
        ("speech_mask", fx.FIR(speech().kernel(48_000)[:-1]), "the gain at"),
    ],
)
def test_wrong_answers(name, answer, reason):
    rejects(name, answer, reason)


def test_taps_that_were_designed_at_another_rate_are_recognized():
    other = fx.MultibandEquiripple([0.0, 3400.0, 4600.0, 22_050.0], [1.0, 0.0], taps=109, weights=[1.0, 11.6])
    rejects("speech_mask", fx.FIR(other.kernel(44_100)), "At a sample rate of 44100 Hz it would be right")
