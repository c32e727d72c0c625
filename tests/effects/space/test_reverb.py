"""Reverberation: decay time, delays, level, stereo, streams, gradients, extremes."""

import cmath
import math

import pytest
import torch

import fxlab as fx
from tests.support.reverberation import reverberation_time

RATE = 44_100


def impulse(length: int, channels: int = 1) -> torch.Tensor:
    x = torch.zeros(channels, length, dtype=torch.float64)
    x[:, 0] = 1.0
    return x


@pytest.mark.parametrize(("decay_s", "rate"), [(0.4, 44_100), (1.5, 44_100), (0.5, 192_000), (0.7, 8000)])
def test_the_decay_time_is_the_target_by_schroeder_integration(decay_s, rate):
    x = impulse(int(1.2 * decay_s * rate), 2)
    y = fx.Reverb(decay_s, mix=1.0, damping=0.0)(x, sample_rate=rate)
    for channel in y:
        assert reverberation_time(channel, rate) == pytest.approx(decay_s, rel=0.05)


@pytest.mark.parametrize(("rate", "scale"), [(44_100, 1.0), (88_200, 2.0), (22_050, 0.5)])
def test_the_first_echoes_are_the_published_delays_scaled_to_the_rate(rate, scale):
    y = fx.Reverb(decay_s=2.0, mix=1.0, damping=0.0)(impulse(int(1400 * scale), 2), sample_rate=rate)
    for channel, spread in zip(y, (0, 23), strict=True):
        places = channel.abs().topk(4).indices.sort().values
        # Before the first pass through an all-pass, each comb's echo comes with the gain (-g)^4.
        expected = [round((delay + spread) * scale) for delay in (1116, 1188, 1277, 1356)]
        assert set(expected) <= set(torch.nonzero(channel)[:, 0].tolist())
        assert int(torch.nonzero(channel)[0]) == expected[0] <= places[0]


def test_damping_shortens_the_decay_of_high_frequencies_alone():
    x = impulse(RATE * 2)
    plain, damped = (fx.Reverb(1.0, 1.0, damping)(x, sample_rate=RATE)[0] for damping in (0.0, 0.4))
    low, high = fx.Butterworth(300.0, 4), fx.Butterworth(6000.0, 4, "highpass")
    assert reverberation_time(low(damped[None], RATE)[0], RATE) == pytest.approx(1.0, rel=0.06)
    band = fx.Butterworth((9500.0, 10_500.0), 2, "bandpass")
    loss = math.log(0.6 / abs(1 - 0.4 * cmath.exp(-2j * math.pi * 10_000 / RATE)))  # of the low-pass, at each echo
    loop = -3 * math.log(10) * 1378 / RATE  # of a comb with a mean delay
    assert reverberation_time(band(damped[None], RATE)[0], RATE) == pytest.approx(loop / (loop + loss), rel=0.1)
    assert reverberation_time(high(plain[None], RATE)[0], RATE) == pytest.approx(1.0, rel=0.06)


@pytest.mark.parametrize("decay_s", [0.5, 2.0])
def test_the_power_of_white_noise_is_kept(decay_s):
    x = torch.randn(1, 6 * RATE, generator=torch.Generator().manual_seed(1))
    y = fx.Reverb(decay_s, mix=1.0, damping=0.0)(x, sample_rate=RATE)
    assert y[:, 3 * RATE :].square().mean().item() == pytest.approx(1.0, rel=0.15)


def test_the_channels_are_decorrelated_and_width_joins_them():
    x = torch.randn(2, RATE)

    def correlation(width):
        y = fx.Reverb(1.0, mix=1.0, width=width)(x, sample_rate=RATE)[:, RATE // 2 :]
        return torch.corrcoef(y)[0, 1].item()

    assert abs(correlation(1.0)) < 0.25
    assert correlation(0.0) == pytest.approx(1.0)
    mono = fx.Reverb(1.0, mix=1.0)(x.mean(0, keepdim=True), sample_rate=RATE)
    torch.testing.assert_close(fx.Reverb(1.0, mix=1.0)(x, sample_rate=RATE)[:1], mono)  # the tank of the first channel


def test_silence_stays_silence_and_dry_is_dry():
    assert not fx.Reverb(mix=1.0)(torch.zeros(2, 4000), sample_rate=RATE).any()
    x = torch.randn(2, 4000)
    assert torch.equal(fx.Reverb(mix=0.0)(x, sample_rate=RATE), x)


@pytest.mark.slow
@pytest.mark.parametrize("size", [1, 7, 512, None])
@pytest.mark.parametrize("options", [{"damping": 0.0}, {"damping": 0.5, "tail": "ring"}])
def test_blocks_equal_one_call(size, options):
    reverb = fx.Reverb(0.3, mix=0.7, **options)
    x = torch.randn(2, {1: 100, 7: 900}.get(size, 3000), dtype=torch.float64)
    stream = reverb.stream(8000)
    blocks = x.split(size, -1) if size else x.split([1000, 0, 1, 1999], -1)
    y = torch.cat([*(stream(block) for block in blocks), stream.flush()], -1)
    torch.testing.assert_close(y, reverb(x, sample_rate=8000), rtol=0, atol=1e-12)
    assert y.shape[-1] == x.shape[-1] + (2400 if "tail" in options else 0)


def test_gradients_are_exact_and_examples_apart():
    x = torch.randn(2, 2, 160, dtype=torch.float64, requires_grad=True)
    decay = torch.tensor([0.3, 0.9], dtype=torch.float64, requires_grad=True)
    damping = torch.tensor([[0.2, 0.0], [0.5, 0.3]], dtype=torch.float64, requires_grad=True)
    mix, width = (torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in (0.6, 0.4))

    def run(x, decay, mix, damping, width):
        return fx.Reverb(decay, mix, damping, width)(x, sample_rate=1000)

    assert torch.autograd.gradcheck(run, (x, decay, mix, damping + 0.01, width), fast_mode=True)
    y = run(x, decay, mix, damping, width)
    for number in range(2):
        alone = run(x[number], decay[number].item(), mix, damping[number].detach().mean().item(), width)
        same = run(x, decay, mix, damping[:, :1].detach().expand(2, 1) * 0 + damping[number].detach().mean(), width)
        torch.testing.assert_close(same[number], alone)
    assert y.shape == x.shape


def test_vmap_over_the_decay_equals_a_loop():
    reverb, x = fx.Reverb(mix=1.0), torch.randn(1, 300, dtype=torch.float64)
    values = torch.tensor([0.2, 0.7], dtype=torch.float64)

    def run(value):
        return torch.func.functional_call(reverb, {"decay_s": value}, (x, 1000.0))

    torch.testing.assert_close(torch.vmap(run)(values), torch.stack([run(value) for value in values]))


def test_extremes_stay_finite():
    y = fx.Reverb(decay_s=60.0, mix=1.0, damping=0.95)(torch.sign(torch.randn(8, 9000)), sample_rate=192_000)
    assert bool(torch.isfinite(y).all())
    for values, message in (
        ({"decay_s": 0.0}, "decay_s is 0 s"),
        ({"decay_s": -1.0}, "decay_s is -1 s"),
        ({"width": 1.5}, r"width is 1\.5"),
        ({"damping": 1.0}, "damping is 1"),
        ({"decay_s": fx.LFO()}, r"decay_s cannot be .* the combs have one gain"),
    ):
        with pytest.raises(fx.ParameterError, match=message):
            fx.Reverb(**values)


def test_a_decayed_reverb_holds_no_denormal_numbers():
    stream = fx.Reverb(decay_s=0.01, mix=1.0, damping=0.0).stream(8000)
    stream(torch.randn(1, 50))
    stream(torch.zeros(1, 4000))
    assert not stream._state.block.inner.lines.any()


def test_it_is_close_to_freeverb_in_pedalboard():
    """The structure is the same; Freeverb's all-pass differs from Schroeder's, and so does the level."""
    pedalboard = pytest.importorskip("pedalboard")
    theirs = pedalboard.Reverb(room_size=0.5, damping=0.0, wet_level=1.0, dry_level=0.0, width=1.0)
    y = torch.from_numpy(theirs(impulse(2 * RATE, 2).float().numpy(), RATE)).double()
    feedback = 0.5 * 0.28 + 0.7
    decay = -3 * 1356 / RATE / math.log10(feedback)  # of a comb with a mean delay
    assert reverberation_time(y[0], RATE) == pytest.approx(decay, rel=0.2)
    ours = fx.Reverb(decay, mix=1.0, damping=0.0)(impulse(2 * RATE, 2), sample_rate=RATE)
    assert reverberation_time(ours[0], RATE) == pytest.approx(reverberation_time(y[0], RATE), rel=0.2)
    assert abs(int(torch.nonzero(y[0].abs() > 1e-9)[0]) - int(torch.nonzero(ours[0])[0])) <= 1


def test_a_batch_without_examples():
    x, made = torch.zeros(0, 2, 3000), fx.Reverb()
    assert made(x, RATE).shape == x.shape
    stream = made.stream(RATE)
    assert [stream(block).shape for block in x.split(2000, -1)] == [(0, 2, 2000), (0, 2, 1000)]


@pytest.mark.parametrize(
    ("damping", "rate", "allowed"),
    # In float64 the first pole is 1, whose low-pass would never decay; the line of the second would need a gigabyte.
    [(1 - 2**-53, 192_000, r"0\.9999892"), (0.999998, RATE, r"0\.9999975")],
)
def test_a_damping_with_which_the_low_pass_hardly_decays_is_an_error(damping, rate, allowed):
    made = fx.Reverb(damping=torch.tensor([0.2, damping], dtype=torch.float64))
    with pytest.raises(fx.ParameterError, match=f"Reverb: damping is {damping:.9g}; at {rate} Hz .* at most {allowed}"):
        made(torch.zeros(2, 1, 10), sample_rate=rate)


@pytest.mark.parametrize("effect", [fx.Reverb, fx.FeedbackDelayNetwork])
@pytest.mark.parametrize("name", ["decay_s", "mix"])
def test_two_values_of_one_channel_make_two_channels(effect, name):
    x, made = torch.randn(1, 4000), effect(**{name: torch.tensor([0.3, 0.8], dtype=torch.float64)})
    y = made(x, sample_rate=RATE)
    torch.testing.assert_close(y, made(x.expand(2, -1), sample_rate=RATE))
    stream = made.stream(RATE)
    torch.testing.assert_close(torch.cat([stream(block) for block in x.split(1500, -1)], -1), y[:, :4000])
