"""Functions that `fx.explore` calls, as programs: their sound, curves, pictures and notes are those of Python."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import fxlab as fx
from fxlab.page.compiler import compile_module
from tests.support.course_pages import drawing_error
from tests.support.page_programs import error_db, run_programs, values_of

RATE = 8000
TIMES = torch.arange(4000, dtype=torch.float64) / RATE
SOUND = fx.Signal(0.1 * torch.randn(1, 4000, generator=torch.Generator().manual_seed(1)), RATE)


def tone(frequency: fx.Param(500.0, low=100.0, high=3000.0, unit="Hz", scale="log"), level_db: float = -6.0):
    if frequency < 3000:
        samples = 10 ** (level_db / 20) * torch.sin(2 * torch.pi * frequency * TIMES)
    note = f"peak {samples.abs().max():.3f}, {samples.mean():.1f} at {frequency:.0f} Hz"
    lines = {"tone": samples[::7], "times": (frequency * TIMES[:20], samples[:20])}
    return fx.Signal(samples, RATE), fx.Plot(lines, stems=("times",), note=note)


def wave(frequency: fx.Param(1500.0, low=200.0, high=3000.0, unit="Hz"), shape: fx.Choice("saw", ("saw", "square"))):
    return {"saw": fx.sawtooth, "square": fx.square}[shape](frequency, 0.25, sample_rate=RATE, level_db=-12)


def picture(sound: fx.Signal, frame: fx.Choice("64", ("64", "256")), top: float = 3.0):
    power = torch.fft.rfft(sound.samples[0].unfold(0, int(frame), 3)).abs().square()
    return fx.Picture(top * power.T, ("s", 0.0, sound.duration), depth=40.0), {"variance": power.var(0) * top}


def part(sound: fx.Signal, start: float = 0.05, q: float = 2.0):
    heard = sound.between(start, start + 0.4) | fx.BandPass(1000.0, q)
    heard = heard * (0.1 / heard.samples.square().mean().sqrt().item())
    return {"Part": fx.Plot({"heard": heard.samples[0]}, note=f"{fx.loudness(heard):.2f} LUFS")}


def windows(hop: fx.Count(64, low=50, high=66)):
    total = torch.zeros(300)
    for start in range(0, 200, hop):
        total[start : start + 50] += torch.hann_window(50)
    return {"total": total}


def hiss(color: fx.Choice("pink", ("white", "pink")), gain: float = 0.5):
    g = torch.Generator().manual_seed(7)
    drawn = torch.randn(10_003, generator=g) + torch.rand(10_003, generator=torch.Generator().manual_seed(8))
    return fx.noise(color, 0.4, sample_rate=RATE, seed=2**33 + 5), {"drawn": drawn[::9] * gain, "more": drawn[-20:]}


def robot(sound: fx.Signal, hop: fx.Count(64, low=60, high=70)):
    w = torch.hann_window(256)
    X = torch.stft(sound.samples[0].float(), 256, hop, window=w, return_complex=True)
    return fx.Signal(torch.istft(X.abs().to(X.dtype), 256, hop, window=w, length=sound.frames), RATE)


CASES = [
    (hiss, None, [{}, {"color": "white"}]),
    (robot, SOUND, [{}, {"hop": 61}]),
    (tone, None, [{}, {"frequency": 1234.6, "level_db": -20.0}]),
    (wave, None, [{}, {"frequency": 290.0}, {"frequency": 2999.0, "shape": "square"}]),
    (picture, SOUND, [{}, {"frame": "256", "top": 0.5}]),
    (part, SOUND, [{}, {"start": 0.08771, "q": 5.0}]),
    (windows, None, [{}, {"hop": 61}]),
]


def set_values(module, changes):
    """Give the parameters these values, and all others their defaults."""
    for name, declaration in module.declarations.items():
        setattr(module, name, changes.get(name, declaration.default))


def test_functions_give_the_sound_and_the_drawings_of_python(tmp_path):
    panels = [fx.explore(function, *([] if sound is None else [sound])) for function, sound, _ in CASES]
    jobs = []
    for panel, (_, _, settings) in zip(panels, CASES, strict=True):
        signal = panel.signal
        program = compile_module(panel.module, signal.sample_rate, signal.channels, frames=signal.frames)
        runs = []
        for changes in settings:
            for name, value in changes.items():
                setattr(panel.module, name, value)
            runs.append({"values": values_of(panel.module), "input": signal.samples.double()})
        jobs.append({"program": program.javascript, "runs": runs})
    for panel, result, (_, _, settings) in zip(panels, run_programs(jobs, tmp_path), CASES, strict=True):
        assert "error" not in result, result["error"]
        for changes, run in zip(settings, result["runs"], strict=True):
            module = panel.module
            set_values(module, changes)
            y = module(panel.signal.samples.double(), sample_rate=panel.signal.sample_rate)
            # The page computes in float64, and Python's short-time transforms in float32.
            assert error_db(run["output"], y) < (-120 if y.dtype == torch.float64 else -110)
            assert drawing_error(module, panel.signal, run["drawings"]) < -90
        panel.close()


def test_the_spectrogram_lab_has_all_of_its_settings(tmp_path):
    panel = fx.spectrogram_lab(SOUND)
    module = panel.module
    (program,) = module.page(SOUND).programs.values()
    settings = [
        {},
        {"window": "hamming", "length": "64", "hop": "1/2", "zeros": "8"},
        {"window": "blackman-harris", "length": "2048", "hop": "1", "log": False},
        {"window": "blackman", "length": "128"},
        {"window": "rectangular", "length": "256", "hop": "1/16"},
    ]
    runs = [{"values": changes, "input": SOUND.samples.double()} for changes in settings]
    (result,) = run_programs([{"program": program, "runs": runs}], tmp_path)
    for changes, run in zip(settings, result["runs"], strict=True):
        set_values(module, changes)
        assert drawing_error(module, SOUND, run["drawings"]) < -120
        assert torch.equal(run["output"], SOUND.samples.double())
    panel.close()


def test_a_branch_by_a_value_is_a_limit_of_the_page(tmp_path):
    def branch(frequency: fx.Param(500.0, low=100.0, high=3000.0)):
        return {"y": TIMES[:50] * frequency if frequency < 1000 else TIMES[:50]}

    panel = fx.explore(branch)
    program = compile_module(panel.module, RATE, 1, frames=100)
    run = {"values": {"frequency": 2000.0}, "input": torch.zeros(1, 100)}
    (result,) = run_programs([{"program": program.javascript, "runs": [run]}], tmp_path)
    assert "no program for these values of frequency" in result["error"]
    panel.close()


def by_numpy(gain: float = 0.5):
    return {"y": np.arange(5) * float(gain)}


def by_format(gain: float = 0.5):
    return fx.Plot({"y": gain * TIMES[:5]}, note=f"{gain:e}")


def by_sound(sound: fx.Signal, gain: float = 0.5):
    return {"y": sound.samples[0] * (gain if sound.samples.max() > 0 else 1.0)}


@pytest.mark.parametrize(
    ("function", "message"),
    [(by_numpy, "no slider"), (by_format, r"format 'e'.*:\.2f"), (by_sound, "depends on the sound")],
)
def test_a_function_that_cannot_be_traced_says_why(function, message):
    panel = fx.explore(function, *([SOUND] if function is by_sound else []))
    with pytest.raises(fx.CompileError, match=message):
        panel.module.page(panel.signal)
    panel.close()
