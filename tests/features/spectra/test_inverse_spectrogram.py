"""The parameters of the inverses of spectra that no comparison with torchaudio covers."""

from __future__ import annotations

import pytest
import torch

import fxlab as fx


def test_a_seed_that_pytorch_does_not_accept_is_refused():
    power = torch.ones(1, 129, 4)
    assert fx.GriffinLim(n_fft=256, n_iter=1, seed=2**64 - 1)(power, sample_rate=8000).isfinite().all()
    with pytest.raises(fx.ParameterError, match=r"seed is .*; it must be .* at most 18446744073709551615"):
        fx.GriffinLim(n_fft=256, seed=2**64)
