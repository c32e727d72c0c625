"""Augmentations that a panel plays, as programs: each draw sounds as in torch, and its drawn values are shown."""

from __future__ import annotations

import torch

import fxlab as fx
from fxlab import augment
from fxlab.augment.audition import Audition
from tests.support.page_programs import error_db, run_programs

RATE = 8000
X = 0.1 * torch.randn(1, 3001, dtype=torch.float64, generator=torch.Generator().manual_seed(1))


def field():
    filters = [augment.LowPass(cutoff=(500, 3000), p=0.7), augment.HighPass(cutoff=(100, 1500), p=0.7)]
    hiss = augment.AddColoredNoise(snr_db=(0, 30), decay=(-1, 2), p=0.8)
    return augment.Compose([augment.Shift(p=0.7), augment.OneOf(filters), hiss, augment.Gain(p=0.7)], seed=3)


def test_every_draw_sounds_as_in_torch(tmp_path, monkeypatch):
    monkeypatch.setattr(Audition.declarations["draw"], "high", 4)
    panel = field().panel(fx.Signal(X, RATE))
    page = panel.module.page(panel.signal)
    panel.close()
    assert "drawn" in [view["name"] for view in page.description["spec"]["views"]]
    (program,) = page.programs.values()
    runs = [{"values": {"draw": draw}, "input": X} for draw in (1, 2, 4)]
    (result,) = run_programs([{"program": program, "runs": runs}], tmp_path)
    for draw, run in zip((1, 2, 4), result["runs"], strict=True):
        expected = Audition(field(), draw=draw)
        assert error_db(run["output"], expected(X, RATE)) < -140
        shown = [f"{value.label}: {value.text}" for value in expected.last_values]
        (drawing,) = run["drawings"]
        assert drawing["fields"]["forms"][0]["y"]["labels"] == ["", *shown[::-1]]
