"""A feedback delay network: decay times per band, losslessness, streams, gradients, errors."""

import pytest
import torch

import fxlab as fx
from fxlab.effects.common.lossless_matrix import hadamard, householder
from fxlab.effects.common.prime_delays import prime_delays
from tests.support.reverberation import reverberation_time

RATE = 44_100


def impulse(length: int, channels: int = 2) -> torch.Tensor:
    x = torch.zeros(channels, length, dtype=torch.float64)
    x[0, 0] = 1.0
    return x


@pytest.mark.parametrize("matrix", ["hadamard", "householder"])
def test_each_band_decays_in_its_time_by_schroeder_integration(matrix):
    network = fx.FeedbackDelayNetwork(0.8, 1.2, 0.4, low_cutoff=400.0, high_cutoff=8000.0, mix=1.0, matrix=matrix)
    y = network(impulse(2 * RATE), sample_rate=RATE)
    bands = {
        1.2: fx.Butterworth(80.0, 4),
        0.8: fx.Butterworth((1000.0, 2000.0), 3, "bandpass"),
        0.4: fx.Butterworth(18_000.0, 4, "highpass"),
    }
    for target, band in bands.items():
        energy = band(y, sample_rate=RATE).square().sum(0)
        assert reverberation_time(energy.sqrt(), RATE) == pytest.approx(target, rel=0.05), target


@pytest.mark.parametrize("rate", [8000, 44_100, 192_000])
@pytest.mark.parametrize("lines", ["4", "8", "16"])
def test_equal_decay_times_are_met_over_the_whole_spectrum(rate, lines):
    network = fx.FeedbackDelayNetwork(0.4, 0.4, 0.4, mix=1.0, lines=lines, size=0.5)
    y = network(impulse(rate // 2), sample_rate=rate)
    assert reverberation_time(y.sum(0), rate) == pytest.approx(0.4, rel=0.05)


def test_without_absorption_the_energy_stays():
    network = fx.FeedbackDelayNetwork(1e6, 1e6, 1e6, mix=1.0, size=0.25)
    stream = network.stream(8000)
    stream(impulse(1000))
    energy = stream._state.block.inner.lines.square().sum()
    stream(torch.zeros(2, 20_000, dtype=torch.float64))
    later = stream._state.block.inner.lines.square()
    # Each line holds as many samples as its delay; the rest of the row has been read already.
    delays = prime_delays(8, 0.25 * 0.021 * 8000, 0.25 * 0.071 * 8000)
    held = sum(later[number, -delay:].sum() for number, delay in enumerate(delays))
    assert held.item() == pytest.approx(1.0 * len(delays) / 2, rel=1e-3)
    assert energy > 0


@pytest.mark.parametrize("size", [4, 8, 16])
def test_the_matrices_are_orthogonal(size):
    for matrix in (hadamard(size, torch.float64), householder(size, torch.float64)):
        torch.testing.assert_close(matrix @ matrix.mT, torch.eye(size, dtype=torch.float64))


def test_the_delays_are_different_primes_between_the_limits():
    delays = prime_delays(16, 900, 3000)
    assert len(set(delays)) == 16
    assert min(delays) >= 900 and max(delays) < 3050  # noqa: PT018
    assert all(all(delay % divisor for divisor in range(2, 60)) for delay in delays)


def test_the_power_of_white_noise_is_about_kept():
    x = torch.randn(2, 5 * RATE, generator=torch.Generator().manual_seed(3))
    y = fx.FeedbackDelayNetwork(1.0, 1.0, 1.0, mix=1.0)(x, sample_rate=RATE)[:, 2 * RATE :]
    assert y.square().mean().item() == pytest.approx(1.0, rel=0.15)
    assert abs(torch.corrcoef(y)[0, 1].item()) < 0.3


@pytest.mark.slow
@pytest.mark.parametrize("size", [1, 7, 512, None])
@pytest.mark.parametrize("tail", ["cut", "ring"])
def test_blocks_equal_one_call(size, tail):
    network = fx.FeedbackDelayNetwork(0.3, 0.5, 0.2, mix=0.7, size=0.3, tail=tail)
    x = torch.randn(2, 200 if size == 1 else 2500, dtype=torch.float64)
    stream = network.stream(8000)
    blocks = x.split(size, -1) if size else x.split([700, 0, 1, 1799], -1)
    y = torch.cat([*(stream(block) for block in blocks), stream.flush()], -1)
    torch.testing.assert_close(y, network(x, sample_rate=8000), rtol=0, atol=1e-12)
    assert y.shape[-1] == x.shape[-1] + (4000 if tail == "ring" else 0)


def test_gradients_are_exact():
    x = torch.randn(2, 2, 150, dtype=torch.float64, requires_grad=True)
    values = [torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in ([0.3, 0.5], 0.7, 0.25)]
    cutoffs = [torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in (100.0, 400.0)]
    mix = torch.tensor([0.4, 0.8], dtype=torch.float64, requires_grad=True)

    def run(x, *parameters):
        return fx.FeedbackDelayNetwork(*parameters, size=0.5, lines="4")(x, sample_rate=2000)

    assert torch.autograd.gradcheck(run, (x, *values, *cutoffs, mix), fast_mode=True)
    y = run(x, *values, *cutoffs, mix)
    alone = run(x[1], values[0][1], *values[1:], *cutoffs, mix[1])
    torch.testing.assert_close(y[1], alone)


def test_vmap_over_a_decay_time_equals_a_loop():
    network, x = fx.FeedbackDelayNetwork(mix=1.0, size=0.3), torch.randn(2, 200, dtype=torch.float64)
    values = torch.tensor([0.2, 0.7], dtype=torch.float64)

    def run(value):
        return torch.func.functional_call(network, {"decay_s": value}, (x, 8000.0))

    torch.testing.assert_close(torch.vmap(run)(values), torch.stack([run(value) for value in values]))


def test_a_size_per_example_equals_a_loop():
    x, sizes = torch.randn(3, 2, 1500, dtype=torch.float64), [0.5, 1.5, 0.5]
    network = fx.FeedbackDelayNetwork(size=torch.tensor(sizes), mix=1.0)
    y = network(x, sample_rate=RATE)
    for sound, size, found in zip(x, sizes, y, strict=True):
        expected = fx.FeedbackDelayNetwork(size=size, mix=1.0)(sound, sample_rate=RATE)
        torch.testing.assert_close(found, expected)
    stream = network.stream(RATE)
    blocks = [stream(block) for block in x.split([1, 700, 799], -1)]
    torch.testing.assert_close(torch.cat([*blocks, stream.flush()], -1), y)
    with pytest.raises(fx.ParameterError, match=r"size differs between the examples of torch\.vmap, from 0\.5 to 1\.5"):
        torch.vmap(lambda size: torch.func.functional_call(network, {"size": size}, (x[0], RATE)))(torch.tensor(sizes))


def test_silence_extremes_and_errors():
    assert not fx.FeedbackDelayNetwork(mix=1.0)(torch.zeros(2, 5000), sample_rate=RATE).any()
    square = torch.sign(torch.randn(8, 20_000))
    y = fx.FeedbackDelayNetwork(60.0, 60.0, 60.0, mix=1.0)(square, sample_rate=192_000)
    assert bool(torch.isfinite(y).all())
    with pytest.raises(fx.ParameterError, match=r"low_cutoff is 900 Hz and high_cutoff is 800 Hz"):
        fx.FeedbackDelayNetwork(low_cutoff=900.0, high_cutoff=800.0)(square, sample_rate=RATE)
    low, high = torch.tensor([900.0, 300.0]), torch.tensor([1000.0, 200.0])
    with pytest.raises(fx.ParameterError, match=r"low_cutoff is 300 Hz and high_cutoff is 200 Hz"):
        fx.FeedbackDelayNetwork(low_cutoff=low, high_cutoff=high)(torch.zeros(2, 1, 8), sample_rate=RATE)
    with pytest.raises(fx.ParameterError, match="decay_s is 0 s"):
        fx.FeedbackDelayNetwork(decay_s=0.0)
    network = fx.FeedbackDelayNetwork(size=0.5)
    stream = network.stream(8000)
    stream(torch.zeros(1, 64))
    network.size = 1.0
    with pytest.raises(fx.SignalError, match="FeedbackDelayNetwork: between two blocks of a stream its longest delay"):
        stream(torch.zeros(1, 64))
