"""A compressor: its static curve, its times, its side chain, and its gradients."""

import math

import pytest
import torch

import fxlab as fx

RATE = 48_000


def settled_reduction(level: float, **values: float) -> float:
    """Return the gain reduction in dB, after a second, for a constant input of `level` dB."""
    x = torch.full((1, RATE), 10 ** (level / 20), dtype=torch.float64)
    return fx.Compressor(**values).gain_reduction_db(x, sample_rate=RATE)[0, -1].item()


@pytest.mark.parametrize("detector", ["peak", "rms"])
@pytest.mark.parametrize("level", [-40.0, -25.0, -20.0, -15.0, 0.0])
def test_the_static_curve_is_the_published_one(level, detector):
    threshold, ratio, knee = -20.0, 4.0, 12.0
    over = level - threshold
    if 2 * over < -knee:
        output = level
    elif 2 * abs(over) <= knee:
        output = level + (1 / ratio - 1) * (over + knee / 2) ** 2 / (2 * knee)
    else:
        output = threshold + over / ratio
    found = settled_reduction(level, threshold_db=threshold, ratio=ratio, knee_db=knee, detector=detector)
    assert found == pytest.approx(level - output, abs=1e-3)


def test_the_mean_square_of_large_samples_is_finite_in_float32():
    x = torch.randn(1, 4000, generator=torch.Generator().manual_seed(0)) * torch.tensor([1e25, 1.0]).repeat_interleave(
        2000
    )
    for effect in (fx.Compressor(detector="rms"), fx.Expander(detector="rms")):
        y, stream = effect(x, sample_rate=RATE), effect.stream(RATE)
        assert y.dtype == torch.float32
        torch.testing.assert_close(y.double(), effect(x.double(), sample_rate=RATE), rtol=1e-4, atol=0)
        torch.testing.assert_close(torch.cat([stream(part) for part in x.split(700, -1)], -1), y, rtol=1e-4, atol=0)


@pytest.mark.parametrize("time_ms", [1.0, 10.0, 80.0])
def test_attack_and_release_cover_63_percent_in_their_time(time_ms):
    loud, quiet = torch.ones(1, RATE, dtype=torch.float64), torch.zeros(1, RATE, dtype=torch.float64)
    compressor = fx.Compressor(-20.0, 4.0, attack_ms=time_ms, release_ms=time_ms, knee_db=0.0)
    reduction = compressor.gain_reduction_db(torch.cat([loud, quiet], -1), sample_rate=RATE)[0]
    after = round(time_ms / 1000 * RATE)
    assert reduction[after - 1].item() == pytest.approx(15.0 * (1 - math.exp(-1)), rel=0.01)
    assert reduction[RATE + after - 1].item() == pytest.approx(15.0 * math.exp(-1), rel=0.01)


def test_the_output_is_the_input_times_the_gain():
    x = torch.randn(2, 4000, dtype=torch.float64)
    compressor = fx.Compressor(-30.0, 3.0, makeup_db=6.0)
    gain = 10 ** ((6.0 - compressor.gain_reduction_db(x, sample_rate=RATE)) / 20)
    torch.testing.assert_close(compressor(x, sample_rate=RATE), x * gain)


def test_linked_channels_get_the_gain_of_the_loudest():
    x = torch.stack([torch.ones(1000), torch.full((1000,), 0.01)]).double()
    linked = fx.Compressor(-20.0, 4.0, attack_ms=0.0, knee_db=0.0)(x, sample_rate=RATE)
    torch.testing.assert_close(linked[1] / x[1], linked[0] / x[0])
    apart = fx.Compressor(-20.0, 4.0, attack_ms=0.0, knee_db=0.0, link=False)(x, sample_rate=RATE)
    torch.testing.assert_close(apart[1], x[1])


def test_a_side_chain_sets_the_gain():
    x = torch.full((1, 1000), 0.001, dtype=torch.float64)
    loud = fx.Signal(torch.ones(1, 1000), RATE)
    ducked = fx.Compressor(-20.0, 4.0, attack_ms=0.0, knee_db=0.0, side_chain=loud)
    torch.testing.assert_close(ducked(x, sample_rate=RATE), x * 10 ** (-15 / 20))
    with pytest.raises(fx.SignalError, match="the side chain has 1000 samples and the input at least 2000"):
        ducked(x.repeat(1, 2), sample_rate=RATE)
    with pytest.raises(fx.SignalError, match="runs at 48000 Hz and the input at 44100 Hz"):
        ducked(x, sample_rate=44_100)
    with pytest.raises(fx.ParameterError, match="side chain is a Signal"):
        ducked.to_dict()


def test_a_filter_in_the_side_chain_changes_the_level_and_not_the_sound():
    bass = fx.sine(frequency=50.0, duration=0.5, sample_rate=RATE).samples.double()
    plain = fx.Compressor(-20.0, 4.0)
    filtered = fx.Compressor(-20.0, 4.0, side_filter=fx.Butterworth(1000.0, 4, "highpass"))
    assert plain.gain_reduction_db(bass, sample_rate=RATE).max() > 9
    torch.testing.assert_close(filtered(bass, sample_rate=RATE)[..., 2000:], bass[..., 2000:])
    again = fx.Module.from_dict(filtered.to_dict())
    assert repr(again) == repr(filtered)
    assert "side_filter=Butterworth(" in repr(filtered)


def test_gradients_reach_every_parameter():
    x = torch.randn(1, 60, dtype=torch.float64, generator=torch.Generator().manual_seed(1)) * 0.3

    def run(*values):
        return fx.Compressor(*values)(x, sample_rate=1000)

    values = [torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in (-20.0, 4.0, 10.0, 50.0, 6.0, 3.0)]
    assert torch.autograd.gradcheck(run, values)


def test_a_stream_with_a_side_chain_equals_one_call():
    x = torch.randn(2, 3000, dtype=torch.float64)
    side = fx.noise(duration=1.0, sample_rate=RATE, seed=2)
    compressor = fx.Compressor(-30.0, detector="rms", side_chain=side, side_filter=fx.HighPass(200.0))
    stream = compressor.stream(RATE)
    blocks = torch.cat([stream(block) for block in x.split([1, 7, 512, 2480], -1)], -1)
    torch.testing.assert_close(blocks, compressor(x, sample_rate=RATE), rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"ratio": 0.5}, "ratio is 0.5; it must be at least 1"),
        ({"attack_ms": -1.0}, "attack_ms is -1 ms"),
        ({"knee_db": -1.0}, "knee_db is -1 dB"),
        ({"side_chain": torch.ones(1, 10)}, "must be a Signal"),
        ({"attack_ms": fx.LFO(1.0, 1.0, 10.0)}, "cannot move"),
    ],
)
def test_invalid_values_are_refused(values, message):
    with pytest.raises(fx.ParameterError, match=message):
        fx.Compressor(**values)


def test_times_for_each_example_in_float32_are_those_of_a_compressor_for_each():
    generator = torch.Generator().manual_seed(0)
    x, rate, times = torch.randn(3, 1, 20_000, generator=generator), 192_000, [0.0, 50.0, 3000.0]
    y = fx.Compressor(attack_ms=torch.tensor(times, dtype=torch.float64), release_ms=5000.0)(x, rate)
    for row, time in enumerate(times):
        alone = fx.Compressor(attack_ms=time, release_ms=5000.0)(x[row], rate)
        torch.testing.assert_close(y[row], alone, atol=2e-6, rtol=0)
