"""Augmentations that a panel plays, as programs: each draw sounds as in torch, and its drawn values are shown."""

from __future__ import annotations

import torch

import fxlab as fx
from fxlab import augment
from fxlab.augment.audition import Audition
from fxlab.engine.resampling.polyphase import convert_rate
from fxlab.page.compiler import variants
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


def test_draws_that_change_speed_length_and_sample_rate(tmp_path, monkeypatch):
    """The output is converted to the rate of the sound, and the draws of a stretch have lengths of their own."""
    monkeypatch.setattr(Audition.declarations["draw"], "high", 3)
    x = X[..., :1200]
    stretch = augment.TimeStretch(leave_length_unchanged=False, mode="per_batch")
    both = augment.Compose([stretch, augment.Resample()], seed=2)
    jobs, notes = [], []
    for augmentation in (both, augment.TimeStretch(seed=2)):
        panel = augmentation.panel(fx.Signal(x, RATE))
        page = panel.module.page(panel.signal)
        panel.close()
        notes.append(" ".join(page.notes))
        (program,) = page.programs.values()
        jobs.append({"program": program, "runs": [{"values": {"draw": draw}, "input": x} for draw in (1, 2, 3)]})
    assert "converted to the 8000 Hz of the sound" in notes[0]
    assert "converted" not in notes[1]
    lengths = set()
    for augmentation, result in zip((both, augment.TimeStretch(seed=2)), run_programs(jobs, tmp_path), strict=True):
        for draw, run in zip((1, 2, 3), result["runs"], strict=True):
            one = Audition(augmentation, draw=draw)
            expected = convert_rate(one(x, RATE), one.output_rate(RATE), RATE)
            assert run["output"].shape == expected.shape
            assert error_db(run["output"], expected) < -140
            lengths.add(expected.shape[-1])
    assert len(lengths) == 4


def test_a_page_without_all_draws_says_so(monkeypatch):
    monkeypatch.setattr(variants, "WHOLE_LIMITS", (256, 100))
    monkeypatch.setattr(Audition.declarations["draw"], "high", 2)
    page = Audition(augment.Gain(seed=1), draw=2).page(fx.Signal(X, RATE))
    assert "This page has only draw 2" in " ".join(page.notes)
