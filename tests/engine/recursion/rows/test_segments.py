"""Filtering in segments on several threads: the same bits for any number of threads, rows and groups of rows."""

import numpy as np
import pytest
import scipy.signal as ss
import torch

from fxlab.engine import sosfilt
from fxlab.engine.recursion.rows import filter_rows, segments, tile_script, tiles
from fxlab.engine.torch_support import script, worker_pool
from tests.support.recursion_designs import RATE, TORTURE, error_db, reference
from tests.support.signals import noise

ORDERS = {
    1: ss.butter(1, 900, fs=RATE, output="sos"),
    4: ss.butter(4, 900, fs=RATE, output="sos"),
    20: TORTURE["31-band graphic EQ"][:10],
}


@pytest.fixture
def short_segments(monkeypatch):
    """Use tiles of 4096 samples, and threads from 8192 on, so that tests need no long signals."""
    monkeypatch.setattr(segments, "TILE", 1 << 12)
    monkeypatch.setattr(segments, "MIN_SAMPLES_PER_WORKER", 1 << 12)
    monkeypatch.setattr(segments, "MIN_TRAINING_SAMPLES", 0)
    monkeypatch.setattr(filter_rows, "MIN_TRAINING_SAMPLES", 0)
    monkeypatch.setattr(segments, "PART", 1 << 13)


@pytest.fixture(params=[2, 5])
def threads(request, monkeypatch):
    """Give the caller several threads, on a machine with any number of processors."""
    before = torch.get_num_threads()
    monkeypatch.setattr(worker_pool, "available_cpus", lambda: request.param)
    torch.set_num_threads(request.param)
    yield request.param
    torch.set_num_threads(before)


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def on_one_thread(*arguments):
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return sosfilt(*arguments)
    finally:
        torch.set_num_threads(threads)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("rows", [1, 2, 5])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_the_number_of_threads_changes_no_bit(short_segments, threads, order, rows, dtype):
    sos = torch.tensor(ORDERS[order])
    x = noise(rows, 30_001).to(dtype)
    single, last = on_one_thread(x, sos)
    y, state = sosfilt(x, sos)
    assert torch.equal(y, single)
    assert torch.equal(state, last)
    assert error_db(y, reference(x, ORDERS[order])[0]) < (-100.0 if dtype == torch.float32 else -165.0)


@pytest.mark.parametrize("time", [1, 63, 700, 4096, 9000, 50_000])
@pytest.mark.parametrize("order", ORDERS)
def test_equal_rows_have_equal_bits(short_segments, threads, order, time):
    sos = torch.tensor(ORDERS[order])
    row = noise(time).float()
    alone, _ = sosfilt(row, sos)
    y, state = sosfilt(row.expand(9, time), sos)
    filters, _ = sosfilt(row.expand(9, time), sos.expand(9, -1, 6))
    assert torch.equal(y, alone.expand(9, time))
    assert torch.equal(state, state[:1].expand_as(state))
    assert torch.equal(filters, filters[:1].expand_as(filters))


@pytest.mark.parametrize("rows", [1, 3])
def test_gradients_have_the_same_bits(short_segments, threads, rows):
    def gradients(run):
        x, sos = noise(rows, 30_001).requires_grad_(), torch.tensor(ORDERS[4]).requires_grad_()
        y, state = run(x, sos)
        return torch.autograd.grad(y.square().sum() + state.sum(), (x, sos))

    torch.testing.assert_close(gradients(sosfilt), gradients(on_one_thread), rtol=1e-12, atol=1e-12)
    assert torch.equal(gradients(sosfilt)[0], gradients(on_one_thread)[0])


def test_inference_mode(short_segments, threads):
    x, sos = noise(2, 20_000), torch.tensor(ORDERS[4])
    with torch.inference_mode():
        y, _ = sosfilt(x, sos)
    assert torch.equal(y, sosfilt(x, sos)[0])


def test_overflow_on_another_thread_gives_no_warning(short_segments, threads, recwarn):
    unstable = torch.tensor([[1.0, 0.0, 0.0, 1.0, -3.0, 0.0]], dtype=torch.float64)
    y, _ = sosfilt(noise(5, 20_000), unstable)
    assert y[:, -1].isnan().all()
    assert not [str(warning.message) for warning in recwarn if issubclass(warning.category, RuntimeWarning)]


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("keep_states", [False, True])
@pytest.mark.parametrize("different_filters", [False, True])
def test_tiles_for_other_devices_agree(monkeypatch, short_segments, reverse, keep_states, different_filters):
    results = []

    def both(plan, x, s, y, **_):
        for run in (tiles.filter_tiles, tiles.filter_device_tiles):
            states = x.new_empty(len(x), x.shape[1] // plan.length, plan.states) if keep_states else None
            after = run(plan, x, s, y, reverse=reverse, states=states)
            results.append([y.clone(), after, *([] if states is None else [states])])
        return after

    monkeypatch.setattr(filter_rows, "filter_tiles", both)
    monkeypatch.setattr(tiles, "TILE", 1 << 14)
    for sos in ORDERS.values():
        filters = torch.tensor(sos)
        filters = torch.stack([filters, filters.flip(0), filters]) if different_filters else filters
        state = torch.tensor(np.random.default_rng(1).standard_normal((3, len(sos), 2)))
        sosfilt(noise(3, 30_001), filters, state)
        for one, other in zip(*results, strict=True):
            torch.testing.assert_close(one, other, rtol=0, atol=1e-11 * float(other.abs().max()))
        results.clear()


def test_tiles_run_without_the_interpreter_lock():
    assert script.is_scripted(tile_script)


@pytest.mark.parametrize("reverse", [False, True])
def test_without_the_compiler_the_bits_are_the_same(monkeypatch, short_segments, threads, reverse):
    x, sos = noise(2, 30_001).requires_grad_(reverse), torch.tensor(ORDERS[4])

    def run():
        y, _ = sosfilt(x, sos)
        return torch.autograd.grad(y.square().sum(), x)[0] if reverse else y

    compiled = run()
    monkeypatch.setattr(script, "_compile", lambda _: {})
    assert torch.equal(run(), compiled)
