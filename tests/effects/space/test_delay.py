"""Echoes: their times and levels to the sample, interpolation, damping, ping-pong, taps, tempo, and the tail."""

import math

import pytest
import torch

import fxlab as fx

RATE = 44_100


def impulse(length: int, channels: int = 1, rate_dtype: torch.dtype = torch.float64) -> torch.Tensor:
    x = torch.zeros(channels, length, dtype=rate_dtype)
    x[:, 0] = 1.0
    return x


def echoes(module: fx.Module, length: int, channels: int = 1, rate: float = RATE) -> torch.Tensor:
    return module(impulse(length, channels), sample_rate=rate)


@pytest.mark.parametrize("rate", [8000, 44_100, 192_000])
@pytest.mark.parametrize("feedback", [0.7, -0.7])
def test_echoes_are_where_and_as_loud_as_they_should_be(rate, feedback):
    samples = rate // 100
    y = echoes(fx.Delay(delay_ms=10.0, feedback=feedback, mix=0.25), 6 * samples, rate=rate)[0]
    expected = torch.zeros_like(y)
    expected[0] = 0.75
    for number in range(1, 6):
        expected[number * samples] = 0.25 * feedback ** (number - 1)
    torch.testing.assert_close(y, expected, rtol=0, atol=1e-15)


def test_without_mix_nothing_changes_and_silence_stays_silence():
    x = torch.randn(2, 500)
    assert torch.equal(fx.Delay(delay_ms=1.0, mix=0.0)(x, sample_rate=RATE), x)
    assert not fx.Delay(delay_ms=1.0, feedback=0.9)(torch.zeros(2, 500), sample_rate=RATE).any()


def test_a_constant_settles_at_the_sum_of_all_echoes():
    y = fx.Delay(delay_ms=1.0, feedback=0.5, mix=1.0, damping=0.5)(torch.ones(1, 4000), sample_rate=8000)
    assert y[0, -1].item() == pytest.approx(1 / (1 - 0.5), rel=1e-6)


# -- between samples ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("order", "error_db"), [(0, -8.17), (1, -22.37), (2, -30.67), (3, -41.44), (5, -59.65)])
def test_the_error_of_the_interpolation_is_that_of_lagrange(order, error_db):
    """The worst case is halfway between two samples, here at an eighth of the sample rate."""
    n = torch.arange(4000, dtype=torch.float64)
    delay = 100.5
    tone = torch.sin(2 * math.pi / 8 * n)[None]
    y = fx.Delay(delay_ms=delay, feedback=0.0, mix=1.0, order=order)(tone, sample_rate=1000)
    ideal = torch.sin(2 * math.pi / 8 * (n - delay))[None]
    error = (y - ideal)[:, 200:].square().mean() / ideal[:, 200:].square().mean()
    assert 10 * math.log10(error) == pytest.approx(error_db, abs=0.1)


@pytest.mark.parametrize("order", [1, 2, 3, 4, 7])
def test_a_polynomial_of_the_order_is_delayed_exactly(order):
    n = torch.arange(200, dtype=torch.float64)
    y = fx.Delay(delay_ms=20.3, feedback=0.0, mix=1.0, order=order)((n / 200)[None] ** order, sample_rate=1000)[0]
    torch.testing.assert_close(y[40:], ((n - 20.3) / 200)[40:] ** order, rtol=0, atol=1e-12)


def test_a_delay_that_grows_lowers_the_pitch():
    """While the delay grows with slope s, the frequency is 1 - s times that of the input (Doppler)."""
    n = torch.arange(RATE, dtype=torch.float64)
    moving = fx.Delay(delay_ms=fx.Ramp(5.0, 55.0, duration=1.0), feedback=0.0, mix=1.0, order=5)
    tone = torch.sin(2 * math.pi * 1000 * n / RATE)
    y = moving(tone[None], sample_rate=RATE)[0]
    seconds = n / RATE
    position = fx.Delay.declarations["delay_ms"].scale
    delay = (5.0 * (55.0 / 5.0) ** seconds if position == "log" else 5.0 + 50.0 * seconds) / 1000
    ideal = torch.sin(2 * math.pi * 1000 * (seconds - delay))
    torch.testing.assert_close(y[4000:], ideal[4000:], rtol=0, atol=1e-5)


# -- the loop -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", [22_050, 44_100, 88_200])
def test_damping_has_the_pole_at_44100_hz_and_the_same_delay_at_other_rates(rate):
    samples = rate // 50
    y = echoes(fx.Delay(delay_ms=20.0, feedback=1.0 - 1e-9, mix=1.0, damping=0.6), 3 * samples, rate=rate)[0]
    second = y[2 * samples :]
    centroid = (second * torch.arange(len(second))).sum() / second.sum()
    assert second.sum().item() == pytest.approx(1.0, abs=1e-6)
    assert centroid.item() / rate == pytest.approx(0.6 / 0.4 / 44_100, rel=1e-6)
    if rate == 44_100:
        torch.testing.assert_close(second[:5], 0.4 * 0.6 ** torch.arange(5).double(), rtol=1e-6, atol=0)


def test_a_loop_equals_the_engines_damped_delay_line():
    from fxlab.engine import feedback_delay

    x = torch.randn(2, 3000, dtype=torch.float64)
    theirs, _ = feedback_delay(x, 132, 0.8, 0.3)
    exact = fx.Delay(delay_ms=132 / 44.1, feedback=0.8, mix=1.0, damping=0.3)(x, sample_rate=44_100)
    torch.testing.assert_close(exact, theirs, rtol=0, atol=1e-9)


def test_ping_pong_moves_each_echo_to_the_next_channel():
    y = echoes(fx.Delay(delay_ms=1.0, feedback=0.5, mix=1.0, ping_pong=True), 60, channels=3, rate=10_000)
    found = {(int(c), int(n)): y[c, n].item() for c, n in torch.nonzero(y)}
    assert found == pytest.approx(
        {(0, 10): 1.0, (1, 20): 0.5, (2, 30): 0.25, (0, 40): 0.125, (1, 50): 0.0625}, abs=1e-12
    )


def test_taps_are_evenly_spaced_within_the_delay():
    y = echoes(fx.Delay(delay_ms=4.0, feedback=0.5, mix=1.0, taps=[0.1, 0.2, 0.3, 0.4]), 85, rate=10_000)[0]
    found = {int(n): y[n].item() for n in torch.nonzero(y)[:, 0]}
    assert found == pytest.approx({10: 0.1, 20: 0.2, 30: 0.3, 40: 0.4, 50: 0.05, 60: 0.1, 70: 0.15, 80: 0.2}, abs=1e-12)


@pytest.mark.parametrize(("note", "seconds"), [("1/4", 0.5), ("1/8.", 0.375), ("1/8T", 1 / 6), ("1/1", 2.0)])
def test_a_tempo_and_a_note_value_set_the_delay(note, seconds):
    delay = fx.Delay(feedback=0.0, mix=1.0, clock="tempo", tempo_bpm=120.0, note=note)
    assert int(echoes(delay, 12_001, rate=6000)[0].abs().argmax()) == round(seconds * 6000)


# -- blocks, examples, gradients ------------------------------------------------------------------------------------


VARIANTS = {
    "plain": {"delay_ms": 5.0},
    "fractional": {"delay_ms": 3.777, "damping": 0.4, "order": 5},
    "ping-pong": {"delay_ms": 2.0, "ping_pong": True, "damping": 0.2},
    "taps": {"delay_ms": 6.1, "taps": [0.5, -0.25, 1.0]},
    "moving": {"delay_ms": fx.LFO(3.0, 2.0, 9.0), "feedback": fx.LFO(5.0, 0.1, 0.8)},
    "ring": {"delay_ms": 2.0, "tail": "ring"},
    "moving and ring": {"delay_ms": fx.LFO(3.0, 2.0, 9.0), "damping": 0.5, "tail": "ring"},
}


@pytest.mark.slow
@pytest.mark.parametrize("name", VARIANTS)
@pytest.mark.parametrize("size", [1, 7, 512])
def test_blocks_equal_one_call(name, size):
    delay, x = fx.Delay(**VARIANTS[name]), torch.randn(2, {1: 200, 7: 900, 512: 2000}[size], dtype=torch.float64)
    stream = delay.stream(8000)
    y = torch.cat([*(stream(block) for block in x.split(size, -1)), stream.flush()], -1)
    torch.testing.assert_close(y, delay(x, sample_rate=8000), rtol=0, atol=1e-12)


def test_the_delay_may_become_longer_in_a_stream():
    delay = fx.Delay(delay_ms=1.0, feedback=0.0, mix=1.0)
    stream, x = delay.stream(1000), torch.randn(1, 40, dtype=torch.float64)
    first = stream(x[:, :20])
    delay.delay_ms = 15.0
    torch.testing.assert_close(torch.cat([first[:, 1:], stream(x[:, 20:])], -1)[0], torch.cat([x[0, :19], x[0, 5:25]]))


def test_each_example_has_its_own_delay():
    delays = torch.tensor([2.0, 3.7, 9.25], dtype=torch.float64)
    x = torch.randn(3, 2, 300, dtype=torch.float64)
    y = fx.Delay(delay_ms=delays, feedback=0.6, damping=0.3)(x, sample_rate=8000)
    for number, delay in enumerate(delays.tolist()):
        alone = fx.Delay(delay_ms=delay, feedback=0.6, damping=0.3)(x[number], sample_rate=8000)
        torch.testing.assert_close(y[number], alone, rtol=0, atol=1e-12)


@pytest.mark.parametrize("options", [{}, {"ping_pong": True}, {"taps": [0.3, 0.9]}, {"order": 1}])
def test_gradients_are_exact(options):
    x = torch.randn(2, 2, 30, dtype=torch.float64, requires_grad=True)
    values = [torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in ([4.3, 6.6], [0.5, 0.3], [0.4, 0.8])]
    damping = torch.tensor(0.3, dtype=torch.float64, requires_grad=True)

    def run(x, delay_ms, feedback, mix, damping):
        return fx.Delay(delay_ms, feedback, mix, damping, **options)(x, sample_rate=1000)

    assert torch.autograd.gradcheck(run, (x, *values, damping), fast_mode=True)


def test_vmap_over_the_delay_equals_a_loop():
    delay, x = fx.Delay(feedback=0.5), torch.randn(1, 60, dtype=torch.float64)
    values = torch.tensor([3.3, 8.0, 12.5], dtype=torch.float64)

    def run(value):
        return torch.func.functional_call(delay, {"delay_ms": value}, (x, 1000.0))

    torch.testing.assert_close(torch.vmap(run)(values), torch.stack([run(value) for value in values]))


# -- the tail -------------------------------------------------------------------------------------------------------


def test_with_ring_the_output_continues_until_it_has_decayed_by_60_db():
    delay = fx.Delay(delay_ms=100.0, feedback=0.5, mix=1.0, tail="ring")
    sound = fx.Signal(torch.randn(2, 800), 8000)
    y = delay(sound)
    assert y.frames == 800 + delay.tail_samples(8000) == 800 + 800 * (1 + 10)
    assert 0.5**10 < 1e-3 < 0.5**9
    cut = fx.Delay(delay_ms=100.0, feedback=0.5, mix=1.0)
    assert torch.equal(y.samples[:, :800], cut(sound).samples)
    last_echo = y.samples[:, -800:]
    torch.testing.assert_close(last_echo, sound.samples * 0.5**10, rtol=1e-5, atol=1e-9)


@pytest.mark.slow
def test_a_chain_a_sum_and_a_mix_carry_the_tail():
    ringing = fx.Delay(delay_ms=10.0, feedback=0.3, tail="ring")
    longer = fx.Delay(delay_ms=20.0, feedback=0.3, tail="ring")
    rate, x = 1000, torch.randn(2, 50, dtype=torch.float64)
    tail, long_tail = ringing.tail_samples(rate), longer.tail_samples(rate)
    assert tail == 10 * 7
    for module, count in (
        (ringing | fx.LowPass(100.0), tail),
        (fx.LowPass(100.0) | ringing | longer, tail + long_tail),
        (ringing + longer + fx.Gain(-6.0), long_tail),
        (fx.Mix(ringing, 0.5), tail),
        (fx.Mix(ringing | fx.Mix(longer), 0.5) | fx.Gain(3.0), tail + long_tail),
        (fx.Chain(ringing, longer, bypassed=[1]), tail),
        (fx.Sum(ringing, fx.WindowedSinc(100.0, taps=21), align=True), tail),
    ):
        y = module(x, sample_rate=rate)
        assert y.shape == (2, 50 + count)
        assert (fx.Signal(x, rate) | module).frames == 50 + count
        for size in (50, 7, 1):
            stream = module.stream(rate)
            blocks = torch.cat([*(stream(block) for block in x.split(size, -1)), stream.flush()], -1)
            torch.testing.assert_close(blocks, y, rtol=0, atol=1e-12)
    dry = fx.Mix(ringing, 0.0)(x, sample_rate=rate)
    assert torch.equal(dry[:, :50], x)
    assert not dry[:, 50:].any()


def test_a_tail_that_does_not_end_is_refused():
    message = r"Delay: the sound takes \d+ s to decay by 60 dB; .* at most 600 s. Shorten the decay"
    with pytest.raises(fx.ParameterError, match=message):
        fx.Delay(delay_ms=2000.0, feedback=0.9999, tail="ring")(torch.ones(1, 8), sample_rate=RATE)


# -- extremes -------------------------------------------------------------------------------------------------------


def test_extremes_stay_finite():
    square = torch.sign(torch.randn(8, 5000))
    y = fx.Delay(delay_ms=1.0, feedback=0.95, damping=0.9)(square, sample_rate=192_000)
    assert bool(torch.isfinite(y).all())
    assert y.abs().max() <= 1 / (1 - 0.95)


def test_a_decayed_echo_holds_no_denormal_numbers():
    stream = fx.Delay(delay_ms=1.0, feedback=0.5).stream(8000)
    stream(torch.randn(1, 8))
    for _ in range(4):
        stream(torch.zeros(1, 800))
    assert not stream._state.block.inner.line[..., -800:].any()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"feedback": 1.0}, r"feedback is 1; .* the echoes would never decay"),
        ({"feedback": -1.5}, r"feedback is -1\.5"),
        ({"delay_ms": 40_000.0}, r"delay_ms is 40000 ms; it must be above 0 ms and at most 30000 ms"),
        ({"delay_ms": -3.0}, r"delay_ms is -3 ms"),
        ({"mix": 1.1}, "mix is 1.1"),
        ({"damping": 1.0}, "damping is 1;"),
        ({"tail": "long"}, "tail is 'long'; it must be one of 'cut', 'ring'"),
    ],
)
def test_invalid_values_are_refused(values, message):
    with pytest.raises(fx.ParameterError, match=message):
        fx.Delay(**values)


def test_what_is_invalid_at_the_sample_rate_is_refused_by_a_call():
    with pytest.raises(fx.ParameterError, match=r"is 0.05 ms; at 8000 Hz it must be at least 0\.125 ms \(1 sample\)"):
        fx.Delay(delay_ms=0.05)(torch.ones(1, 4), sample_rate=8000)
    with pytest.raises(fx.ParameterError, match=r"at a tempo of 2 bpm the note 2/1 lasts 240 s; .* at most 30 s"):
        fx.Delay(clock="tempo", tempo_bpm=2.0, note="2/1")(torch.ones(1, 4), sample_rate=8000)
    with pytest.raises(
        fx.ParameterError, match=r"at a tempo of 1e\+08 bpm the note .* at 8000 Hz .* at least 0.000125 s"
    ):
        fx.Delay(clock="tempo", tempo_bpm=1e8)(torch.ones(1, 4), sample_rate=8000)


def test_a_refused_block_leaves_the_stream_as_it_was():
    delay, x = fx.Delay(delay_ms=2.0, feedback=0.7), torch.randn(1, 64)
    stream = delay.stream(8000)
    first = stream(x[:, :32])
    with pytest.raises(fx.SignalError, match="NaN or infinite"):
        stream(torch.full((1, 8), math.nan))
    rest = stream(x[:, 32:])
    torch.testing.assert_close(torch.cat([first, rest], -1), delay(x, sample_rate=8000))
