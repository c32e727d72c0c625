"""Signals in a `DataLoader`: a batch of equal signals is one tensor, and unequal ones raise."""

from __future__ import annotations

import pytest
import torch
from torch.utils.data import DataLoader, default_collate

import fxlab as fx


def signals(count: int) -> list[fx.Signal]:
    generator = torch.Generator().manual_seed(1)
    return [fx.Signal(torch.randn(2, 10, generator=generator), 8000) for _ in range(count)]


def test_a_batch_of_signals_is_a_tensor():
    batch = signals(3)
    assert torch.equal(default_collate(batch), torch.stack([signal.samples for signal in batch]))


@pytest.mark.parametrize("workers", [0, pytest.param(2, marks=pytest.mark.slow)])
def test_a_data_loader_makes_batches_of_signals_in_dictionaries(workers):
    batch = signals(5)
    loader = DataLoader([{"sound": signal, "label": k} for k, signal in enumerate(batch)], 2, num_workers=workers)
    found = list(loader)
    assert [tuple(one["sound"].shape) for one in found] == [(2, 2, 10), (2, 2, 10), (1, 2, 10)]
    assert torch.equal(torch.cat([one["sound"] for one in found]), torch.stack([signal.samples for signal in batch]))
    assert torch.cat([one["label"] for one in found]).tolist() == [0, 1, 2, 3, 4]


def test_without_batches_a_data_loader_gives_the_signals_themselves():
    (found,) = DataLoader(signals(1), batch_size=None)
    assert isinstance(found, fx.Signal)
    assert found.sample_rate == 8000


@pytest.mark.parametrize(
    ("other", "says"),
    [
        (fx.Signal(torch.zeros(2, 10), 16_000), r"The sample rates differ: .* signal 1 Signal\(.* Resample them"),
        (fx.Signal(torch.zeros(2, 11), 8000), "The channels or lengths differ: .* Cut or pad them in the dataset"),
        (fx.Signal(torch.zeros(1, 10), 8000), "The channels or lengths differ"),
        (fx.Signal(torch.zeros(2, 10, dtype=torch.float64), 8000), "The dtypes differ: .* signal.to"),
    ],
)
def test_unequal_signals_raise(other, says):
    with pytest.raises(fx.SignalError, match=says):
        default_collate([*signals(1), other])


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_pinned_memory():
    assert signals(1)[0].pin_memory().samples.is_pinned()
    (found,) = DataLoader(signals(2), 2, pin_memory=True)
    assert found.is_pinned()
