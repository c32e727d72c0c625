"""Arithmetic with signals, and the pipe operator."""

import numpy as np
import pytest
import torch

from fxlab.errors import SignalError
from fxlab.signal import Signal

RATE = 8000


def test_arithmetic_equals_that_of_the_samples_on_either_side():
    a, b = torch.rand(2, 50) + 0.1, torch.rand(2, 50) + 0.1
    x, y = Signal(a, RATE), Signal(b, RATE)
    for scalar in (2, 0.5, np.float64(0.3), np.float32(0.3), torch.tensor(0.3)):
        value = float(scalar)
        for result, expected in (
            (x + scalar, a + value),
            (scalar + x, a + value),
            (x - scalar, a - value),
            (scalar - x, value - a),
            (x * scalar, a * value),
            (scalar * x, a * value),
            (x / scalar, a / value),
            (scalar / x, value / a),
        ):
            assert isinstance(result, Signal)
            assert result.dtype == torch.float32
            torch.testing.assert_close(result.samples, expected)
    for result, expected in ((x + y, a + b), (x - y, a - b), (x * y, a * b), (x / y, a / b), (-x, -a)):
        torch.testing.assert_close(result.samples, expected)


def test_a_mono_signal_broadcasts_to_any_number_of_channels():
    pair, single = Signal(torch.rand(2, 50), RATE), Signal(torch.rand(50), RATE)
    torch.testing.assert_close((pair * single).samples, pair.samples * single.samples)
    torch.testing.assert_close((single - pair).samples, single.samples - pair.samples)


@pytest.mark.parametrize(
    ("other", "says"),
    [
        (Signal(torch.ones(2, 50), 16000), "rates differ"),
        (Signal(torch.ones(2, 51), RATE), "lengths differ"),
        (Signal(torch.ones(3, 50), RATE), "3 channels"),
        (torch.ones(2, 50), "no sample rate"),
        (np.ones((2, 50)), "no sample rate"),
    ],
)
def test_incompatible_signals_raise(other, says):
    with pytest.raises(SignalError, match=says):
        Signal(torch.ones(2, 50), RATE) + other


def test_arrays_on_the_left_raise():
    for array in (np.ones(50), torch.ones(50)):
        with pytest.raises(SignalError, match="no sample rate"):
            array * Signal(torch.ones(1, 50), RATE)


def test_a_division_by_zero_raises():
    signal = Signal(torch.ones(1, 50), RATE)
    for divide in (lambda: signal / 0, lambda: signal / (signal - 1), lambda: 1 / (signal - signal)):
        with pytest.raises(SignalError, match="division by zero"):
            divide()


def test_other_operand_types_raise_type_error():
    with pytest.raises(TypeError):
        Signal([0.0], RATE) + "tone"
    with pytest.raises(TypeError):
        Signal([0.0], RATE) * 1j


def test_the_pipe_operator_is_implemented_by_the_module():
    class Doubler:
        def __ror__(self, signal):
            return signal * 2

    signal = Signal([0.25], RATE)
    assert (signal | Doubler()).samples.item() == 0.5
    with pytest.raises(SignalError, match=r"Doubler is a class: write signal \| Doubler\(…\)"):
        signal | Doubler
    with pytest.raises(SignalError, match=r"signal \| fx\.wrap\(tanh\)"):
        signal | torch.tanh
    with pytest.raises(TypeError):
        signal | 3
