"""Tests of `Renderer`: the values it sets, the output and the curves, and the previous values after an error."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import sosfilt

import fxlab as fx
from fxlab.panel.rendering.render_error import RenderError
from fxlab.panel.rendering.renderer import Renderer
from tests.panel.conftest import RATE


def filter_with_scipy(module: fx.LTI, signal: fx.Signal) -> np.ndarray:
    return np.asarray(sosfilt(module.sos(sample_rate=RATE).numpy(), signal.samples.double().numpy()))


def test_full_render_agrees_with_scipy(noise: fx.Signal) -> None:
    """Values are set by path; other parameters keep theirs, and unknown paths are ignored."""
    renderer = Renderer(fx.HighPass() | fx.Peak(), noise, "cpu")
    renderer.apply_values({"0.cutoff": 300.0, "1.gain_db": 9.0, "7.cutoff": 1.0})
    assert renderer.module[0].cutoff == 300.0
    expected = filter_with_scipy(fx.HighPass(cutoff=300.0) | fx.Peak(gain_db=9.0), noise)
    np.testing.assert_allclose(renderer.render_full().numpy(), expected, atol=1e-5)


@given(
    cutoff=st.floats(60.0, 3500.0),
    q=st.floats(0.3, 8.0),
    start=st.integers(0, 2 * RATE - 1),
    count=st.integers(1, RATE // 2),
)
@settings(max_examples=25, deadline=None)
def test_window_agrees_with_full_render(cutoff: float, q: float, start: int, count: int) -> None:
    """A window from any start is accurate to -90 dB, unless it is None because a complete render is needed."""
    signal = fx.Signal(0.2 * torch.randn(2, 2 * RATE, generator=torch.Generator().manual_seed(3)), RATE)
    renderer = Renderer(fx.LowPass(cutoff=cutoff, q=q) | fx.Peak(frequency=200.0, gain_db=6.0), signal, "cpu")
    count = min(count, signal.frames - start)
    window = renderer.render_window(start, count)
    if window is None:
        return
    assert window.shape == (2, count)
    full = renderer.render_full()
    assert (window - full[:, start : start + count]).abs().max() <= 3e-5 * full.abs().max()


@pytest.mark.parametrize("module", [fx.ZeroPhase(fx.LowPass()), fx.ZeroPhase(fx.LowPass()) | fx.Peak()], ids=repr)
def test_non_causal_module_is_rendered_completely(module: fx.Module, noise: fx.Signal) -> None:
    renderer = Renderer(module, noise, "cpu")
    assert renderer.render_window(0, 100) is None
    curves, _ = renderer.curves()
    assert "response" in curves
    assert torch.equal(renderer.render_full(), module(noise).samples)
    path = next(path for path, _, declaration in module.walk() if declaration.name == "cutoff")
    with pytest.raises(RenderError, match="cutoff is 1e"):
        renderer.apply_values({path: 1e6})


def test_window_is_used_where_the_memory_is_short(noise: fx.Signal) -> None:
    """`test_window_agrees_with_full_render` would pass if every window were None."""
    renderer = Renderer(fx.LowPass(cutoff=1000.0), noise, "cpu")
    assert renderer.render_window(RATE, RATE // 4) is not None
    ringing = Renderer(fx.Peak(frequency=20.0, gain_db=20.0, q=20.0), noise, "cpu")
    assert ringing.render_window(RATE, RATE // 4) is None, "its memory is longer than half the sound"


class FaultyAtSomeLevels(fx.Module):
    """A gain that raises an error, or returns no valid audio, at certain levels."""

    level = fx.Param(0.5, low=0.0, high=1.0)

    def forward(self, x: torch.Tensor, sample_rate: float) -> torch.Tensor:
        level = float(self.level)
        if level > 0.9:
            raise RuntimeError("a failure")
        invalid = {
            0.1: lambda: x * float("nan"),
            0.2: lambda: x * 1e9,
            0.3: lambda: x[0],
            0.4: lambda: x[:, :0],
            0.45: lambda: "sound",
        }
        return invalid.get(round(level, 3), lambda: level * x)()


@pytest.mark.parametrize(
    ("level", "message"),
    [
        (0.95, "FaultyAtSomeLevels raised RuntimeError: a failure"),
        (0.1, "NaN"),
        (0.2, "dBFS"),
        (0.3, r"shape \(16000,\)"),
        (0.4, r"shape \(2, 0\)"),
        (0.45, "str"),
    ],
)
def test_invalid_output_raises_and_restores_the_values(noise: fx.Signal, level: float, message: str) -> None:
    """Nothing is played, and the module keeps the values that play."""
    renderer = Renderer(FaultyAtSomeLevels(level=0.6), noise, "cpu")
    renderer.apply_values({"level": 0.7})
    torch.testing.assert_close(renderer.render_full(), 0.7 * noise.samples)
    renderer.apply_values({"level": level})
    with pytest.raises(RenderError, match=message):
        renderer.render_full()
    assert renderer.module.level == 0.7
    torch.testing.assert_close(renderer.render_full(), 0.7 * noise.samples)


def test_invalid_value_is_reported_by_path_and_no_value_is_set(noise: fx.Signal) -> None:
    """The values of one message are set all or none."""
    renderer = Renderer(fx.HighPass(cutoff=100.0) | fx.LowPass(cutoff=1000.0), noise, "cpu")
    with pytest.raises(RenderError, match=r"cutoff is 30000 Hz; it must be .*4000") as caught:
        renderer.apply_values({"0.cutoff": 200.0, "1.cutoff": 30_000.0, "1.q": 2.0})
    assert caught.value.path == "1.cutoff"
    assert [m.cutoff for m in renderer.module] == [100.0, 1000.0]
    with pytest.raises(RenderError, match="must be a number") as caught:
        renderer.apply_values({"0.q": "wide"})
    assert caught.value.path == "0.q"


def test_learned_parameter_stays_the_same_object(noise: fx.Signal) -> None:
    """Its optimizer must keep working."""
    learned = torch.nn.Parameter(torch.tensor(3.0))
    renderer = Renderer(fx.Peak(gain_db=learned), noise, "cpu")
    renderer.apply_values({"gain_db": 6.0})
    assert renderer.module.gain_db is learned
    assert learned.item() == 6.0
    assert not renderer.render_full().requires_grad


def test_curves_are_response_and_spectra(noise: fx.Signal) -> None:
    """In dB, input plus response is output, and each stage has its own curve."""
    renderer = Renderer(fx.HighPass(cutoff=200.0) | fx.LowPass(cutoff=1000.0), noise, "cpu")
    named, stages = renderer.curves()
    assert list(stages) == ["0", "1"]
    f = named["frequency"].double()
    inner = f < 0.95 * RATE / 2
    ratio = torch.tan(torch.pi * f / RATE)
    high = -10 * torch.log10(1 + (torch.tan(torch.tensor(torch.pi * 200 / RATE)) / ratio) ** 4)
    low = -10 * torch.log10(1 + (ratio / torch.tan(torch.tensor(torch.pi * 1000 / RATE))) ** 4)
    torch.testing.assert_close(named["response"][inner].double(), (high + low)[inner], atol=0.01, rtol=0)
    torch.testing.assert_close(stages["0"] + stages["1"], named["response"], atol=1e-3, rtol=0)
    torch.testing.assert_close(named["input"] + named["response"], named["output"])
    # White noise is flat, so that the measured spectrum of its filtered version follows the response.
    measured = renderer.output_spectrum(renderer.render_full())
    loud = (named["response"] > -30) & (f > 100)
    torch.testing.assert_close(measured[loud], named["output"][loud], atol=3.0, rtol=0)


def test_the_spectrum_of_an_earlier_output_is_dropped(noise: fx.Signal) -> None:
    renderer = Renderer(fx.Distortion(), noise, "cpu")
    for change in ({"signal": fx.sine(100.0, duration=0.5, sample_rate=8000)}, {"module": fx.Gain()}):
        assert renderer.output_spectrum(renderer.render_full()) is not None
        renderer.replace(**change)
        assert renderer.output_spectrum() is None


def test_taps_are_sent_as_they_are_and_very_many_as_minima_and_maxima(noise: fx.Signal) -> None:
    chain = fx.Chain(fx.LowPass(), fx.FIR([0.5, -0.25, 0.125]))
    renderer = Renderer(chain, noise, "cpu")
    assert renderer.curves()[0]["taps"].tolist() == [0.5, -0.25, 0.125]
    assert renderer.curve_notes["tap_count"] == 3
    many = torch.randn(20_001, generator=torch.Generator().manual_seed(1))
    renderer = Renderer(fx.FIR(many), noise, "cpu")
    drawn = renderer.curves()[0]["taps"]
    assert renderer.curve_notes["tap_count"] == 20_001
    assert len(drawn) <= 2048
    assert drawn.min() == many.min()
    assert drawn.max() == many.max()
    assert "taps" not in Renderer(fx.LowPass(), noise, "cpu").curves()[0]


@pytest.mark.parametrize("ends", [(2000.0, 3000.0), (100.0, 200.0)])
def test_both_ends_of_a_range_move_past_the_old_ones(noise: fx.Signal, ends: tuple[float, float]) -> None:
    """The new lower end alone is above the old upper end, or the new upper end below the old lower one."""
    renderer = Renderer(fx.augment.LowPass(cutoff=(500.0, 1000.0), p=1.0), noise, "cpu")
    renderer.apply_values({"cutoff.0": ends[0], "cutoff.1": ends[1]})
    assert renderer.module.cutoff == ends
    with pytest.raises(RenderError, match="the first number must not be larger") as caught:
        renderer.apply_values({"cutoff.0": 3900.0, "cutoff.1": ends[1]})
    assert caught.value.path == "cutoff.0"
    assert renderer.module.cutoff == ends
