"""The buffer pool is bounded, and reuses memory only when no tensor can see it."""

from __future__ import annotations

import random
import threading

import numpy as np
import pytest
import torch

from fxlab.engine import sosfilt
from fxlab.engine.torch_support import buffer_pool

SOS = torch.tensor([[0.2, 0.3, 0.1, 1.0, -0.5, 0.2]], dtype=torch.float64)
LONG = buffer_pool.MIN_BYTES // 4 + 7


@pytest.fixture(autouse=True)
def empty_pool():
    buffer_pool._pool.clear()
    yield
    buffer_pool._pool.clear()


def test_freed_memory_is_reused():
    first = buffer_pool.allocate_like(torch.empty(2, LONG))
    address = first.data_ptr()
    assert address % buffer_pool.ALIGNMENT == 0
    assert first.shape == (2, LONG)
    assert first.is_contiguous()
    del first
    again = buffer_pool.allocate((LONG, 2), torch.float32, torch.device("cpu"))
    assert again.data_ptr() == address
    assert again.shape == (LONG, 2)


@pytest.mark.parametrize(
    "keep",
    [
        lambda y: y,
        lambda y: y[..., 5:9],
        lambda y: y.view(-1),
        lambda y: y.numpy(),
        lambda y: y.untyped_storage(),
        torch.from_dlpack,
        lambda y: torch.ones((), requires_grad=True) * y,  # only the graph refers to y
        lambda y: memoryview(y.numpy()),
    ],
)
def test_referenced_memory_is_not_reused(keep):
    y = buffer_pool.allocate_like(torch.empty(LONG))
    address = y.data_ptr()
    live = keep(y)
    del y
    assert buffer_pool.allocate_like(torch.empty(LONG)).data_ptr() != address
    del live
    later = [buffer_pool.allocate_like(torch.empty(LONG)) for _ in range(2)]
    assert address in {tensor.data_ptr() for tensor in later}


def test_the_memory_that_was_used_last_is_reused_first():
    first, second = (buffer_pool.allocate_like(torch.empty(LONG)) for _ in range(2))
    address = second.data_ptr()
    del first, second
    for _ in range(3):
        assert buffer_pool.allocate_like(torch.empty(LONG)).data_ptr() == address


@pytest.mark.slow
def test_live_outputs_never_change():
    """Filter signals of many lengths in several threads, and keep some of the outputs."""
    wrong: list[str] = []

    def work(seed: int) -> None:
        pick, live = random.Random(seed), []
        for step in range(60):
            size = pick.choice([1, 1000, LONG, LONG + 3, 2 * LONG, 5 * LONG])
            x = torch.full((size,), float(seed * 100 + step))
            y = sosfilt(x, SOS)[0]
            live.append((y, y.clone()))
            if len(live) > 3 or pick.random() < 0.4:
                live.pop(pick.randrange(len(live)))
            wrong.extend(f"{seed}/{step}" for output, copy in live if not torch.equal(output, copy))

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_pool_is_bounded(monkeypatch):
    monkeypatch.setattr(buffer_pool, "MAX_POOL_BYTES", 10 * buffer_pool.MIN_BYTES)
    live = [buffer_pool.allocate_like(torch.empty(LONG + size)) for size in range(40)]
    assert sum(pooled.nbytes for pooled, _ in buffer_pool._pool) <= buffer_pool.MAX_POOL_BYTES
    del live
    big = buffer_pool.allocate_like(torch.empty(12 * LONG))  # larger than the bound: allocated, but not pooled
    assert sum(pooled.nbytes for pooled, _ in buffer_pool._pool) <= buffer_pool.MAX_POOL_BYTES
    address = big.data_ptr()
    del big
    assert all(p.ctypes.data > address or p.ctypes.data + p.nbytes < address for p, _ in buffer_pool._pool)


def test_small_and_unusual_outputs_are_not_pooled():
    for like in (torch.empty(8), torch.empty(LONG, dtype=torch.complex64), torch.empty(LONG, 0)):
        assert buffer_pool.allocate_like(like).shape == like.shape
    assert not buffer_pool._pool


def test_pooled_output_is_an_ordinary_tensor():
    """Write to an output, convert it, share it and use it in a graph."""
    y = sosfilt(torch.randn(2, LONG), SOS)[0]
    before = y.clone()
    y.mul_(2.0)
    assert torch.equal(y, 2 * before)
    assert isinstance(y.numpy(), np.ndarray)
    assert y.untyped_storage().nbytes() == y.nbytes
    y.share_memory_()
    assert torch.equal(y, 2 * before)
    x = torch.randn(2, LONG, requires_grad=True)
    z = sosfilt(x, SOS)[0]
    z.add_(1.0).sum().backward()
    assert x.grad is not None
