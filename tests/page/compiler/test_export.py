"""Modules exported as C and as an AudioWorklet module compute what torch computes."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest
import torch

import fxlab as fx
from fxlab.page.compiler.c_runtime import RUNTIME
from tests.support.c_programs import run_c
from tests.support.page_programs import RATE, error_db

X = 0.3 * torch.randn(2, 128 * 6, dtype=torch.float64, generator=torch.Generator().manual_seed(4))
CASES = {
    "filters": (
        lambda: fx.HighPass(90.0) | fx.Peak(700.0, 9.0, 2.0) | fx.Butterworth(4000.0, order=5),
        lambda: fx.HighPass(50.0) | fx.Peak(900.0, -3.0, 1.0) | fx.Butterworth(3000.0, order=5),
    ),
    "effects": (
        lambda: fx.LowPass(800.0) | fx.Compressor() | fx.Delay() | fx.Tremolo(),
        lambda: fx.LowPass(500.0) | fx.Compressor(threshold_db=-30.0) | fx.Delay(feedback=0.7) | fx.Tremolo(),
    ),
    "operators": (
        lambda: space(fx.GraphicEQ([6, -9, 3, 0, 12, -12, 1, 2, -3, 5]), 0.4),
        lambda: space(fx.GraphicEQ([3, -2, 3, 0, 1, -12, 1, 9, -3, 5]), 0.7),
    ),
    "order": (lambda: Ordered(0.5), lambda: Ordered(0.9)),
}


class Ordered(fx.StatefulModule):
    """A module that sorts groups of 16 samples, many of which are equal, and adds parts of them that overlap."""

    gain = fx.Param(0.5, low=0.0, high=1.0)

    def forward_block(self, x, state, sample_rate):
        groups = x.reshape(*x.shape[:-1], x.shape[-1] // 16, 16)
        values, places = torch.round(self.gain * 4 * groups).sort(-1, descending=True)
        y = values.scatter(-1, places[..., :4], groups) + groups.scatter_add(-1, places, groups.sort(-1).values)
        parts = groups.unfold(-1, 4, 2) * self.gain
        y = y + torch.ops.aten.unfold_backward(parts, groups.shape, -1, 4, 2) + values.argmax(-1, keepdim=True)
        return y.reshape(x.shape), state


def space(eq, mix):
    """Return a chain that uses operators with memory, Fourier transforms and systems of equations."""
    impulse = torch.randn(700, dtype=torch.float64, generator=torch.Generator().manual_seed(6))
    wet = fx.ConvolutionReverb(impulse, mix=mix) | fx.Reverb(mix=mix) | fx.FeedbackDelayNetwork(mix=mix)
    return eq | fx.FrequencySampling() | fx.Ladder() | wet


@pytest.mark.parametrize("name", CASES)
def test_c_equals_torch(name, tmp_path):
    modules = [make() for make in CASES[name]]
    for module, output in zip(modules, run_c(modules[0], modules, X, tmp_path), strict=True):
        assert error_db(output, module(X, RATE)) < -140


def test_a_program_says_by_how_much_it_is_late():
    for chain in (fx.Chorus() | fx.Limiter(), fx.Limiter() | fx.Delay()):
        assert "output is late" in chain.export("c-program", RATE)


def test_an_operator_without_c_is_named(monkeypatch):
    monkeypatch.delitem(RUNTIME, "convolver")
    with pytest.raises(fx.CompileError, match="convolver"):
        fx.ConvolutionReverb([0.0] * 300 + [1.0]).export("c", RATE)


def test_a_worklet_computes_what_torch_computes(tmp_path):
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node is not installed")
    head = """
let made;
globalThis.AudioWorkletProcessor = class { port = {}; };
globalThis.registerProcessor = (_, kind) => { made = kind; };
"""
    tail = f"""
const node = new made();
node.port.onmessage({{ data: {{ cutoff: 500 }} }});
const x = {X[:, :256].tolist()}, y = [[], []];
for (const start of [0, 128]) {{
  const output = [new Float32Array(128), new Float32Array(128)];
  node.process([x.map((row) => row.slice(start, start + 128))], [output]);
  output.forEach((row, i) => y[i].push(...row));
}}
console.log(JSON.stringify(y));
"""
    (tmp_path / "worklet.js").write_text(head + fx.LowPass(2000.0).export("worklet", RATE) + tail)
    done = subprocess.run([node, str(tmp_path / "worklet.js")], capture_output=True, text=True, check=True)
    y = torch.tensor(json.loads(done.stdout), dtype=torch.float64)
    assert error_db(y, fx.LowPass(500.0)(X[:, :256], RATE)) < -100


@pytest.mark.parametrize("channels", [0, -1, 1.5, "2", True])
def test_the_number_of_channels_is_checked(channels):
    with pytest.raises(fx.ParameterError, match=r"channels is .*; it must be a whole number of at least 1"):
        fx.Compressor().export("c-program", 48_000, channels=channels)
