"""`rendered_positions`: a set of renders in place of a program, for a module that cannot be compiled."""

from __future__ import annotations

import base64
import copy
import json
from typing import Any

import torch
from torch import Tensor

from fxlab.engine.resampling.polyphase import convert_rate
from fxlab.errors import ParameterError
from fxlab.module import Module
from fxlab.module.parameters.continuous import Continuous
from fxlab.page.compiler import CompiledModule
from fxlab.panel.controls.control_binding import ControlBinding, control_bindings
from fxlab.signal import Signal

POSITIONS = 9
"""The number of evenly spaced slider positions that are rendered, besides the present value."""
FULL_SCALE = 32_767

PROGRAM = """(engine) => {
  const path = PATH;
  const places = PLACES;
  const scales = SCALES;
  const renders = RENDERS;
  const place = (value) => (IS_LOG ? Math.log(value) : value);
  const decode = (text) => new Int16Array(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
  return {
    rate: RATE, channels: CHANNELS, outputChannels: OUTPUTS, latency: 0, live: false, blockSize: FRAMES,
    parameters: [path], fixed: {}, steps: ["index"],
    design(values) {
      const wanted = place(values[path] ?? PRESENT);
      let index = 0;
      places.forEach((value, i) => {
        if (Math.abs(place(value) - wanted) < Math.abs(place(places[index]) - wanted)) index = i;
      });
      return { index: Float64Array.of(index) };
    },
    response() {
      return [];
    },
    createProcessor() {
      return {
        states: [],
        copyState() {},
        reset() {},
        process(input, output, { index: [index] }) {
          const samples = decode(renders[index]);
          output.forEach((channel, c) => {
            for (let i = 0; i < FRAMES; i++) channel[i] = samples[c * FRAMES + i] * scales[index];
          });
        },
      };
    },
  };
}
"""


def rendered_positions(module: Module, signal: Signal) -> tuple[CompiledModule, str]:
    """Return a program that plays renders at positions of the first slider, and the page's note about the renders.

    Raises:
        ParameterError: The module has no parameter with a slider.
    """
    path, binding = _first_slider(module)
    declaration = binding.declaration
    assert isinstance(declaration, Continuous)
    low, high = declaration.span(signal.sample_rate)
    present = float(binding.value)
    places = [declaration.from_slider(n / (POSITIONS - 1), signal.sample_rate) for n in range(POSITIONS)]
    places = sorted({*places, present})
    rendered = [_render(module, signal, path, value) for value in places]
    scales = [max(float(y.abs().max()), 1e-9) / FULL_SCALE for y in rendered]
    texts = [
        base64.b64encode((y / scale).round().to(torch.int16).numpy().astype("<i2").tobytes()).decode("ascii")
        for y, scale in zip(rendered, scales, strict=True)
    ]
    fields: dict[str, Any] = {
        "PATH": path,
        "PLACES": places,
        "SCALES": scales,
        "IS_LOG": declaration.scale == "log",
        "RATE": signal.sample_rate,
        "CHANNELS": signal.channels,
        "OUTPUTS": len(rendered[0]),
        "FRAMES": signal.frames,
        "PRESENT": present,
        "RENDERS": texts,  # the last one, because their text could hold one of the other names
    }
    text = PROGRAM
    for name, value in fields.items():
        text = text.replace(name, json.dumps(value))
    reach = f"{declaration.label} from {low:g} to {high:g} {declaration.unit}".rstrip()
    note = (
        f"This page plays {len(places)} renders of {reach}, the nearest one to the slider, since the module cannot be "
        "compiled."
    )
    return CompiledModule(text, [path], live=False, latency=0.0, is_rendered=True), note


def _first_slider(module: Module) -> tuple[str, ControlBinding]:
    for path, binding in control_bindings(module):
        if isinstance(binding.declaration, Continuous) and isinstance(binding.value, float):
            return path, binding
    raise ParameterError(f"page: {module!r} has no parameter with a slider, so there are no positions to render.")


def _render(module: Module, signal: Signal, path: str, value: float) -> Tensor:
    """Return the output for `value` at `path`, `(channels, time)`, in float32.

    The output is converted to the sample rate of the signal, and cut or padded to the length of the signal.
    """
    changed = copy.deepcopy(module)
    dict(control_bindings(changed))[path].set(value)
    with torch.no_grad():
        y = changed(signal.samples.detach().cpu(), sample_rate=signal.sample_rate).float()
        y = convert_rate(y, changed.output_rate(signal.sample_rate), signal.sample_rate)
    return torch.nn.functional.pad(y[..., : signal.frames], (0, max(0, signal.frames - y.shape[-1])))
