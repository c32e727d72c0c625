"""Normalization: the level afterwards, measured by others; link, silence, gradients."""

import math

import numpy as np
import pytest
import torch

import fxlab as fx

RATE = 48_000
KINDS = ("peak", "rms", "loudness", "percentile")


def sound(seconds: float = 1.0) -> torch.Tensor:
    x = torch.randn(2, int(seconds * RATE), dtype=torch.float64, generator=torch.Generator().manual_seed(4))
    return x * torch.tensor([[0.3], [0.02]])


def level_of(x: torch.Tensor, kind: str, percentile: float = 99.9) -> float:
    if kind == "loudness":
        return fx.loudness(fx.Signal(x, RATE))
    values = x.flatten().numpy()
    measured = {
        "peak": lambda: np.abs(values).max(),
        "rms": lambda: np.sqrt(np.mean(values**2)),
        "percentile": lambda: np.percentile(np.abs(values), percentile),
    }
    return 20 * math.log10(measured[kind]())


@pytest.mark.parametrize("kind", KINDS)
def test_the_level_is_the_target(kind):
    y = fx.Normalize(-17.5, kind=kind)(sound(), sample_rate=RATE)
    assert level_of(y, kind) == pytest.approx(-17.5, abs=1e-4)
    torch.testing.assert_close(y[1] / y[0], sound()[1] / sound()[0])  # the stereo image stays


@pytest.mark.parametrize("kind", KINDS)
def test_without_link_each_channel_has_the_target(kind):
    y = fx.Normalize(-30.0, kind=kind, link=False)(sound(), sample_rate=RATE)
    for channel in y:
        assert level_of(channel[None], kind) == pytest.approx(-30.0, abs=1e-4)


@pytest.mark.parametrize("percentile", [0.0, 33.3, 50.0, 99.99, 100.0])
def test_the_percentile_is_that_of_numpy(percentile):
    x = sound(0.01)
    y = fx.Normalize(-6.0, kind="percentile", percentile=percentile)(x, sample_rate=RATE)
    assert level_of(y, "percentile", percentile) == pytest.approx(-6.0, abs=1e-9)
    both = torch.stack([x, x.flip(0)])
    percentiles = torch.tensor([percentile, percentile], dtype=torch.float64)
    each = fx.Normalize(-6.0, "percentile", percentiles)(both, sample_rate=RATE)
    torch.testing.assert_close(each[0], y)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("link", [True, False])
def test_silence_stays_silence_with_finite_gradients(kind, link):
    x = torch.zeros(2, 100, requires_grad=True)
    y = fx.Normalize(kind=kind, link=link)(x, sample_rate=RATE)
    assert not y.any()
    assert bool(torch.isfinite(torch.autograd.grad(y.sum(), x)[0]).all())


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("link", [True, False])
def test_examples_are_apart_and_gradients_are_exact(kind, link):
    x = torch.randn(3, 2, 12, dtype=torch.float64, requires_grad=True)
    levels = torch.tensor([-3.0, -20.0, -9.0], dtype=torch.float64, requires_grad=True)
    y = fx.Normalize(levels, kind=kind, link=link)(x, sample_rate=RATE)
    for number in range(3):
        alone = fx.Normalize(levels[number].item(), kind=kind, link=link)(x[number], sample_rate=RATE)
        torch.testing.assert_close(y[number], alone)

    def run(x, levels):
        return fx.Normalize(levels, kind=kind, link=link)(x, sample_rate=RATE)

    assert torch.autograd.gradcheck(run, (x, levels), atol=1e-6)


def test_the_learned_percentile_has_a_gradient():
    x, share = torch.randn(1, 50, dtype=torch.float64), torch.tensor(93.1, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda p: fx.Normalize(-1.0, "percentile", p)(x, sample_rate=RATE), (share,))


def test_it_says_why_it_cannot_stream_or_move():
    with pytest.raises(fx.FxlabError, match=r"Normalize cannot stream: .* the complete sound"):
        fx.Normalize().stream(RATE)(torch.ones(1, 8))
    with pytest.raises(fx.ParameterError, match=r"level_db cannot be .* one gain"):
        fx.Normalize(level_db=fx.LFO(1.0, -20.0, -3.0))
    with pytest.raises(fx.ParameterError, match="percentile is 101 %"):
        fx.Normalize(percentile=101.0)
