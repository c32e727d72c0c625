"""A multiband compressor: each band alone is a compressor, and at rest the sum is an all-pass."""

import pytest
import torch

import fxlab as fx

RATE = 48_000
CORNERS = [300.0, 3000.0]


def tone(frequency: float, level: float = 0.5) -> torch.Tensor:
    return level * torch.sin(2 * torch.pi * frequency / RATE * torch.arange(RATE // 2, dtype=torch.float64))[None]


def test_it_equals_compressors_behind_a_crossover():
    x = torch.randn(2, 3000, dtype=torch.float64)
    crossover = fx.Crossover(CORNERS)
    values = {
        "threshold_db": [-30.0, -20.0, -40.0],
        "ratio": [2.0, 4.0, 8.0],
        "attack_ms": [20.0, 5.0, 1.0],
        "release_ms": [200.0, 100.0, 30.0],
        "knee_db": [0.0, 6.0, 12.0],
        "makeup_db": [1.0, -2.0, 3.0],
    }
    expected = 0
    for number, band in enumerate(crossover.split(x, RATE).unbind(-2)):
        own = {name: value[number] for name, value in values.items()}
        expected = expected + fx.Compressor(**own)(band, sample_rate=RATE)
    y = fx.MultibandCompressor(**values, crossover=crossover)(x, sample_rate=RATE)
    torch.testing.assert_close(y, expected, rtol=0, atol=1e-9)


def test_a_loud_bass_does_not_reduce_the_treble():
    effect = fx.MultibandCompressor(-40.0 * torch.ones(1), crossover=fx.Crossover(CORNERS))
    x = tone(60.0) + tone(8000.0, 0.001)
    reduction = effect.gain_reduction_db(x, sample_rate=RATE)
    assert reduction.shape == (1, 3, RATE // 2)
    assert reduction[0, 0, -1] > 15
    assert reduction[0, 2, RATE // 4 :].max() < 1.0


def test_at_rest_the_level_is_flat():
    x = 1e-4 * torch.randn(1, RATE, dtype=torch.float64)
    y = fx.MultibandCompressor()(x, sample_rate=RATE)
    assert y.square().mean().sqrt() == pytest.approx(x.square().mean().sqrt().item(), rel=1e-3)
    torch.testing.assert_close(y, fx.Crossover()(x, sample_rate=RATE))


@pytest.mark.parametrize("link", [True, False])
def test_blocks_equal_one_call(link):
    x = torch.randn(2, 1100, dtype=torch.float64)
    effect = fx.MultibandCompressor([-30.0, -20.0, -10.0], link=link)
    stream = effect.stream(RATE)
    y = torch.cat([stream(block) for block in x.split([1, 7, 512, 580], -1)], -1)
    torch.testing.assert_close(y, effect(x, sample_rate=RATE), rtol=0, atol=1e-11)


def test_values_per_example():
    x = torch.randn(3, 2, 400, dtype=torch.float64)
    thresholds = torch.tensor([[-40.0, -30.0, -20.0], [0.0, 0.0, 0.0], [-10.0, -50.0, -60.0]])
    y = fx.MultibandCompressor(thresholds)(x, sample_rate=RATE)
    for example in range(3):
        alone = fx.MultibandCompressor(thresholds[example])(x[example], sample_rate=RATE)
        torch.testing.assert_close(y[example], alone, rtol=0, atol=1e-10)


def test_gradients_reach_the_bands_and_the_corners():
    x = torch.randn(1, 30, dtype=torch.float64)

    def run(threshold, ratio, cutoffs):
        return fx.MultibandCompressor(threshold, ratio, crossover=fx.Crossover(cutoffs))(x, sample_rate=8000)

    values = ([-30.0, -20.0, -25.0], [3.0], [300.0, 2000.0])
    tensors = [torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in values]
    assert torch.autograd.gradcheck(run, tensors, atol=1e-5)


def test_text_and_dictionary():
    effect = fx.MultibandCompressor([-30.0, -20.0], crossover=fx.Crossover([500.0]))
    assert repr(effect) == "MultibandCompressor(threshold_db=[-30.0, -20.0], crossover=Crossover(cutoffs=[500.0]))"
    again = fx.Module.from_dict(effect.to_dict())
    assert repr(again) == repr(effect)
    assert repr(fx.MultibandCompressor()) == "MultibandCompressor()"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: fx.MultibandCompressor(ratio=[0.5]), "ratio.* 0.5; it must be at least 1"),
        (lambda: fx.MultibandCompressor(attack_ms=[-1.0]), "attack_ms.* -1 ms"),
        (lambda: fx.MultibandCompressor([-10.0, -20.0], sample_rate=RATE), "2 values, but there are 3 bands"),
        (lambda: fx.MultibandCompressor(crossover=[200.0]), "must be a Crossover"),
    ],
)
def test_invalid_values_are_refused(make, message):
    with pytest.raises(fx.ParameterError, match=message):
        make()
