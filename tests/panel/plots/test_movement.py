"""Tests of the answer to `moments`: values and responses of what moves during a part of the sound."""

from __future__ import annotations

import numpy as np
import torch

import fxlab as fx
from fxlab.panel.plots.frequency_grid import frequency_grid
from fxlab.panel.plots.movement import moments
from fxlab.panel.rendering.renderer import Renderer
from fxlab.signal import Signal

RATE = 8000
NOISE = torch.randn(1, 5 * RATE, generator=torch.Generator().manual_seed(3)) * torch.linspace(0.0, 0.3, 5 * RATE)


def renderer(module: fx.Module) -> Renderer:
    return Renderer(module, Signal(NOISE, RATE), "cpu")


def test_values_and_responses_are_those_of_each_moment():
    chain = fx.Peak(gain_db=3.0) | fx.LowPass(cutoff=fx.LFO(1.0, 100.0, 1000.0))
    frequencies = frequency_grid(RATE)
    fields, (values, levels) = moments(renderer(chain), 2.0, 1.0)
    assert (fields["paths"], fields["stage_paths"], fields["limits"]) == (["1.cutoff"], ["1"], [[100.0, 1000.0]])
    times = 2.0 + fields["step"] * np.arange(fields["count"])
    expected = 100.0 * 10 ** (0.5 + 0.5 * np.sin(2 * np.pi * times))
    np.testing.assert_allclose(np.frombuffer(values, "<f4"), expected, rtol=1e-5)
    curves = np.frombuffer(levels, "<i2").reshape(fields["curve_count"], 2, len(frequencies)) / 100
    for number in (0, 5, fields["curve_count"] - 1):
        frozen = chain.frozen_at(2.0 + number * fields["curve_step"])
        for row, part in ((0, frozen), (1, frozen[1])):
            level = 20 * part.response(frequencies, sample_rate=RATE).abs().clamp(min=10**-7.5).log10()
            np.testing.assert_allclose(curves[number, row], level, atol=0.006)


def test_without_movement_there_is_nothing_to_send():
    fields, buffers = moments(renderer(fx.LowPass()), 0.0, 1.0)
    assert fields["paths"] == []
    assert [len(buffer) for buffer in buffers] == [0, 0]


def test_a_module_without_a_response_has_values_only():
    tremolo = fx.Tremolo(depth=fx.LFO(1.0, 0.2, 0.8))
    fields, (values, levels) = moments(renderer(tremolo), 0.0, 0.5)
    assert fields["paths"] == ["depth"]
    assert not fields["has_response"]
    assert len(values) == 4 * fields["count"]
    assert levels == b""


def test_a_long_request_is_shortened_and_one_channel_is_shown():
    lowpass = fx.LowPass(cutoff=fx.LFO(1.0, 100.0, 1000.0, phase=torch.tensor([[0.0, 90.0]])))
    fields, (values, _) = moments(renderer(lowpass), 0.0, 1000.0)
    assert fields["count"] < 1000
    assert len(values) == 4 * fields["count"]


def test_a_follower_is_where_the_input_has_brought_it():
    """In the second stage too, whose input is the output of the first."""
    wah = fx.Gain(gain_db=6.0) | fx.LowPass(cutoff=fx.Follower(attack_ms=5.0, release_ms=50.0, low=200.0, high=3000.0))
    fields, (values, levels) = moments(renderer(wah), 3.0, 0.5)
    assert fields["paths"] == ["1.cutoff"]
    samples = (RATE * (3.0 + fields["step"] * torch.arange(fields["count"]))).round().long() // 16 * 16
    amplified = NOISE * 10 ** (6 / 20)
    expected, _ = wah[1].cutoff.evaluate_block(amplified, 0, samples, RATE, "log", None)
    np.testing.assert_allclose(np.frombuffer(values, "<f4"), expected.flatten(), rtol=0.03)
    assert len(levels) == 2 * 2 * fields["curve_count"] * len(frequency_grid(RATE))
