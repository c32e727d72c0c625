"""An automatic wah: its band at silence and at full scale, its times, and streams."""

import math

import pytest
import torch

import fxlab as fx

RATE = 48_000


def band_center(wah: fx.AutoWah, level: float) -> float:
    """The frequency of a long tone with the most gain, while the level is constant."""
    frequencies = torch.logspace(math.log10(100), math.log10(6000), 60, dtype=torch.float64)
    times = torch.arange(RATE // 2, dtype=torch.float64) / RATE
    # The tones are channels that a loud constant side channel opens: with link, all have the center of the loudest.
    tones = 1e-3 * torch.sin(2 * math.pi * frequencies[:, None] * times)
    side = torch.full((1, len(times)), level, dtype=torch.float64)
    y = wah(torch.cat([side, tones]), sample_rate=RATE)[1:]
    return frequencies[y[:, -RATE // 10 :].square().mean(-1).argmax()].item()


def test_the_center_rests_at_the_frequency_and_rises_by_the_range():
    wah = fx.AutoWah(frequency=300.0, range_octaves=3.0, q=10.0, gain_db=0.0)
    step = (6000 / 100) ** (1 / 59)
    for level, octaves in ((0.0, 0.0), (0.5, 1.5), (1.0, 3.0), (4.0, 3.0)):
        corner = math.tan(math.pi * 300 / RATE) * 2**octaves
        expected = RATE / math.pi * math.atan(corner)
        assert band_center(wah, level) == pytest.approx(expected, rel=step - 1)


def test_the_sensitivity_amplifies_the_level():
    loud, amplified = fx.AutoWah(gain_db=0.0), fx.AutoWah(gain_db=20.0)
    assert band_center(loud, 0.5) == band_center(amplified, 0.05)


def test_a_steady_state_is_that_of_the_state_variable_filter():
    wah = fx.AutoWah(frequency=500.0, range_octaves=0.0, q=3.0)
    x = torch.randn(2, 3000, dtype=torch.float64)
    expected = fx.StateVariable(cutoff=500.0, q=3.0, kind="bandpass")(x, sample_rate=RATE)
    torch.testing.assert_close(wah(x, sample_rate=RATE), expected, rtol=0, atol=1e-10)


def test_the_attack_time_is_that_of_the_smoother():
    """After one time constant the center has moved by 63 %, which the phase of a weak tone at that frequency shows."""
    attack, frequency, octaves = 0.1, 400.0, 2.0
    wah = fx.AutoWah(frequency=frequency, range_octaves=octaves, q=1.0, gain_db=0.0, attack_ms=1000 * attack)
    moved = math.tan(math.pi * frequency / RATE) * 2 ** (octaves * (1 - math.exp(-1)))
    center = RATE / math.pi * math.atan(moved)
    times = torch.arange(RATE // 4, dtype=torch.float64) / RATE
    tone = 1e-3 * torch.sin(2 * math.pi * center * times)
    side = torch.ones_like(tone)
    side[:480] = 0.0  # the level rises after 10 ms
    y = wah(torch.stack([side, tone]), sample_rate=RATE)[1]
    # At its center a band-pass has a phase of 0; below, the phase leads, and above, it lags.
    analytic = y * torch.exp(-2j * math.pi * center * times)
    window = round(RATE / center)
    means = analytic.unfold(-1, 2 * window, 1).mean(-1) * 2j
    phase = torch.angle(means)
    crossing = int(torch.nonzero((phase[2000:-1] < 0) & (phase[2001:] >= 0))[0]) + 2000 + window
    assert (crossing / RATE - 0.01) == pytest.approx(attack, rel=0.05)


@pytest.mark.slow
@pytest.mark.parametrize("size", [1, 7, 512])
@pytest.mark.parametrize("link", [True, False])
def test_blocks_equal_one_call(size, link):
    x = torch.randn(2, 700, dtype=torch.float64) * torch.linspace(0, 1, 700)
    wah = fx.AutoWah(gain_db=0.0, link=link)
    stream = wah.stream(RATE)
    blocks = torch.cat([stream(block) for block in x.split(size, -1)], -1)
    torch.testing.assert_close(blocks, wah(x, sample_rate=RATE), rtol=0, atol=1e-11)


def test_extremes():
    wah = fx.AutoWah(q=20.0, gain_db=36.0, range_octaves=4.0, frequency=2000.0)
    assert torch.equal(wah(torch.zeros(3, 500), sample_rate=192_000), torch.zeros(3, 500))
    square = torch.sign(torch.sin(torch.arange(20_000) * 0.3))[None].expand(8, -1)
    for rate in (8000, 192_000):
        assert wah(square, sample_rate=rate).abs().max() < 30
    constant = fx.AutoWah()(torch.ones(1, RATE), sample_rate=RATE)
    assert constant[0, -1].abs() < 1e-6  # a band-pass removes a constant


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"attack_ms": -1.0}, "attack_ms is -1 ms"),
        ({"q": 0.0}, "q is 0"),
        ({"range_octaves": math.inf}, "range_octaves is inf"),
        ({"frequency": -5.0}, "frequency is -5 Hz"),
    ],
)
def test_invalid_values_are_refused(values, message):
    with pytest.raises(fx.ParameterError, match=message):
        fx.AutoWah(**values)
