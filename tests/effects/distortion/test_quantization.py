"""Quantize, BitCrush, MuLaw and Decimate: noise, harmonics, dither, levels, aliases, blocks and gradients."""

import itertools
import math

import pytest
import scipy.signal
import torch
import torchaudio

import fxlab as fx

RATE = 48_000
LENGTH = 1 << 15


def sine(level: float = 1.0, periods: int = 997) -> torch.Tensor:
    """Return a tone with a whole number of periods, `(1, time)`."""
    return level * torch.sin(2 * math.pi * periods / LENGTH * torch.arange(LENGTH, dtype=torch.float64) + 0.1)[None]


def power(x: torch.Tensor) -> torch.Tensor:
    """Return the power of each bin of the spectrum of one channel, whose sum is the mean square."""
    spectrum = 2 * (torch.fft.rfft(x[0]).abs() / LENGTH).square()
    spectrum[0] /= 2
    return spectrum


def snr_db(y: torch.Tensor, x: torch.Tensor) -> float:
    return 10 * (x.square().mean() / (y - x).square().mean()).log10().item()


@pytest.mark.parametrize("bits", [6, 8, 12, 16, 20])
def test_the_noise_of_a_full_scale_sine_is_the_textbook_value(bits):
    x = sine(1 - 2.0**-bits)
    found = snr_db(fx.Quantize(bits, dither="none")(x, sample_rate=RATE), x)
    assert found == pytest.approx(6.02 * bits + 1.76, abs=0.5)
    dithered = snr_db(fx.Quantize(bits, dither="triangular")(sine(0.5), sample_rate=RATE), sine(0.5))
    assert dithered == pytest.approx(found - 6.02 - 4.77, abs=0.5)


@pytest.mark.parametrize("dither", ["none", "rectangular", "triangular", "shaped"])
def test_levels_are_multiples_of_a_step_and_clip(dither):
    x = 1.5 * torch.randn(2, 2000, dtype=torch.float64)
    y = fx.Quantize(4, dither)(x, sample_rate=RATE) * 8
    assert torch.equal(y, y.round())
    assert y.min() == -8
    assert y.max() == 7


def test_dither_removes_the_harmonics():
    step = 2.0**-7  # of 8 bits
    x = sine(2.2 * step, periods=499)

    def harmonics_db(dither: str) -> float:
        spectrum = power(fx.Quantize(8, dither)(x, sample_rate=RATE))
        harmonics = spectrum[499 * torch.arange(3, 10, 2)].max()
        return 10 * (harmonics / spectrum[499]).log10().item()

    assert harmonics_db("none") > -35
    for dither in ("rectangular", "triangular", "shaped"):
        assert harmonics_db(dither) < -42


def test_the_noise_of_triangular_dither_is_that_of_the_theory_and_does_not_depend_on_the_signal():
    step = 2.0**-7
    for level in (0.0, 0.3 * step, 0.5 * step, 0.5):
        x = torch.full((1, LENGTH), level, dtype=torch.float64)
        error = fx.Quantize(8, "triangular", seed=3)(x, sample_rate=RATE) - x
        assert error.square().mean().item() == pytest.approx(step**2 / 4, rel=0.05)
        assert error.mean().item() == pytest.approx(0.0, abs=0.02 * step)


def test_shaped_noise_follows_the_published_filter():
    x = sine(0.3)
    window = torch.hann_window(LENGTH, dtype=torch.float64)
    plain, shaped = (
        power(window * (fx.Quantize(8, kind)(x, sample_rate=RATE) - x)) for kind in ("triangular", "shaped")
    )
    edges = torch.linspace(0, len(plain) - 1, 17).long().tolist()
    for low, high in itertools.pairwise(edges):
        turns = torch.arange(low, high) / LENGTH
        expected = (2 * torch.sin(math.pi * turns)).pow(4).double().mean()
        assert shaped[low:high].mean() / plain[low:high].mean() == pytest.approx(expected.item(), rel=0.15)


def test_shaped_dither_equals_the_loop_with_error_feedback():
    from fxlab.effects.distortion.dither import triangular

    x = 0.2 * torch.randn(1, 300, dtype=torch.float64)
    noise = triangular(torch.arange(300), 5)
    before, earlier, expected = 0.0, 0.0, []
    for sample, dither in zip((x[0] * 128).tolist(), noise.tolist(), strict=True):
        wanted = sample - 2 * before + earlier
        value = math.floor(wanted + dither + 0.5)
        before, earlier = value - wanted, before
        expected.append(value / 128)
    y = fx.Quantize(8, "shaped", seed=5)(x, sample_rate=RATE)
    torch.testing.assert_close(y[0], torch.tensor(expected, dtype=torch.float64), rtol=0, atol=1e-12)


def test_seeds_differ_and_repeat():
    x = sine(0.3)
    first, second = (fx.Quantize(8, seed=seed)(x, sample_rate=RATE) for seed in (1, 2))
    assert not torch.equal(first, second)
    assert torch.equal(first, fx.Quantize(8, seed=1)(x, sample_rate=RATE))
    correlation = torch.corrcoef(torch.cat([first - x, second - x]))[0, 1]
    assert abs(correlation) < 0.02


@pytest.mark.parametrize("make", [lambda: fx.Quantize(8), lambda: fx.Quantize(8, "shaped"), lambda: fx.Decimate(5)])
def test_blocks_equal_one_call(make):
    x = torch.randn(2, 1100, dtype=torch.float64) * 0.3
    for sizes in (1, 7, 512, [3, 0, 597, 500]):
        stream = make().stream(RATE)
        y = torch.cat([stream(block) for block in x.split(sizes, -1)], -1)
        torch.testing.assert_close(y, make()(x, sample_rate=RATE), rtol=0, atol=1e-12)


def test_a_seed_beyond_the_random_numbers_is_refused():
    assert fx.Quantize(8, seed=10**9)(torch.zeros(1, 9), sample_rate=RATE).isfinite().all()
    with pytest.raises(fx.ParameterError, match=r"seed is .*; it must be .* at least 0 and at most 1000000000"):
        fx.Quantize(8, seed=2**63)


# -- bit crusher and μ-law ---------------------------------------------------------------------------------------------


def test_a_bit_crusher_rounds_to_the_nearest_level():
    x = torch.randn(2, 500, dtype=torch.float64)
    y = fx.BitCrush(4.0)(x, sample_rate=RATE)
    assert torch.equal(y * 8, torch.round(x * 8))
    between = fx.BitCrush(4.5)(x, sample_rate=RATE)
    assert (between - x).abs().max() <= 2**-3.5 / 2 + 1e-12
    moving = fx.BitCrush(fx.Ramp(2.0, 12.0, duration=500 / RATE))(x, sample_rate=RATE)
    assert (moving - x).abs()[:, 400:].max() < (moving - x).abs()[:, :100].max() / 4


@pytest.mark.parametrize("make", [fx.Quantize, fx.BitCrush, fx.MuLaw])
def test_the_gradient_is_that_of_the_input_or_zero(make):
    x = (0.2 * torch.randn(1, 50, dtype=torch.float64)).requires_grad_()
    ones = torch.autograd.grad(make()(x, sample_rate=RATE).sum(), x)[0]
    assert torch.equal(ones, torch.ones_like(x))
    zeros = torch.autograd.grad(make(gradient="zero")(x, sample_rate=RATE).sum(), x)[0]
    assert torch.equal(zeros, torch.zeros_like(x))


def test_the_gradient_of_the_bits_is_that_of_the_step():
    x = torch.randn(1, 50, dtype=torch.float64)
    bits = torch.tensor(4.0, dtype=torch.float64, requires_grad=True)
    y = fx.BitCrush(bits, gradient="zero")(x, sample_rate=RATE)
    torch.testing.assert_close(torch.autograd.grad(y.sum(), bits)[0], -math.log(2) * y.sum().detach())


def test_mu_law_keeps_its_ratio_over_40_db_and_agrees_with_torchaudio():
    for level in (1.0, 0.1, 0.01):
        x = sine(level)
        y = fx.MuLaw()(x, sample_rate=8000)
        assert snr_db(y, x) == pytest.approx(38, abs=3.5)
        peer = torchaudio.functional.mu_law_decoding(torchaudio.functional.mu_law_encoding(x, 256), 256)
        # torchaudio has 256 levels and none at zero; ours are 255 with one.
        assert snr_db(peer, x) == pytest.approx(snr_db(y, x), abs=1.5)
        assert (y - peer).abs().max() < 0.05 * level + 1e-3  # a step


# -- decimation --------------------------------------------------------------------------------------------------------


def test_decimation_holds_samples_as_scipy_keeps_them():
    x = torch.randn(2, 1000, dtype=torch.float64)
    for factor in (1, 2, 5):
        y = fx.Decimate(factor, antialias=False)(x, sample_rate=RATE)
        torch.testing.assert_close(y, x[:, ::factor].repeat_interleave(factor, -1)[:, :1000])
    filtered = fx.Decimate(4)(x, sample_rate=RATE)[:, ::4]
    expected = scipy.signal.decimate(x.numpy(), 4, zero_phase=False)
    torch.testing.assert_close(filtered, torch.from_numpy(expected.copy()), rtol=0, atol=1e-6)


def test_the_filter_of_a_decimation_removes_aliases():
    high = sine(periods=round(7000 / RATE * LENGTH))  # above half of 12 kHz
    aliased, filtered = (fx.Decimate(4, antialias)(high, sample_rate=RATE) for antialias in (False, True))
    assert filtered[:, 2000:].square().mean() < 1e-3 * aliased.square().mean()


@pytest.mark.parametrize("make", [fx.BitCrush, fx.MuLaw, fx.Decimate, lambda: fx.Quantize(dither="none"), fx.Overdrive])
@pytest.mark.parametrize("channels", [1, 8])
def test_silence_stays_silent(make, channels):
    x = torch.zeros(channels, 500)
    assert torch.equal(make()(x, sample_rate=192_000), x)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: fx.Quantize(0), "bits is 0"),
        (lambda: fx.Quantize(8.5), "a whole number"),
        (lambda: fx.BitCrush(0.5), "bits is 0.5 bit"),
        (lambda: fx.MuLaw(1), "bits is 1"),
        (lambda: fx.Decimate(0), "factor is 0"),
    ],
)
def test_invalid_values_are_refused(make, message):
    with pytest.raises(fx.ParameterError, match=message):
        make()
