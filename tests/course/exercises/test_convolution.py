"""The checks of notebook 7."""

import numpy as np
import pytest
import torch

from fxlab.course import WrongAnswerError, check
from tests.support.course_answers import rejects


def convolve(x, h):
    return np.convolve(x.numpy(), h.numpy())


def decay_time(h, sample_rate, *, extended=2.0, factor=10.0):
    """Return T30; `extended` and `factor` make the usual mistakes."""
    energy = h.square().flip(0).cumsum(0).flip(0)
    level = factor * torch.log10(energy / energy[0])
    start, stop = (int((level <= limit).nonzero()[0]) for limit in (-5, -35))
    return extended * (stop - start) / sample_rate


def test_right_answers():
    check.convolution(convolve)
    check.linear_time_invariant({1, 3, 5, 6}, [1, 2, 3, 4])
    check.reverberation_time(decay_time)
    check.absorption(0.24)


def test_a_half_right_answer_names_the_wrong_set_and_not_the_system():
    with pytest.raises(WrongAnswerError, match="2 of the six systems are on the wrong side in `time_invariant`"):
        check.linear_time_invariant({1, 3, 5, 6}, {1, 2})


@pytest.mark.parametrize(
    ("name", "answer", "reason"),
    [
        ("convolution", lambda x, h: convolve(x, h.flip(0)), "correlation"),
        ("convolution", lambda x, h: np.convolve(x, h, "same"), "list of 4 numbers"),
        ("convolution", lambda x, h: 2 * convolve(x, h), "is wrong"),
        ("linear_time_invariant", {1, 3, 4, 5, 6}, "one of the six"),
        ("linear_time_invariant", {1, 7}, "not a number from 1 to 6"),
        ("linear_time_invariant", [[1]], "not a number from 1 to 6"),
        ("reverberation_time", lambda h, rate: decay_time(h, rate, extended=1.0), "extended to 60 dB"),
        ("reverberation_time", lambda h, rate: decay_time(h, rate, factor=20.0), "10 log₁₀"),
        ("reverberation_time", lambda h, rate: decay_time(h, 1), "number of samples"),
        ("reverberation_time", lambda h, rate: 1000 * decay_time(h, rate), "in ms"),
        ("absorption", 24, "percent"),
        ("absorption", 0.4806, "twice"),
        ("absorption", 0.596, "ceiling"),
        ("absorption", 0.2136, "Eyring"),
        ("absorption", 0.3, "too high"),
    ],
)
def test_wrong_answers(name, answer, reason):
    rejects(name, answer, reason)
