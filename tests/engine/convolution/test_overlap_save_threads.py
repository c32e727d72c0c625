"""Convolution on several threads: the same bits for any number of threads and of rows."""

import pytest
import torch

from fxlab.engine import convolve
from fxlab.engine.convolution import frame_plan, overlap_save, overlap_save_correlate
from fxlab.engine.torch_support import worker_pool

TAPS = [3, 60, 700, 20_000]  # a direct product, FFTs, and several partitions


@pytest.fixture(autouse=True)
def small_tiles(monkeypatch):
    """Use tiles of 4096 samples, and threads from 4096 on, so that tests need no long signals."""
    monkeypatch.setattr(frame_plan, "TILE", 1 << 12)
    monkeypatch.setattr(frame_plan, "TILE_FRAMES", 2)
    monkeypatch.setattr(overlap_save, "MIN_SAMPLES_PER_WORKER", 1 << 12)
    monkeypatch.setattr(overlap_save_correlate, "MIN_PARALLEL_SAMPLES", 1 << 12)
    monkeypatch.setattr(worker_pool, "available_cpus", lambda: 3)
    threads = torch.get_num_threads()
    torch.set_num_threads(3)
    yield
    torch.set_num_threads(threads)


def on_one_thread(function):
    torch.set_num_threads(1)
    result = function()
    torch.set_num_threads(3)
    return result


def noise(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("taps", TAPS)
@pytest.mark.parametrize("rows", [1, 7])
def test_the_number_of_threads_changes_no_bit(taps, rows):
    x, h = noise(rows, 50_001), noise(taps, seed=1)
    assert torch.equal(convolve(x, h), on_one_thread(lambda: convolve(x, h)))


@pytest.mark.parametrize("taps", TAPS)
@pytest.mark.parametrize("time", [9, 3000, 50_000])
def test_equal_rows_have_equal_bits(taps, time):
    row, h = noise(time), noise(taps, seed=1)
    y = convolve(row.expand(9, time), h)
    assert torch.equal(y, convolve(row, h).expand(9, time))
    assert torch.equal(y, convolve(row.expand(9, time), h.expand(9, taps)))


@pytest.mark.parametrize("taps", TAPS)
def test_gradients_have_the_same_bits(taps):
    def gradients():
        x, h = noise(2, 50_001).requires_grad_(), noise(taps, seed=1).requires_grad_()
        return torch.autograd.grad(convolve(x, h).square().sum(), (x, h))

    for several, one in zip(gradients(), on_one_thread(gradients), strict=True):
        assert torch.equal(several, one)


def test_a_sample_that_is_not_finite_on_another_thread():
    x, h = noise(5, 50_000), noise(700, seed=1)
    clean = convolve(x, h)
    x[3, 20_000] = torch.inf
    y = convolve(x, h)
    assert y[3, 20_000:20_700].isnan().all()
    assert torch.equal(y[:3], clean[:3])
    assert torch.equal(y[3, :20_000], convolve(x.masked_fill(x.isinf(), 0.0), h)[3, :20_000])


def test_a_bank_of_kernels_on_one_signal():
    x, h = noise(1, 20_000), noise(31, 300, seed=1)
    assert torch.equal(convolve(x, h)[30], convolve(x[0], h[30]))
