"""A plain function as a panel: which slider each argument has, what it returns, and what is said of what cannot be."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

import numpy as np
import pytest
import torch

import fxlab as fx
from fxlab.errors import ParameterError, SignalError
from fxlab.panel.rendering.renderer import Renderer


def controls(panel: fx.Panel) -> dict[str, dict[str, Any]]:
    (stage,) = panel.spec["stages"]
    return {param["path"]: param for param in stage["params"]}


def tabs(panel: fx.Panel) -> list[str]:
    return [tab["name"] for tab in panel.spec["views"]]


def test_every_argument_has_the_slider_that_its_default_asks_for():
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


def test_a_sound_is_played_and_curves_are_drawn_and_both_follow_the_values(noise):
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


def test_a_function_that_makes_its_sound_itself_is_heard():
    def tone(frequency: float = 440.0) -> fx.Signal:
        return fx.sine(frequency, 0.5, sample_rate=8000)

    panel = fx.explore(tone)
    assert (panel.spec["rate"], panel.spec["frames"], panel.spec["has_output"]) == (8000, 4000, True)
    assert panel.spec["takes_input"] is False, "there is no input to compare it with"
    panel._renderer.apply_values({"frequency": 1000.0})
    torch.testing.assert_close(panel.output.samples, fx.sine(1000.0, 0.5, sample_rate=8000).samples)


def shaped(sound: fx.Signal, drive: float = fx.Param(1.0, low=0.0, high=4.0), bias: float = 0.0) -> fx.Signal:
    return sound * drive + bias


def test_a_choice_of_numbers_gives_the_function_numbers():
    def window(n: Literal[4, 8, 16] = 8) -> torch.Tensor:
        return torch.hann_window(n)

    panel = fx.explore(window)
    assert controls(panel)["n"]["choices"] == ["4", "8", "16"]
    panel._renderer.apply_values({"n": "16"})
    assert len(panel._renderer.draw_view("Curves")[1]["y0"]) == 16


def test_what_makes_its_sound_of_nothing_is_not_measured(noise):
    """There is no input that it does something to."""

    def tone(frequency: float = 440.0) -> fx.Signal:
        return fx.sine(frequency, 0.5)

    def softened(sound: fx.Signal, k: float = 0.5) -> fx.Signal:
        return fx.Signal(torch.tanh(k * sound.samples), sound.sample_rate)

    measured = {"Phase", "Delay", "Transfer", "Harmonics", "Gain"}
    assert measured.isdisjoint(tab["label"] for tab in fx.explore(tone).spec["views"])
    assert measured <= {tab["label"] for tab in fx.explore(softened, noise).spec["views"]}


def test_what_only_looks_at_a_sound_plays_it_and_is_not_compared_with_it(noise):
    def crest(sound: fx.Signal, length: int = 512) -> fx.Plot:
        return fx.Plot({"crest": sound.samples[0].unfold(0, length, length).abs().amax(-1)})

    panel = fx.explore(crest, noise)
    torch.testing.assert_close(panel.output.samples, noise.samples)
    assert panel.spec["takes_input"] is False
    assert [tab["label"] for tab in panel.spec["views"]] == ["Plot", "Magnitude", "Spectrogram", "Waveform", "Levels"]


@pytest.mark.parametrize("name", ["function", "needs", "training", "values", "panel"])
def test_an_argument_cannot_be_called_what_the_module_has_already(name):
    made: dict[str, Any] = {}
    exec(f"def bad({name}=0.5): return [{name}]", made)
    with pytest.raises(ParameterError, match=f"'{name}'"):
        fx.explore(made["bad"])


def test_a_view_comes_back_when_the_function_draws_it_again():
    def now_and_then(k: float = 0.5) -> dict[str, list[float]] | fx.Signal:
        return {"line": [k, 1 - k]} if k > 0.2 else fx.sine(440.0, 0.1)

    panel = fx.explore(now_and_then)
    panel._renderer.apply_values({"k": 0.1})
    assert "gave no 'Curves'" in panel._renderer.draw_view("Curves")[0]["error"]
    assert tabs(panel) == ["Curves"]
    panel._renderer.apply_values({"k": 0.75})
    assert panel._renderer.draw_view("Curves")[1]["y0"].tolist() == [0.75, 0.25]


def test_of_several_without_a_name_none_is_lost():
    def several(k: float = 0.5) -> tuple[Any, ...]:
        return [k], [k, k], np.eye(3, dtype=bool), fx.Plot({"a": [1.0]}), fx.Plot({"b": [k]})

    panel = fx.explore(several)
    assert tabs(panel) == ["Curves", "Picture", "Plot", "Plot 2"]
    assert [line["label"] for line in panel._renderer.draw_view("Curves")[0]["forms"][0]["lines"]] == [
        "Value",
        "Value 2",
    ]


def test_places_that_no_axis_can_show_do_not_hide_the_others():
    frequency = torch.tensor([0.0, 50.0, 100.0, float("nan")])
    assert fx.Plot({"a": (frequency, [1.0] * 4)}, x_scale="log").drawing()[0]["x"]["low"] == 50.0
    assert fx.Plot({"a": (frequency, [1.0] * 4)}).drawing()[0]["x"]["high"] == 100.0


def test_of_many_curves_no_two_look_alike_and_an_empty_plot_says_why():
    fields, _ = fx.Plot({str(n): [0.0, float(n)] for n in range(16)}).drawing()
    assert len({(line["color"], line["style"]) for line in fields["forms"][0]["lines"]}) == 16
    assert "None of the numbers is finite" in fx.Plot({"a": [math.nan, math.inf]}).drawing()[0]["note"]
    assert fx.Plot({"a": [math.nan, 1.0]}).drawing()[0]["note"] == ""


def test_what_only_draws_has_no_sound_and_an_image_is_one():
    def table(n: int = 4) -> tuple[np.ndarray, list[float]]:
        return np.outer(np.arange(n), np.arange(6)), [float(n)] * 3

    panel = fx.explore(table)
    assert panel.spec["has_output"] is False
    assert tabs(panel) == ["Curves", "Picture"]
    fields, drawn = panel._renderer.draw_view("Picture")
    assert (fields["rows"], fields["columns"]) == (4, 6)
    assert drawn["levels"].reshape(4, 6)[0, -1] == 255, "the last row is the top one"
    assert drawn["levels"].reshape(4, 6)[-1, 0] == 0


def test_other_signals_come_by_name(noise):
    def mixed(a: fx.Signal, b: fx.Signal, mix: float = 0.5) -> fx.Signal:
        return a * (1 - mix) + b * mix

    panel = fx.explore(mixed, noise, b=noise * 3.0)
    torch.testing.assert_close(panel.output.samples, 2 * noise.samples)
    with pytest.raises(ParameterError, match=r"needs a signal for 'b'; write fx.explore\(mixed, voice, b=…\)"):
        fx.explore(mixed, noise)
    with pytest.raises(ParameterError, match="has no signal 'c'; its signals are: a, b"):
        fx.explore(mixed, noise, c=noise)


def test_arguments_without_a_name_to_call_them_by_have_sliders_too(noise):
    def driven(sound: fx.Signal, drive: float = 0.5, /, n: int = np.int64(2), *rest: float) -> fx.Signal:  # type: ignore[assignment]
        assert not rest
        return sound * drive * n

    panel = fx.explore(driven, noise)
    assert list(controls(panel)) == ["drive", "n"]
    panel._renderer.apply_values({"drive": 0.25})
    torch.testing.assert_close(panel.output.samples, 0.5 * noise.samples)


def unreadable(a: Nowhere = 0.5) -> list[float]:  # type: ignore[name-defined]  # noqa: F821
    return [a]


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (lambda x: [x], r"function, argument 'x': what is it\? Give it a default"),
        (lambda a=math.nan: [a], "argument 'a': a=nan has no slider"),
        (
            lambda *args, **options: [1.0],
            r"takes \*args and \*\*options, which have no names for sliders",
        ),
        (max, "max does not say which arguments it takes; write a function around it, such as def demo"),
        (fx.LowPass(), r"LowPass\(\) is a module, which has a panel of its own"),
        (unreadable, "an annotation of unreadable cannot be read: name 'Nowhere' is not defined"),
        (lambda x="name": [1.0], r"x='name' has no slider"),
        (lambda x=1.0: "text", "returned str; return a Signal to hear it"),
        (lambda x=1.0: {"a": torch.zeros(2, 2, 2)}, "Curves"),
        (lambda x=1.0: (), "nothing to hear or to see"),
        (lambda x=1.0: ["a", "b"], "no vector of numbers"),
        (lambda x=1.0: [torch.ones(3), torch.ones(3)], "no vector of numbers"),
        (lambda x=1.0: torch.fft.rfft(torch.ones(8)), "returned complex numbers"),
        (lambda function=1.0: [function], "cannot be called 'function'"),
    ],
)
def test_what_cannot_be_is_said(function, said):
    if said == "Curves":
        fields, _ = fx.explore(function)._renderer.draw_view("Curves")
        assert "a curve has one dimension" in fields["error"]
        return
    with pytest.raises(ParameterError, match=said):
        fx.explore(function)


def test_a_sound_of_another_rate_and_a_function_that_raises_are_faults_of_the_move():
    def tone(rate: int = 8000) -> fx.Signal:
        if rate == 3:
            raise ZeroDivisionError("no rate")
        return fx.sine(100.0, 0.5, sample_rate=rate)

    panel = fx.explore(tone)
    renderer = Renderer(panel.module, panel.signal, "cpu")  # the panel's own is its thread's, which notices all this
    for value, said in ((16_000, "keep to one sample rate"), (3, "no rate")):
        renderer.apply_values({"rate": value})
        with pytest.raises(Exception, match=said):
            renderer.render_full()
        assert panel.module.rate == 8000
    with pytest.raises(SignalError):
        fx.Signal([], 8000)


def made_again(panel: fx.Panel, **scope: Any) -> fx.Module:
    """What `panel.code()` makes where these names are known."""
    text = panel.code()
    assert [line.split()[1] for line in text.splitlines() if "has to be in scope" in line] == list(scope)
    exec(text, scope)
    return scope["module"]


def test_the_code_opens_the_panel_again_with_the_values_that_were_moved(noise):
    def tone(frequency: float = 440.0, wave: Literal["sine", "square"] = "sine") -> fx.Signal:
        return fx.sine(frequency, 0.5, sample_rate=8000) * (1.0 if wave == "sine" else 0.5)

    def mixed(a: fx.Signal, b: fx.Signal, c: fx.Signal = noise * 2.0, mix: float = 0.5) -> fx.Signal:
        return a * (1 - mix) + b * mix + c

    panel = fx.explore(tone)
    panel.module.frequency, panel.module.wave = 1000.0, "square"
    again = made_again(panel, tone=tone)
    assert repr(again) == repr(panel.module) == "tone(frequency=1000.0, wave='square')"
    panel = fx.explore(mixed, noise, b=noise * 3.0)
    panel.module.mix = torch.nn.Parameter(torch.tensor(0.25))
    again = made_again(panel, mixed=mixed, signal=noise, b=noise * 3.0)
    torch.testing.assert_close(again(noise).samples, panel.output.samples)
    assert isinstance(again.mix, torch.nn.Parameter)
    again = made_again(fx.explore(lambda n=3: [n]), function=lambda n=3: [n])
    assert again.n == 3


def test_the_code_of_a_laboratory_opens_it_again(noise):
    panel = fx.spectrogram_lab(noise)
    panel.module.window, panel.module.log = "blackman", False
    assert repr(made_again(panel, signal=noise)) == "spectrogram(window='blackman', log=False)"
    panel = fx.convolution_lab(noise, noise.between(0.0, 0.002))
    panel.module.shift = 7
    again = made_again(panel, signal=noise, kernel=noise.between(0.0, 0.002))
    torch.testing.assert_close(again(noise).samples, panel.output.samples)
    assert made_again(fx.convolution_lab()).shift == 32


def test_a_preset_goes_back_to_the_function_that_it_is_of(noise):
    """Many may have one name, as those without any have, and one that a class of fxlab has."""

    def LowPass(sound: fx.Signal, cutoff: float = 0.5) -> fx.Signal:
        return sound * cutoff

    first, second = fx.explore(lambda gain=0.5: fx.sine(100.0, 0.1) * gain), fx.explore(LowPass, noise)
    for panel, name, value in ((first, "gain", 0.25), (second, "cutoff", 0.75)):
        fx.explore(lambda gain=1.0, other=2.0: [gain, other])
        module = panel.module
        setattr(module, name, value)
        panel.presets["mine"] = module
        heard = panel.output
        setattr(module, name, 1.0)
        panel.presets.recall("mine")
        assert panel.module is module
        assert getattr(module, name) == value
        torch.testing.assert_close(panel.output.samples, heard.samples)
        panel.undo()
        assert getattr(module, name) == 1.0
    assert fx.Module.from_dict(fx.LowPass(cutoff=100.0).to_dict()).cutoff == 100.0
