import pytest
import torch

from fxlab.display.cards import number_format as units
from fxlab.module import Choice, Param, Switch


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (units.hertz(30.0), "30 Hz"),
        (units.hertz(999.96), "1000 Hz"),
        (units.hertz(12_345.0), "12.35 kHz"),
        (units.hertz(1e9), "1e+09 Hz"),
        (units.seconds(22e-6), "22 µs"),
        (units.seconds(59.96), "60 s"),
        (units.seconds(600), "10 min"),
        (units.seconds(7 * 86_400), "168 h"),
        (units.level(1.0), "0.0 dBFS"),
        (units.level(0.9999), "0.0 dBFS"),
        (units.level(1.9953), "6.0 dBFS"),
        (units.figure(-0.0001234), "−0.0001234"),
        (units.radius(1.00000012), "1.0000001"),
    ],
)
def test_numbers_are_written_for_reading(text, wanted):
    assert text == wanted


def test_parameters_are_written_with_their_units():
    cutoff = Param(1000.0, low=20.0, high=20_000.0, unit="Hz")
    assert units.value(cutoff, 2500.0) == "2.5 kHz"
    assert units.value(cutoff, torch.tensor([[100.0, 200.0]])) == "1×2 values, 100 Hz to 200 Hz"
    assert units.value(cutoff, torch.nn.Parameter(torch.tensor(440.0))) == "440 Hz"
    assert units.value(Switch(True), True) == "on"
    assert units.value(Choice("hann", ["hann", "flat"]), "hann") == "hann"
