"""The code and the presets of the panels of `explore` and of the labs."""

from __future__ import annotations

from typing import Any, Literal

import torch

import fxlab as fx


def rebuild(panel: fx.Panel, **scope: Any) -> fx.Module:
    """Return the module made by running `panel.code()` with these names in scope."""
    text = panel.code()
    assert [line.split()[1] for line in text.splitlines() if "has to be in scope" in line] == list(scope)
    exec(text, scope)
    return scope["module"]


def test_code_reopens_the_panel_with_changed_values(noise):
    def tone(frequency: float = 440.0, wave: Literal["sine", "square"] = "sine") -> fx.Signal:
        return fx.sine(frequency, 0.5, sample_rate=8000) * (1.0 if wave == "sine" else 0.5)

    def mixed(a: fx.Signal, b: fx.Signal, c: fx.Signal = noise * 2.0, mix: float = 0.5) -> fx.Signal:
        return a * (1 - mix) + b * mix + c

    panel = fx.explore(tone)
    panel.module.frequency, panel.module.wave = 1000.0, "square"
    again = rebuild(panel, tone=tone)
    assert repr(again) == repr(panel.module) == "tone(frequency=1000.0, wave='square')"
    panel = fx.explore(mixed, noise, b=noise * 3.0)
    panel.module.mix = torch.nn.Parameter(torch.tensor(0.25))
    again = rebuild(panel, mixed=mixed, signal=noise, b=noise * 3.0)
    torch.testing.assert_close(again(noise).samples, panel.output.samples)
    assert isinstance(again.mix, torch.nn.Parameter)
    again = rebuild(fx.explore(lambda n=3: [n]), function=lambda n=3: [n])
    assert again.n == 3


def test_code_of_a_lab_reopens_it(noise):
    panel = fx.spectrogram_lab(noise)
    panel.module.window, panel.module.log = "blackman", False
    assert repr(rebuild(panel, signal=noise)) == "spectrogram(window='blackman', log=False)"
    panel = fx.convolution_lab(noise, noise.between(0.0, 0.002))
    panel.module.shift = 7
    again = rebuild(panel, signal=noise, kernel=noise.between(0.0, 0.002))
    torch.testing.assert_close(again(noise).samples, panel.output.samples)
    assert rebuild(fx.convolution_lab()).shift == 32


def test_preset_recalls_its_own_function(noise):
    """Functions may share a name, as lambdas do, or have the name of a class of fxlab."""

    def LowPass(sound: fx.Signal, cutoff: float = 0.5) -> fx.Signal:
        return sound * cutoff

    first, second = fx.explore(lambda gain=0.5: fx.sine(100.0, 0.1) * gain), fx.explore(LowPass, noise)
    for panel, name, value in ((first, "gain", 0.25), (second, "cutoff", 0.75)):
        fx.explore(lambda gain=1.0, other=2.0: [gain, other])
        module = panel.module
        setattr(module, name, value)
        panel.presets["mine"] = module
        output = panel.output
        setattr(module, name, 1.0)
        panel.presets.recall("mine")
        assert panel.module is module
        assert getattr(module, name) == value
        torch.testing.assert_close(panel.output.samples, output.samples)
        panel.undo()
        assert getattr(module, name) == 1.0
    assert fx.Module.from_dict(fx.LowPass(cutoff=100.0).to_dict()).cutoff == 100.0
