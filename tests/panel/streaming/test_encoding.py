"""Tests of int16 encoding: it is accurate to half a step."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from fxlab.panel.streaming.encoding import encode_int16, int16_scale


@pytest.mark.parametrize("level", [1e-6, 0.03, 1.0, 8.0, 1e4])
def test_encoding_error_is_half_a_step_at_any_level(level: float) -> None:
    """The scale uses the full range of 16 bits, so that a step is 90 dB below the peak, at any level."""
    x = level * torch.randn(3, 5000, generator=torch.Generator().manual_seed(1))
    scale = int16_scale(x)
    decoded = torch.from_numpy(np.frombuffer(encode_int16(x, scale), "<i2").reshape(3, 5000).copy()) * scale
    assert (decoded - x).abs().max() <= 0.51 * scale
    assert scale == pytest.approx(float(x.abs().max()) / 32767)


def test_silence_is_encoded_as_zeros() -> None:
    """The scale of silence is not zero."""
    x = torch.zeros(1, 100)
    assert int16_scale(x) > 0
    assert set(np.frombuffer(encode_int16(x, int16_scale(x)), "<i2")) == {0}
