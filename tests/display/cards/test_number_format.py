import pytest
import torch

from fxlab.display.cards import number_format
from fxlab.module import Choice, Param, Switch


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (number_format.hertz(30.0), "30 Hz"),
        (number_format.hertz(999.96), "1000 Hz"),
        (number_format.hertz(12_345.0), "12.35 kHz"),
        (number_format.hertz(1e9), "1e+09 Hz"),
        (number_format.seconds(22e-6), "22 µs"),
        (number_format.seconds(59.96), "60 s"),
        (number_format.seconds(600), "10 min"),
        (number_format.seconds(7 * 86_400), "168 h"),
        (number_format.level(1.0), "0.0 dBFS"),
        (number_format.level(0.9999), "0.0 dBFS"),
        (number_format.level(1.9953), "6.0 dBFS"),
        (number_format.figure(-0.0001234), "−0.0001234"),
        (number_format.radius(1.00000012), "1.0000001"),
    ],
)
def test_numbers_are_written_for_reading(text, wanted):
    assert text == wanted


def test_parameters_are_written_with_their_units():
    cutoff = Param(1000.0, low=20.0, high=20_000.0, unit="Hz")
    assert number_format.value(cutoff, 2500.0) == "2.5 kHz"
    assert number_format.value(cutoff, torch.tensor([[100.0, 200.0]])) == "1×2 values, 100 Hz to 200 Hz"
    assert number_format.value(cutoff, torch.nn.Parameter(torch.tensor(440.0))) == "440 Hz"
    assert number_format.value(Switch(True), True) == "on"
    assert number_format.value(Choice("hann", ["hann", "flat"]), "hann") == "hann"
