"""Runs that leave PyTorch's random state as it was."""

from __future__ import annotations

import pytest
import torch

from fxlab.analysis.isolated_run import preserve_random_state


def test_the_random_state_of_the_cpu_is_restored():
    before = torch.get_rng_state()
    with preserve_random_state(torch.device("cpu")):
        torch.rand(3)
    assert torch.equal(torch.get_rng_state(), before)


def test_the_random_state_of_mps_is_restored(monkeypatch):
    """A substitute for an Apple GPU, whose functions take no number of a device; also after an error."""
    state, restored = torch.tensor([1, 2]), []
    monkeypatch.setattr(torch.mps, "get_rng_state", state.clone)
    monkeypatch.setattr(torch.mps, "set_rng_state", restored.append)

    def run():
        with preserve_random_state(torch.device("mps")):
            state[:] = 9
            raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"):
        run()
    assert torch.equal(restored[0], torch.tensor([1, 2]))
