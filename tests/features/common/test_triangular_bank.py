"""Banks of triangular bands: the warning of empty ones promises only what is true."""

from __future__ import annotations

import pytest
import torch

import fxlab as fx

RATE = 16_000


@pytest.mark.parametrize(("width", "n_fft"), [(1e-4, 400), (1e-4, 1 << 20)])
def test_no_n_fft_is_promised_if_none_was_found(width, n_fft):
    mel = fx.MelSpectrogram(n_fft=n_fft, f_min=100.0, f_max=100.0 + width, n_mels=8)
    with pytest.warns(UserWarning, match="bands are empty") as caught:
        mel.bank(RATE, torch.float64, torch.device("cpu"))
    message = str(caught[0].message)
    assert "all bands have a bin" not in message
    assert message.endswith("Use fewer bands, or a larger f_min.")


@pytest.mark.parametrize("f_max", [200.0, 101.0])
def test_the_promised_n_fft_fills_all_bands(f_max):
    mel = fx.MelSpectrogram(f_min=100.0, f_max=f_max, n_mels=8)
    with pytest.warns(UserWarning, match=r"With n_fft=\d+ all bands have a bin") as caught:
        mel.bank(RATE, torch.float64, torch.device("cpu"))
    mel.n_fft = int(str(caught[0].message).split("With n_fft=")[1].split()[0])
    bank = mel.bank(RATE, torch.float64, torch.device("cpu"))
    assert bool((bank.amax(0) > 0).all())
