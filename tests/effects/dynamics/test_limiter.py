"""A limiter: its ceiling, also between the samples, its times, its alignment, and its gradients."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import fxlab as fx
from fxlab.effects.dynamics.true_peak import true_peak
from tests.support.signals import noise

RATE = 48_000


def true_peak_db(x: torch.Tensor) -> float:
    """Return the largest magnitude of a signal interpolated to 16 times its rate by its spectrum, in dB."""
    spectrum = torch.fft.rfft(x)
    wave = torch.fft.irfft(spectrum, 16 * x.shape[-1]) * 16
    return 20 * wave.abs().max().log10().item()


@settings(max_examples=60)
@given(
    ceiling=st.floats(-40.0, 12.0),
    lookahead=st.floats(0.0, 20.0),
    release=st.floats(0.0, 500.0),
    level=st.floats(-40.0, 60.0),
    density=st.sampled_from([1.0, 0.1, 0.01]),
    options=st.tuples(st.sampled_from(["sample", "true"]), st.booleans()),
    dtype=st.sampled_from([torch.float32, torch.float64, torch.float16]),
    seed=st.integers(0, 1000),
)
def test_no_sample_exceeds_the_ceiling(ceiling, lookahead, release, level, density, options, dtype, seed):
    x = noise(2, 600, seed=seed) * 10 ** (level / 20)
    x = (x * (noise(2, 600, seed=seed + 1).abs() < 2 * density)).clamp(-6e4, 6e4).to(dtype)
    limiter = fx.Limiter(ceiling, lookahead, release, *options)
    y = limiter(x, sample_rate=8000)
    assert float(y.abs().max()) <= 10 ** (ceiling / 20)
    assert bool((y.sign() * x.sign() >= 0).all())


@pytest.mark.parametrize("lookahead", [0.0, 1.0, 5.0])
def test_the_gain_is_enough_without_clipping(lookahead):
    x = noise(1, 5000) * 3
    limiter = fx.Limiter(-6.0, lookahead, 50.0)
    reduction = limiter.gain_reduction_db(x, sample_rate=RATE)
    needed = (20 * x.abs().log10() + 6.0).clamp(min=0)
    assert bool((reduction >= needed - 1e-9).all())
    torch.testing.assert_close(limiter(x, sample_rate=RATE), x * 10 ** (-reduction / 20), rtol=1e-9, atol=0)


def test_quiet_sounds_pass_unchanged_and_in_step():
    x = noise(2, 3000) * 0.05
    assert torch.equal(fx.Limiter(-1.0)(x, sample_rate=RATE), x)


def test_the_gain_falls_along_a_line_before_a_peak_and_recovers_exponentially():
    peak, lookahead, release = 2000, 240, 50.0
    x = torch.full((1, 8000), 0.1, dtype=torch.float64)
    x[0, peak] = 10.0
    reduction = fx.Limiter(0.0, 1000 * lookahead / RATE, release).gain_reduction_db(x, sample_rate=RATE)[0]
    line = 20.0 * torch.arange(1, lookahead + 2) / (lookahead + 1)
    torch.testing.assert_close(reduction[peak - lookahead : peak + 1], line.double())
    assert reduction[: peak - lookahead].max() < 1e-9
    after = reduction[peak + lookahead :]
    time = round(release / 1000 * RATE)
    assert after[time].item() / after[0].item() == pytest.approx(math.exp(-1), rel=1e-6)


def test_linked_channels_get_the_same_gain():
    x = torch.stack([noise(2000) * 3, noise(2000, seed=1) * 0.01])
    linked = fx.Limiter(-6.0)(x, sample_rate=RATE) / x
    torch.testing.assert_close(linked[0], linked[1])
    apart = fx.Limiter(-6.0, link=False)(x, sample_rate=RATE)
    assert torch.equal(apart[1], x[1])


@pytest.mark.parametrize("lookahead", [1.0, 5.0])
@pytest.mark.parametrize("name", ["noise", "tone", "bursts"])
def test_true_peaks_stay_below_the_ceiling(name, lookahead):
    tone = 3 * torch.sin(torch.pi * (torch.arange(9600, dtype=torch.float64) + 0.5) / 2)[None]
    gate = (torch.arange(9600) % 2000 < 500).double()
    x = {"noise": noise(2, 9600) * 2, "tone": tone, "bursts": tone * gate}[name]
    limited = fx.Limiter(-1.0, lookahead, 20.0, peak="true")(x, sample_rate=RATE)
    measured = true_peak(limited, torch.zeros(len(x), 11, dtype=torch.float64)).max().log10().item() * 20
    assert measured < -1.0 + 0.01
    samples_only = fx.Limiter(-1.0, lookahead, 20.0)(x, sample_rate=RATE)
    assert true_peak_db(samples_only) > -1.0 + 0.5


def test_the_true_peak_of_a_tone_between_its_samples():
    """The interpolator of the standard has an error of less than 0.1 dB below a quarter of the sample rate."""
    for turns in (0.02, 0.1, 0.25):
        tone = torch.sin(2 * torch.pi * turns * torch.arange(400, dtype=torch.float64) + 0.3)
        found = 20 * true_peak(tone, torch.zeros(11, dtype=torch.float64))[50:].max().log10()
        assert abs(found) < 0.1


@pytest.mark.slow
@pytest.mark.parametrize("peak", ["sample", "true"])
@pytest.mark.parametrize("sizes", [1, 7, 512, [300, 0, 3, 500, 1, 696]])
def test_a_stream_is_late_and_equals_one_call(sizes, peak):
    x = noise(2, 600 if sizes == 1 else 1500) * 2
    limiter = fx.Limiter(-3.0, 5.0, 30.0, peak)
    stream = limiter.stream(RATE)
    blocks = [stream(block) for block in x.split(sizes, -1)]
    lag = 240 + 11 * (peak == "true")
    assert sum(block.shape[-1] for block in blocks) == x.shape[-1] - lag
    y = torch.cat([*blocks, stream.flush()], -1)
    torch.testing.assert_close(y, limiter(x, sample_rate=RATE), rtol=0, atol=1e-12)
    assert limiter.latency(RATE) == 0.0


def test_a_stream_shorter_than_the_look_ahead():
    x = noise(1, 30) * 2
    limiter = fx.Limiter(-3.0)
    stream = limiter.stream(RATE)
    assert stream(x).shape[-1] == 0
    torch.testing.assert_close(stream.flush(), limiter(x, sample_rate=RATE))


def test_in_a_mix_and_a_chain():
    x = noise(1, 1000)
    for module in (fx.Mix(fx.Limiter(-6.0), 0.5), fx.HighPass(100.0) | fx.Limiter(-6.0) | fx.LowPass(4000.0)):
        stream = module.stream(RATE)
        y = torch.cat([*(stream(block) for block in x.split(300, -1)), stream.flush()], -1)
        torch.testing.assert_close(y, module(x, sample_rate=RATE), rtol=0, atol=1e-12)


def test_a_look_ahead_that_changes_in_a_stream_is_refused():
    limiter = fx.Limiter(lookahead_ms=1.0)
    stream = limiter.stream(RATE)
    stream(noise(1, 100))
    limiter.lookahead_ms = 2.0
    with pytest.raises(fx.SignalError, match="look-ahead changed from 48 to 96 samples"):
        stream(noise(1, 100))


@pytest.mark.parametrize(("before", "after"), [(220, 220), (231, 220)])  # with 11 samples for true peaks
def test_a_kind_of_peaks_that_changes_in_a_stream_is_refused(before, after):
    limiter = fx.Limiter(lookahead_ms=before / 44.1)
    stream = limiter.stream(44_100)
    stream(noise(1, 1000))
    limiter.lookahead_ms, limiter.peak = after / 44.1, "true"
    with pytest.raises(fx.SignalError, match="its peak changed from 'sample' to 'true'"):
        stream(noise(1, 1000))


@pytest.mark.slow
@pytest.mark.parametrize("peak", ["sample", "true"])
def test_gradients_reach_the_ceiling_the_release_and_the_input(peak):
    x = (noise(2, 50, seed=3)).requires_grad_()

    def run(x, ceiling, release):
        return fx.Limiter(ceiling, 4.0, release, peak)(x, sample_rate=1000)

    values = [torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in (-6.0, 20.0)]
    assert torch.autograd.gradcheck(run, (x, *values))


def test_a_moving_ceiling():
    x = noise(1, 4000) * 4
    ceiling = fx.Ramp(-20.0, 0.0, duration=4000 / RATE)
    y = fx.Limiter(ceiling, release_ms=5.0)(x, sample_rate=RATE)
    limit = 10 ** (ceiling.evaluate(torch.arange(4000), RATE) / 20)
    assert bool((y.abs() <= limit).all())
    assert y[0, 3000:].abs().max() > 0.3


@pytest.mark.parametrize("x", [torch.zeros(2, 500), torch.full((8, 500), 1.0), torch.zeros(1, 0)])
def test_silence_and_constants(x):
    y = fx.Limiter(-6.0)(x, sample_rate=192_000)
    torch.testing.assert_close(y, x * 10 ** (-6 / 20), rtol=0, atol=1e-6)


def test_a_square_at_full_scale_is_turned_down_evenly():
    x = torch.sign(torch.sin(torch.arange(2000) * 0.05 + 0.01))[None]
    torch.testing.assert_close(fx.Limiter(-6.0)(x, sample_rate=RATE), x * 10 ** (-6 / 20), rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"lookahead_ms": -1.0}, "lookahead_ms is -1 ms"),
        ({"lookahead_ms": 2000.0}, "lookahead_ms is 2000 ms"),
        ({"release_ms": -1.0}, "release_ms is -1 ms"),
        ({"ceiling_db": math.nan}, "ceiling_db is nan dB"),
        ({"lookahead_ms": fx.LFO(1.0, 1.0, 10.0)}, "cannot move"),
    ],
)
def test_invalid_values_are_refused(values, message):
    with pytest.raises(fx.ParameterError, match=message):
        fx.Limiter(**values)


def test_an_invalid_block_leaves_a_stream_unchanged():
    x = noise(1, 1000)
    limiter = fx.Limiter(-6.0)
    stream = limiter.stream(RATE)
    first = stream(x[:, :500])
    with pytest.raises(fx.SignalError, match="NaN or infinite"):
        stream(torch.full((1, 5), torch.nan, dtype=torch.float64))
    y = torch.cat([first, stream(x[:, 500:]), stream.flush()], -1)
    torch.testing.assert_close(y, limiter(x, sample_rate=RATE))


def test_dictionary_and_text():
    limiter = fx.Limiter(-0.5, lookahead_ms=2.0, peak="true")
    assert repr(limiter) == "Limiter(ceiling_db=-0.5, lookahead_ms=2.0, peak='true')"
    assert repr(fx.Module.from_dict(limiter.to_dict())) == repr(limiter)
