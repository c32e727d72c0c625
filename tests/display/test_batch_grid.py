"""The grid of spectrograms with players."""

from __future__ import annotations

import pytest
import torch

import fxlab as fx


def test_a_grid_has_a_picture_and_a_player_for_each_sound():
    batch = torch.randn(5, 1, 4000) * 0.1
    grid = fx.show_batch(batch, 16_000, labels=["a", "b", "<c>", "d", "e"], columns=2, limit=3)
    html = grid._repr_mimebundle_()["text/html"]
    assert html.count("<img") == html.count("<audio") == 3
    assert html.count("<tr>") == 2
    assert "The first 3 of 5 sounds" in html
    assert "<c>" not in html
    assert repr(grid) == "<batch of 5 sounds of 0.25 s at 16000 Hz, the first 3 shown>"


def test_signals_and_silence():
    grid = fx.show_batch([fx.silence(0.1), fx.sine(440.0, duration=0.1)], labels=torch.tensor([0, 1]))
    assert grid.labels == ["0", "1"]
    assert grid._repr_mimebundle_()["text/html"].count("<audio") == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((torch.zeros(4), 8000), "must be"),
        ((torch.zeros(2, 1, 4),), "no sample rate"),
        (([],), "at least one"),
    ],
)
def test_what_is_no_batch_is_rejected(arguments, message):
    with pytest.raises(fx.SignalError, match=message):
        fx.show_batch(*arguments)


def test_labels_and_columns_are_checked():
    with pytest.raises(fx.ParameterError, match="1 labels and 2 sounds"):
        fx.show_batch(torch.zeros(2, 4), 8000, labels=["a"])
    with pytest.raises(fx.ParameterError, match="columns is 0"):
        fx.show_batch(torch.zeros(2, 4), 8000, columns=0)
