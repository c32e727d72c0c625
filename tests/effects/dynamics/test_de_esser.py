"""A de-esser: which sounds it reduces, by how much, and what it leaves alone."""

import pytest
import torch

import fxlab as fx

RATE = 48_000


def tone(frequency: float, level: float = 0.5) -> torch.Tensor:
    return level * torch.sin(2 * torch.pi * frequency / RATE * torch.arange(RATE // 2, dtype=torch.float64))[None]


def test_the_reduction_of_a_sibilant_is_that_of_the_curve():
    de_esser = fx.DeEsser(6000.0, -30.0, 4.0, attack_ms=0.0, release_ms=500.0, knee_db=0.0, range_db=60.0)
    reduction = de_esser.gain_reduction_db(tone(18_000.0), sample_rate=RATE)[0, -1].item()
    level = 20 * torch.tensor(0.5).log10().item()
    assert reduction == pytest.approx((level + 30) * 0.75, abs=0.3)
    assert fx.DeEsser(range_db=5.0).gain_reduction_db(tone(15_000.0), sample_rate=RATE).max() == pytest.approx(
        5.0, abs=0.05
    )


@pytest.mark.parametrize("band", ["split", "wide"])
def test_low_sounds_are_not_reduced(band):
    x = tone(400.0)
    y = fx.DeEsser(band=band)(x, sample_rate=RATE)
    assert y[:, 4000:].square().mean().sqrt() == pytest.approx(x[:, 4000:].square().mean().sqrt().item(), rel=1e-3)


@pytest.mark.parametrize(("band", "low_db"), [("split", 0.0), ("wide", -12.0)])
def test_the_split_keeps_the_low_band(band, low_db):
    y = fx.DeEsser(band=band)(tone(400.0) + tone(15_000.0), sample_rate=RATE)[0, -12_000:]
    spectrum = torch.fft.rfft(y).abs() / (0.25 * 12_000)
    low, high = (20 * spectrum[round(f / RATE * 12_000)].log10().item() for f in (400.0, 15_000.0))
    assert low == pytest.approx(low_db, abs=0.3)
    assert high == pytest.approx(-12.0, abs=0.3)


@pytest.mark.parametrize("band", ["split", "wide"])
def test_blocks_and_gradients(band):
    x = torch.randn(2, 900, dtype=torch.float64)
    de_esser = fx.DeEsser(band=band)
    stream = de_esser.stream(RATE)
    y = torch.cat([stream(block) for block in x.split([1, 7, 512, 380], -1)], -1)
    torch.testing.assert_close(y, de_esser(x, sample_rate=RATE), rtol=0, atol=1e-11)
    values = [
        torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in (5000.0, -30.0, 3.0, 1.0, 20.0, 6.0, 12.0)
    ]
    short = x[:1, :40]
    assert torch.autograd.gradcheck(lambda *v: fx.DeEsser(*v, band=band)(short, sample_rate=RATE), values)


def test_invalid_values_are_refused():
    for values, message in (({"ratio": 0.9}, "ratio is 0.9"), ({"range_db": -1.0}, "range_db is -1 dB")):
        with pytest.raises(fx.ParameterError, match=message):
            fx.DeEsser(**values)
    with pytest.raises(fx.ParameterError, match="frequency is 30000 Hz"):
        fx.DeEsser(30_000.0)(torch.zeros(1, 10), sample_rate=RATE)
