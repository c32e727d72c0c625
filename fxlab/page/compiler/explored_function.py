"""Tracing a function that `fx.explore` calls: from the numbers of its sliders to a sound and plots."""

from __future__ import annotations

import json
import math
import re
from typing import Any

import torch
from torch import Tensor

from fxlab.errors import CompileError, FxlabError
from fxlab.labs.exploration import Exploration
from fxlab.labs.plot import COLUMNS, ROWS, Picture, Plot, x_limits
from fxlab.labs.returned_values import convert_returned_value
from fxlab.module import Param
from fxlab.page.compiler.dependencies import dependencies
from fxlab.page.compiler.graph import GraphDrawing, number_mark
from fxlab.page.compiler.recorder import Recorder
from fxlab.page.compiler.source_line import source_line
from fxlab.signal import Signal

FIXED_POINT = re.compile(r"(?:\.(\d+))?f")
"""The formats in which a page can write a number, such as `f` and `.2f`."""
DEFAULT_DIGITS = 6


def run_function(recorder: Recorder, module: Exploration, x: Tensor, rate: float, dtype: torch.dtype) -> Tensor:
    """Call the function of a module with recorded numbers; return the sound, and add the drawings to the graph.

    If the function returns no sound, the result is `x`.

    Args:
        recorder: The recorder, which is recording.
        module: The module of the function, whose continuous parameters are recorded unless they keep their values.
        x: The recorded sound of the panel.
        rate: The sample rate of the sound in Hz.
        dtype: The dtype of the recorded numbers. As they have no dimensions, PyTorch mixes them with tensors in the
            same way as Python's numbers.

    Raises:
        CompileError: The function raises an error that is not an `FxlabError`, or returns a sound with a sample rate
            other than `rate`.
        FxlabError: The function raises it, or returns a value that can be neither played nor drawn.
    """
    values: dict[str, Any] = {}
    stored = module.values()
    for name, declaration in module.declarations.items():
        is_number = isinstance(declaration, Param) and recorder.is_tracked(stored[name])
        values[name] = stored[name].reshape(()).to(dtype) if is_number else module._value(name, declaration)
    playing = Signal(x, rate)
    signals = {name: signal or playing for name, signal in module.signals.items()}
    title = type(module).__name__
    try:
        returned = type(module).function(**signals, **values)
    except FxlabError:
        raise
    except Exception as error:
        if recorder.withheld:
            recorder.refuse_reading("scalar_value", recorder.withheld)
        raise CompileError(f"{title} raises {type(error).__name__} where the numbers are tensors: {error}.") from error
    sound, drawings = convert_returned_value(returned, title)
    for name, drawing in drawings.items():
        drawn = _plot(recorder, name, drawing) if isinstance(drawing, Plot) else _picture(recorder, name, drawing)
        recorder.graph.drawings.append(drawn)
    if sound is not None and sound.sample_rate != rate:
        raise CompileError(f"{title} returns a sound at {sound.sample_rate:g} Hz, and the panel plays at {rate:g} Hz.")
    return x if sound is None else sound.samples


def _plot(recorder: Recorder, name: str, plot: Plot) -> GraphDrawing:
    lines, vectors = plot.curves()
    x_range = plot.x_range
    if x_range is None and not any(recorder.is_tracked(x) for key, x in vectors.items() if key.startswith("x")):
        x_range = recorder.run(x_limits, vectors, plot.x_scale)
    fields = json.dumps(plot.fields(lines, x_range, plot.note), ensure_ascii=False)
    return GraphDrawing("plot", name, fields, {key: recorder.array(vector) for key, vector in vectors.items()})


def _picture(recorder: Recorder, name: str, picture: Picture) -> GraphDrawing:
    levels = torch.as_tensor(picture.levels).detach()
    if levels.ndim != 2 or not levels.numel():
        picture.drawing()  # raises the error
    rows, columns = levels.shape
    fields = json.dumps(picture.fields((min(rows, ROWS), min(columns, COLUMNS)), picture.top or 0.0))
    top = math.nan if picture.top is None else picture.top
    options = rows, columns, picture.depth, top
    return GraphDrawing("picture", name, fields, {"levels": recorder.array(levels.double())}, options)


def format_later(recorder: Recorder, number: Tensor, format: str) -> str:
    """Add a number to those that the page computes for its texts, and return the placeholder of its text.

    Raises:
        CompileError: The format is neither `f` nor one with a number of decimal places, such as `.2f`.
    """
    found = FIXED_POINT.fullmatch(format)
    if found is None:
        raise CompileError(
            f"{source_line(full=True)}: a page cannot write a number in the format {format!r}. Choose one with a fixed "
            "count of decimal places, such as {x:.2f}."
        )
    digits = DEFAULT_DIGITS if found[1] is None else int(found[1])
    recorder.graph.numbers.append(recorder.array(number.double().reshape(1)))
    return number_mark(len(recorder.graph.numbers) - 1, digits)


def is_setting(recorder: Recorder, condition: Tensor) -> bool:
    """Return whether a recorded condition depends on parameters alone, neither on the sound nor on a state."""
    return dependencies(recorder.graph, [recorder.view(condition).buffer])[1]
