import pytest
import torch

from fxlab.display import number_format
from fxlab.module import Choice, Param, Switch


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (number_format.format_frequency(30.0), "30 Hz"),
        (number_format.format_frequency(999.96), "1000 Hz"),
        (number_format.format_frequency(12_345.0), "12.35 kHz"),
        (number_format.format_frequency(9_999_700.0), "10000 kHz"),
        (number_format.format_frequency(1e9), "1e+09 Hz"),
        (number_format.format_duration(0.0009999), "1 ms"),
        (number_format.format_duration(0.9999), "1 s"),
        (number_format.format_duration(99.97), "1 min 40 s"),
        (number_format.format_duration(22e-6), "22 µs"),
        (number_format.format_duration(59.96), "60 s"),
        (number_format.format_duration(600), "10 min"),
        (number_format.format_duration(7 * 86_400), "168 h"),
        (number_format.format_level(1.0), "0.0 dBFS"),
        (number_format.format_level(0.9999), "0.0 dBFS"),
        (number_format.format_level(1.9953), "6.0 dBFS"),
        (number_format.format_number(-0.0001234), "−0.0001234"),
        (number_format.format_number(9999.7), "10000"),
        (number_format.format_number(-9999.7), "−10000"),
        (number_format.format_radius(1.00000012), "1.0000001"),
    ],
)
def test_numbers_are_formatted_with_units_and_few_digits(text, expected):
    assert text == expected


def test_parameters_are_formatted_with_their_units():
    cutoff = Param(1000.0, low=20.0, high=20_000.0, unit="Hz")
    assert number_format.format_value(cutoff, 2500.0) == "2.5 kHz"
    assert number_format.format_value(cutoff, torch.tensor([[100.0, 200.0]])) == "1×2 values, 100 Hz to 200 Hz"
    assert number_format.format_value(cutoff, torch.nn.Parameter(torch.tensor(440.0))) == "440 Hz"
    assert number_format.format_value(Switch(True), True) == "on"
    assert number_format.format_value(Choice("hann", ["hann", "flat"]), "hann") == "hann"
