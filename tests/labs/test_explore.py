"""`explore`: the slider of each argument, and the conversion of the results."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

import numpy as np
import pytest
import torch

import fxlab as fx
from fxlab.errors import ParameterError


def controls(panel: fx.Panel) -> dict[str, dict[str, Any]]:
    (stage,) = panel.spec["stages"]
    return {param["path"]: param for param in stage["params"]}


def tabs(panel: fx.Panel) -> list[str]:
    return [tab["name"] for tab in panel.spec["views"]]


def test_slider_ranges_follow_defaults_and_declarations():
    def tone(
        share: float = 0.25,
        frequency: float = 440.0,
        gain_db: float = -6.0,
        order: int = 3,
        loud: bool = True,
        wave: Literal["sine", "square"] = "sine",
        cutoff: float = fx.Param(1000.0, low=20.0, high=20_000.0, unit="Hz", scale="log"),
        q: Annotated[float, fx.Param(1.0, low=0.1, high=10.0)] = 2.0,
    ) -> dict[str, Any]:
        return {"line": [share, frequency, gain_db, order, cutoff, q, float(loud), len(wave)]}

    panel = fx.explore(tone)
    found = controls(panel)
    ranges = {name: (p["low"], p["high"], p["value"], p["unit"]) for name, p in found.items() if "low" in p}
    assert ranges["share"] == (0.0, 1.0, 0.25, "")
    assert ranges["frequency"] == (0.0, 1760.0, 440.0, "")
    assert ranges["gain_db"] == (-24.0, 24.0, -6.0, "dB")
    assert ranges["order"] == (1, 12, 3, "")
    assert ranges["cutoff"] == (20.0, 20_000.0, 1000.0, "Hz")
    assert ranges["q"] == (0.1, 10.0, 2.0, "")
    assert (found["loud"]["kind"], found["wave"]["kind"], found["wave"]["choices"]) == (
        "switch",
        "choice",
        ["sine", "square"],
    )
    assert panel.spec["title"] == "tone"


def test_signal_is_played_and_curves_are_drawn_for_the_current_values(noise):
    calls = []

    def shaped(sound: fx.Signal, drive: float = 1.0) -> tuple[fx.Signal, dict[str, torch.Tensor]]:
        calls.append(drive)
        x = torch.linspace(-1, 1, 5)
        return sound * drive, {"curve": (x, drive * x)}

    panel = fx.explore(shaped, noise)
    assert tabs(panel)[:2] == ["Curves", "magnitude"]
    assert {"spectrogram", "waveform", "levels"} <= set(tabs(panel))
    assert panel.spec["open_views"] == ["Curves"]
    panel._renderer.apply_values({"drive": 0.5})
    torch.testing.assert_close(panel._renderer.render_full(), 0.5 * noise.samples)
    fields, drawn = panel._renderer.draw_view("Curves")
    assert drawn["y0"].tolist() == [-0.5, -0.25, 0.0, 0.25, 0.5]
    assert fields["forms"][0]["lines"][0]["label"] == "curve"
    assert calls == [1.0, 0.5], "once for each set of values"


def test_generated_signal_is_played():
    def tone(frequency: float = 440.0) -> fx.Signal:
        return fx.sine(frequency, 0.5, sample_rate=8000)

    panel = fx.explore(tone)
    assert (panel.spec["rate"], panel.spec["frames"], panel.spec["has_output"]) == (8000, 4000, True)
    assert panel.spec["takes_input"] is False, "there is no input to compare the output with"
    panel._renderer.apply_values({"frequency": 1000.0})
    torch.testing.assert_close(panel.output.samples, fx.sine(1000.0, 0.5, sample_rate=8000).samples)


def shaped(sound: fx.Signal, drive: float = fx.Param(1.0, low=0.0, high=4.0), bias: float = 0.0) -> fx.Signal:
    return sound * drive + bias


def test_literal_of_numbers_passes_numbers():
    def window(n: Literal[4, 8, 16] = 8) -> torch.Tensor:
        return torch.hann_window(n)

    panel = fx.explore(window)
    assert controls(panel)["n"]["choices"] == ["4", "8", "16"]
    panel._renderer.apply_values({"n": "16"})
    assert len(panel._renderer.draw_view("Curves")[1]["y0"]) == 16


def test_generator_is_not_measured(noise):
    """Views that measure a transfer need a function with an input signal."""

    def tone(frequency: float = 440.0) -> fx.Signal:
        return fx.sine(frequency, 0.5)

    def softened(sound: fx.Signal, k: float = 0.5) -> fx.Signal:
        return fx.Signal(torch.tanh(k * sound.samples), sound.sample_rate)

    measured = {"Phase", "Delay", "Transfer", "Harmonics", "Gain"}
    assert measured.isdisjoint(tab["label"] for tab in fx.explore(tone).spec["views"])
    assert measured <= {tab["label"] for tab in fx.explore(softened, noise).spec["views"]}


def test_analysis_function_plays_its_input_without_comparison(noise):
    def crest(sound: fx.Signal, length: int = 512) -> fx.Plot:
        return fx.Plot({"crest": sound.samples[0].unfold(0, length, length).abs().amax(-1)})

    panel = fx.explore(crest, noise)
    torch.testing.assert_close(panel.output.samples, noise.samples)
    assert panel.spec["takes_input"] is False
    assert [tab["label"] for tab in panel.spec["views"]] == ["Plot", "Magnitude", "Spectrogram", "Waveform", "Levels"]


def test_view_returns_when_the_function_draws_it_again():
    def now_and_then(k: float = 0.5) -> dict[str, list[float]] | fx.Signal:
        return {"line": [k, 1 - k]} if k > 0.2 else fx.sine(440.0, 0.1)

    panel = fx.explore(now_and_then)
    panel._renderer.apply_values({"k": 0.1})
    assert "returned no 'Curves'" in panel._renderer.draw_view("Curves")[0]["error"]
    assert tabs(panel) == ["Curves"]
    panel._renderer.apply_values({"k": 0.75})
    assert panel._renderer.draw_view("Curves")[1]["y0"].tolist() == [0.75, 0.25]


def test_unnamed_drawings_are_numbered():
    def several(k: float = 0.5) -> tuple[Any, ...]:
        return [k], [k, k], np.eye(3, dtype=bool), fx.Plot({"a": [1.0]}), fx.Plot({"b": [k]})

    panel = fx.explore(several)
    assert tabs(panel) == ["Curves", "Picture", "Plot", "Plot 2"]
    assert [line["label"] for line in panel._renderer.draw_view("Curves")[0]["forms"][0]["lines"]] == [
        "Value",
        "Value 2",
    ]


def test_axis_limits_ignore_nonfinite_and_nonpositive_values():
    frequency = torch.tensor([0.0, 50.0, 100.0, float("nan")])
    assert fx.Plot({"a": (frequency, [1.0] * 4)}, x_scale="log").drawing()[0]["x"]["low"] == 50.0
    assert fx.Plot({"a": (frequency, [1.0] * 4)}).drawing()[0]["x"]["high"] == 100.0


def test_many_curves_have_distinct_styles_and_nonfinite_plot_has_a_note():
    fields, _ = fx.Plot({str(n): [0.0, float(n)] for n in range(16)}).drawing()
    assert len({(line["color"], line["style"]) for line in fields["forms"][0]["lines"]}) == 16
    assert "No value is finite" in fx.Plot({"a": [math.nan, math.inf]}).drawing()[0]["note"]
    assert fx.Plot({"a": [math.nan, 1.0]}).drawing()[0]["note"] == ""


def test_function_that_only_draws_has_no_output_and_matrix_is_a_picture():
    def table(n: int = 4) -> tuple[np.ndarray, list[float]]:
        return np.outer(np.arange(n), np.arange(6)), [float(n)] * 3

    panel = fx.explore(table)
    assert panel.spec["has_output"] is False
    assert tabs(panel) == ["Curves", "Picture"]
    fields, drawn = panel._renderer.draw_view("Picture")
    assert (fields["rows"], fields["columns"]) == (4, 6)
    assert drawn["levels"].reshape(4, 6)[0, -1] == 255, "the last row is the top one"
    assert drawn["levels"].reshape(4, 6)[-1, 0] == 0


def test_other_signals_are_passed_by_name(noise):
    def mixed(a: fx.Signal, b: fx.Signal, mix: float = 0.5) -> fx.Signal:
        return a * (1 - mix) + b * mix

    panel = fx.explore(mixed, noise, b=noise * 3.0)
    torch.testing.assert_close(panel.output.samples, 2 * noise.samples)
    with pytest.raises(ParameterError, match=r"needs a signal for 'b'; write fx.explore\(mixed, voice, b=…\)"):
        fx.explore(mixed, noise)
    with pytest.raises(ParameterError, match="has no signal 'c'; its signals are: a, b"):
        fx.explore(mixed, noise, c=noise)


def test_positional_only_arguments_have_sliders(noise):
    def driven(sound: fx.Signal, drive: float = 0.5, /, n: int = np.int64(2), *rest: float) -> fx.Signal:  # type: ignore[assignment]
        assert not rest
        return sound * drive * n

    panel = fx.explore(driven, noise)
    assert list(controls(panel)) == ["drive", "n"]
    panel._renderer.apply_values({"drive": 0.25})
    torch.testing.assert_close(panel.output.samples, 0.5 * noise.samples)


def test_many_channels_may_be_short():
    def scale(sound: fx.Signal, gain: float = 0.5) -> fx.Signal:
        return sound * gain

    many = fx.Signal(torch.ones(70, 200), 8000).between(0.0, 0.005)
    torch.testing.assert_close(fx.explore(scale, many).output.samples, 0.5 * many.samples)
