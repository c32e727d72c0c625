"""Memory that waits for the next output: reused only when nobody can see it, and bounded."""

from __future__ import annotations

import random
import threading

import numpy as np
import pytest
import torch

from fxlab.engine import sosfilt
from fxlab.engine.torch_support import buffer_pool as storage

SOS = torch.tensor([[0.2, 0.3, 0.1, 1.0, -0.5, 0.2]], dtype=torch.float64)
LONG = storage.SMALL // 4 + 7


@pytest.fixture(autouse=True)
def empty():
    storage._kept.clear()
    yield
    storage._kept.clear()


def test_what_was_let_go_is_used_again():
    first = storage.fresh(torch.empty(2, LONG))
    place = first.data_ptr()
    assert place % storage.ALIGNED == 0
    assert first.shape == (2, LONG)
    assert first.is_contiguous()
    del first
    again = storage.room((LONG, 2), torch.float32, torch.device("cpu"))
    assert again.data_ptr() == place
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
        lambda y: torch.ones((), requires_grad=True) * y,  # held by the graph alone
        lambda y: memoryview(y.numpy()),
    ],
)
def test_whoever_still_sees_it_keeps_it(keep):
    y = storage.fresh(torch.empty(LONG))
    place = y.data_ptr()
    held = keep(y)
    del y
    assert storage.fresh(torch.empty(LONG)).data_ptr() != place
    del held
    assert place in {storage.fresh(torch.empty(LONG)).data_ptr() for _ in range(2)}


def test_outputs_held_in_any_order_stay_as_they_were():
    """Filters of many lengths in several threads, some outputs kept, some dropped: none changes under its owner."""
    wrong: list[str] = []

    def work(seed: int) -> None:
        pick, held = random.Random(seed), []
        for step in range(60):
            size = pick.choice([1, 1000, LONG, LONG + 3, 2 * LONG, 5 * LONG])
            x = torch.full((size,), float(seed * 100 + step))
            y = sosfilt(x, SOS)[0]
            held.append((y, y.clone()))
            if len(held) > 3 or pick.random() < 0.4:
                held.pop(pick.randrange(len(held)))
            wrong.extend(f"{seed}/{step}" for now, then in held if not torch.equal(now, then))

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_what_waits_is_bounded(monkeypatch):
    monkeypatch.setattr(storage, "KEPT", 10 * storage.SMALL)
    held = [storage.fresh(torch.empty(LONG + size)) for size in range(40)]
    assert sum(one.nbytes for one, _ in storage._kept) <= storage.KEPT
    del held
    big = storage.fresh(torch.empty(12 * LONG))  # larger than the bound: made, and not kept
    assert sum(one.nbytes for one, _ in storage._kept) <= storage.KEPT
    place = big.data_ptr()
    del big
    assert all(one.ctypes.data > place or one.ctypes.data + one.nbytes < place for one, _ in storage._kept)


def test_small_or_strange_outputs_are_pytorch_s_own():
    for like in (torch.empty(8), torch.empty(LONG, dtype=torch.complex64), torch.empty(LONG, 0)):
        assert storage.fresh(like).shape == like.shape
    assert not storage._kept


def test_an_output_is_as_good_as_any_tensor():
    """It can be saved, shared, pinned to a graph and written to."""
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
