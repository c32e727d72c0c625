"""A distortion: its curves, its aliases, its latency, its blocks and its gradients."""

import warnings

import pytest
import torch

import fxlab as fx
from fxlab.effects.distortion.shapes import SHAPES
from tests.effects.distortion.aliasing import LENGTH, RATE, alias_db, tone
from tests.support.signals import noise


@pytest.mark.parametrize("shape", [name for name in SHAPES if name != "fuzz"])
def test_without_antialiasing_it_is_the_curve(shape):
    x = noise(2, 100)
    y = fx.Distortion(20.0, shape)(x, sample_rate=RATE)
    torch.testing.assert_close(y, SHAPES[shape].curve(10 * x))


def test_oversampling_reduces_the_aliases_of_tanh_by_more_than_40_db():
    plain, oversampled = (alias_db(fx.Distortion(20.0, "tanh", oversample=factor)) for factor in (1, 8))
    assert oversampled < plain - 40
    assert alias_db(fx.Distortion(20.0, "tanh", oversample=4)) < plain - 15


@pytest.mark.parametrize("shape", SHAPES)
def test_both_remedies_reduce_the_aliases_of_every_curve(shape):
    plain = alias_db(fx.Distortion(20.0, shape))
    assert alias_db(fx.Distortion(20.0, shape, oversample=4)) < plain - 6
    assert alias_db(fx.Distortion(20.0, shape, antialias="antiderivative")) < plain - 6
    both = alias_db(fx.Distortion(20.0, shape, 2, "antiderivative"))
    assert both < alias_db(fx.Distortion(20.0, shape, 2)) - 6


@pytest.mark.parametrize("shape", ["tanh", "soft", "hard", "fold"])
def test_at_low_levels_the_antiderivative_is_a_mean_of_two_samples(shape):
    x = 1e-4 * noise(2, 500)
    y = fx.Distortion(0.0, shape, antialias="antiderivative")(x, sample_rate=RATE)
    before = torch.nn.functional.pad(x, (1, 0))[:, :-1]
    torch.testing.assert_close(y, (x + before) / 2, rtol=1e-6, atol=1e-11)
    assert fx.Distortion(antialias="antiderivative").latency(RATE) == 0.5
    assert fx.Distortion(antialias="antiderivative", oversample=4).latency(RATE) == 0.125
    assert fx.Distortion(oversample=4).latency(RATE) == 0.0


@pytest.mark.parametrize("factor", [2, 3, 4, 8])
def test_oversampling_is_in_step_and_keeps_the_level_of_low_tones(factor):
    x = 0.5 * torch.sin(0.05 * torch.arange(4000, dtype=torch.float64))[None]
    y = fx.Distortion(6.0, "tanh", factor)(x, sample_rate=RATE)
    plain = fx.Distortion(6.0, "tanh")(x, sample_rate=RATE)
    torch.testing.assert_close(y[:, 100:-100], plain[:, 100:-100], rtol=0, atol=1e-4)


def test_fuzz_has_even_harmonics_and_no_constant_part():
    y = fx.Distortion(20.0, "fuzz", oversample=4)(tone(0.5), sample_rate=RATE)[0]
    assert abs(y[2 * LENGTH :].mean()) < 1e-3
    assert fx.thd(fx.Distortion(20.0, "fuzz"), sample_rate=RATE).harmonics_db[0] > -30
    assert fx.thd(fx.Distortion(20.0, "tanh"), sample_rate=RATE).harmonics_db[0] < -150


@pytest.mark.slow
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(
    ("factor", "antialias"), [(1, "none"), (1, "antiderivative"), (3, "none"), (8, "antiderivative")]
)
def test_blocks_of_any_size_equal_one_call(shape, factor, antialias):
    x = noise(2, 1200)
    module = fx.Distortion(20.0, shape, factor, antialias)
    whole = module(x, sample_rate=RATE)
    for sizes in (7, 512, [100, 0, 1, 399, 700]):
        stream = module.stream(RATE)
        y = torch.cat([*(stream(block) for block in x.split(sizes, -1)), stream.flush()], -1)
        torch.testing.assert_close(y, whole, rtol=0, atol=1e-11)
    stream = module.stream(RATE)
    y = torch.cat([*(stream(block) for block in x[:, :60].split(1, -1)), stream.flush()], -1)
    torch.testing.assert_close(y, module(x[:, :60], sample_rate=RATE), rtol=0, atol=1e-11)


@pytest.mark.slow
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("factor", "antialias"), [(2, "none"), (1, "antiderivative"), (2, "antiderivative")])
def test_gradients(shape, factor, antialias):
    x = noise(2, 12, seed=1).requires_grad_()
    drive = torch.tensor([3.0, 9.0], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(
        lambda x, drive: fx.Distortion(drive, shape, factor, antialias)(x[:, None], sample_rate=RATE),
        (x, drive),
        atol=1e-5,
    )


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("factor", "antialias"), [(1, "none"), (4, "none"), (1, "antiderivative")])
def test_silence_half_precision_and_eight_channels(shape, factor, antialias):
    module = fx.Distortion(24.0, shape, factor, antialias)
    assert torch.equal(module(torch.zeros(8, 300), sample_rate=192_000), torch.zeros(8, 300))
    x = noise(2, 300).half()
    stream = module.stream(RATE)
    y = torch.cat([stream(x[:, :100]), stream(x[:, 100:]), stream.flush()], -1)
    assert y.dtype == torch.float16
    torch.testing.assert_close(y, module(x, sample_rate=RATE), rtol=0, atol=2e-3)


def test_a_drive_that_moves_is_heard_in_step():
    x = torch.full((1, 3000), 0.5, dtype=torch.float64)
    ramp = fx.Ramp(0.0, 20.0, duration=3000 / RATE)
    y = fx.Distortion(ramp, "tanh", 4)(x, sample_rate=RATE)
    expected = torch.tanh(0.5 * 10 ** (ramp.evaluate(torch.arange(3000), RATE) / 20))
    torch.testing.assert_close(y[0, 200:-200], expected[200:-200], rtol=0, atol=1e-4)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"oversample": 0}, "oversample is 0"),
        ({"oversample": 9}, "oversample is 9"),
        ({"oversample": 2.0}, "a whole number"),
        ({"shape": "tan"}, "Did you mean 'tanh'"),
        ({"drive_db": float("nan")}, "drive_db is nan dB"),
    ],
)
def test_invalid_values_are_refused(values, message):
    with pytest.raises(fx.ParameterError, match=message):
        fx.Distortion(**values)


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("oversample", 2, 1),
        ("oversample", 2, 8),
        ("antialias", "none", "antiderivative"),
        ("antialias", "antiderivative", "none"),
    ],
)
def test_a_change_of_the_oversampling_or_the_antialiasing_in_a_stream_is_refused(name, before, after):
    module = fx.Distortion(**({"oversample": 2} | {name: before}))
    stream = module.stream(RATE)
    stream(noise(1, 400))
    setattr(module, name, after)
    with pytest.raises(fx.SignalError, match=f"its {name} changed from {before!r} to {after!r}"):
        stream(noise(1, 100))
    with pytest.raises(fx.SignalError, match=f"its {name} changed"):
        stream.flush()


@pytest.mark.slow
def test_an_oversampled_distortion_is_exported_and_traced_for_any_length():
    short, long = noise(2, 60).float(), noise(2, 431).float()
    module = fx.Distortion(12.0, "soft", 8, "antiderivative", sample_rate=RATE)
    time = {1: torch.export.Dim.DYNAMIC}
    program = torch.export.export(module, (short, RATE), dynamic_shapes=(time, None), strict=False).module()
    assert torch.equal(program(long, RATE), module(long))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch.jit is deprecated
        assert torch.equal(torch.jit.trace(module, short, check_trace=False)(long), module(long))


@pytest.mark.parametrize("factor", [2, 3, 8])
def test_equal_channels_stay_equal(factor):
    for channels, time in ((2, 513), (9, 4097), (3, 20_001)):
        x = noise(1, time).float().expand(channels, -1).contiguous()
        y = fx.Distortion(20.0, "tanh", factor)(x, sample_rate=RATE)
        assert torch.equal(y, y[:1].expand_as(y))
