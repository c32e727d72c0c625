"""Modules exported as C and as an AudioWorklet module compute what torch computes."""

from __future__ import annotations

import ctypes
import json
import shutil
import subprocess

import numpy as np
import pytest
import torch

import fxlab as fx
from tests.support.page_programs import RATE, error_db

X = 0.3 * torch.randn(2, 128 * 6, dtype=torch.float64, generator=torch.Generator().manual_seed(4))


def run_c(source: str, name: str, values: list[float], folder) -> torch.Tensor:
    compiler = shutil.which("gcc")
    if compiler is None:
        pytest.skip("gcc is not installed")
    (folder / "program.c").write_text(source)
    library = folder / "program.so"
    options = ["-std=c99", "-O1", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC"]
    subprocess.run([compiler, *options, str(folder / "program.c"), "-o", str(library), "-lm"], check=True)
    code = ctypes.CDLL(str(library))
    size = getattr(code, f"{name}_size")
    size.restype = ctypes.c_size_t
    state = ctypes.create_string_buffer(size())
    pointers = ctypes.POINTER(ctypes.c_double) * 2
    getattr(code, f"{name}_reset")(state)
    getattr(code, f"{name}_design")(state, (ctypes.c_double * max(1, len(values)))(*values))
    y, x = np.zeros((2, X.shape[-1])), X.numpy().copy()

    def rows(sound: np.ndarray, start: int):
        kind = ctypes.POINTER(ctypes.c_double)
        return pointers(*(sound[c, start:].ctypes.data_as(kind) for c in range(2)))

    for start in range(0, X.shape[-1], 128):
        getattr(code, f"{name}_process")(state, rows(x, start), rows(y, start))
    return torch.from_numpy(y)


@pytest.mark.parametrize(
    ("make", "other", "values"),
    [
        (
            lambda: fx.HighPass(90.0) | fx.Peak(700.0, 9.0, 2.0) | fx.Butterworth(4000.0, order=5),
            lambda: fx.HighPass(50.0) | fx.Peak(900.0, -3.0, 1.0) | fx.Butterworth(3000.0, order=5),
            [50.0, 2**-0.5, 900.0, -3.0, 1.0, 3000.0, 3000.0],
        ),
        (lambda: fx.LowPass(800.0) | fx.Compressor() | fx.Delay() | fx.Tremolo(), None, None),
    ],
    ids=["filters", "effects"],
)
def test_c_equals_torch(make, other, values, tmp_path):
    module = make()
    source = module.export("c-program", RATE, name="unit")
    if values is None:
        other = make
        values = [v for _, o, d in continuous(module) for v in d.stored(o).flatten().tolist()]
    else:
        paths = [path for path, _, _ in continuous(module)]
        assert len(paths) == len(values)
    assert error_db(run_c(source, "unit", values, tmp_path), other()(X, RATE)) < -140


def continuous(module):
    return [(path, owner, d) for path, owner, d in module.walk() if d.name in owner.continuous]


def test_an_operator_without_c_is_named():
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
