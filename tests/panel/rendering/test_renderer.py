"""A render: the values set, the sound made, and the module as it was where that fails."""

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


def by_scipy(module: fx.LTI, signal: fx.Signal) -> np.ndarray:
    return np.asarray(sosfilt(module.sos(sample_rate=RATE).numpy(), signal.samples.double().numpy()))


def test_whole_is_what_scipy_makes_of_the_values(noise: fx.Signal) -> None:
    """The values arrive by path, and what the page does not know of stays."""
    renderer = Renderer(fx.HighPass() | fx.Peak(), noise, "cpu")
    renderer.apply_values({"0.cutoff": 300.0, "1.gain_db": 9.0, "7.cutoff": 1.0})
    assert renderer.module[0].cutoff == 300.0
    expected = by_scipy(fx.HighPass(cutoff=300.0) | fx.Peak(gain_db=9.0), noise)
    np.testing.assert_allclose(renderer.render_full().numpy(), expected, atol=1e-5)


@given(
    cutoff=st.floats(60.0, 3500.0),
    q=st.floats(0.3, 8.0),
    start=st.integers(0, 2 * RATE - 1),
    count=st.integers(1, RATE // 2),
)
@settings(max_examples=25, deadline=None)
def test_a_window_is_a_part_of_the_whole(cutoff: float, q: float, start: int, count: int) -> None:
    """To -90 dB, from wherever it starts; or it says that it cannot, and the whole is rendered."""
    signal = fx.Signal(0.2 * torch.randn(2, 2 * RATE, generator=torch.Generator().manual_seed(3)), RATE)
    renderer = Renderer(fx.LowPass(cutoff=cutoff, q=q) | fx.Peak(frequency=200.0, gain_db=6.0), signal, "cpu")
    count = min(count, signal.frames - start)
    part = renderer.render_window(start, count)
    if part is None:
        return
    assert part.shape == (2, count)
    whole = renderer.render_full()
    assert (part - whole[:, start : start + count]).abs().max() <= 3e-5 * whole.abs().max()


@pytest.mark.parametrize("module", [fx.ZeroPhase(fx.LowPass()), fx.ZeroPhase(fx.LowPass()) | fx.Peak()], ids=repr)
def test_what_looks_ahead_is_rendered_whole(module: fx.Module, noise: fx.Signal) -> None:
    renderer = Renderer(module, noise, "cpu")
    assert renderer.render_window(0, 100) is None
    curves, _ = renderer.curves()
    assert "response" in curves
    assert torch.equal(renderer.render_full(), module(noise).samples)
    path = next(path for path, _, declaration in module.walk() if declaration.name == "cutoff")
    with pytest.raises(RenderError, match="cutoff is 1e"):
        renderer.apply_values({path: 1e6})


def test_a_window_is_really_taken(noise: fx.Signal) -> None:
    """The test above would pass if every window were refused."""
    renderer = Renderer(fx.LowPass(cutoff=1000.0), noise, "cpu")
    assert renderer.render_window(RATE, RATE // 4) is not None
    ringing = Renderer(fx.Peak(frequency=20.0, gain_db=20.0, q=20.0), noise, "cpu")
    assert ringing.render_window(RATE, RATE // 4) is None, "it remembers longer than half the sound"


class Fussy(fx.Module):
    """Raises, or returns what is no sound, at certain levels."""

    level = fx.Param(0.5, low=0.0, high=1.0)

    def forward(self, x: torch.Tensor, sample_rate: float) -> torch.Tensor:
        level = float(self.level)
        if level > 0.9:
            raise RuntimeError("the lamp has burnt out")
        broken = {
            0.1: lambda: x * float("nan"),
            0.2: lambda: x * 1e9,
            0.3: lambda: x[0],
            0.4: lambda: x[:, :0],
            0.45: lambda: "sound",
        }
        return broken.get(round(level, 3), lambda: level * x)()


@pytest.mark.parametrize(
    ("level", "words"),
    [
        (0.95, "Fussy raised RuntimeError: the lamp has burnt out"),
        (0.1, "NaN"),
        (0.2, "dBFS"),
        (0.3, r"shape \(16000,\)"),
        (0.4, r"shape \(2, 0\)"),
        (0.45, "str"),
    ],
)
def test_what_cannot_be_played_is_a_fault_and_changes_nothing(noise: fx.Signal, level: float, words: str) -> None:
    """No burst of noise, and the module keeps the values that are heard."""
    renderer = Renderer(Fussy(level=0.6), noise, "cpu")
    renderer.apply_values({"level": 0.7})
    torch.testing.assert_close(renderer.render_full(), 0.7 * noise.samples)
    renderer.apply_values({"level": level})
    with pytest.raises(RenderError, match=words):
        renderer.render_full()
    assert renderer.module.level == 0.7
    torch.testing.assert_close(renderer.render_full(), 0.7 * noise.samples)


def test_a_value_that_is_not_valid_names_its_path_and_undoes_its_neighbours(noise: fx.Signal) -> None:
    """All or nothing: a page's values are one message."""
    renderer = Renderer(fx.HighPass(cutoff=100.0) | fx.LowPass(cutoff=1000.0), noise, "cpu")
    with pytest.raises(RenderError, match=r"cutoff is 30000 Hz; allowed is .*4000") as caught:
        renderer.apply_values({"0.cutoff": 200.0, "1.cutoff": 30_000.0, "1.q": 2.0})
    assert caught.value.path == "1.cutoff"
    assert [m.cutoff for m in renderer.module] == [100.0, 1000.0]
    with pytest.raises(RenderError, match="must be a number") as caught:
        renderer.apply_values({"0.q": "wide"})
    assert caught.value.path == "0.q"


def test_a_learned_parameter_stays_the_same_object(noise: fx.Signal) -> None:
    """Its optimizer goes on with it."""
    learned = torch.nn.Parameter(torch.tensor(3.0))
    renderer = Renderer(fx.Peak(gain_db=learned), noise, "cpu")
    renderer.apply_values({"gain_db": 6.0})
    assert renderer.module.gain_db is learned
    assert learned.item() == 6.0
    assert not renderer.render_full().requires_grad


def test_curves_are_the_response_and_the_spectra(noise: fx.Signal) -> None:
    """Input plus response is output, in dB, and each stage has its own curve."""
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
    # White noise is flat; what the filter leaves of it, measured, is what the curve says.
    measured = renderer.output_spectrum(renderer.render_full())
    loud = (named["response"] > -30) & (f > 100)
    torch.testing.assert_close(measured[loud], named["output"][loud], atol=3.0, rtol=0)


def test_taps_are_told_as_they_are_and_of_very_many_what_they_reach(noise: fx.Signal) -> None:
    made = fx.Chain(fx.LowPass(), fx.FIR([0.5, -0.25, 0.125]))
    renderer = Renderer(made, noise, "cpu")
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
