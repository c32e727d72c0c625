"""`moments`: the values of parameters that move during a part of the sound, and the responses meanwhile."""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.module import Chain, Module
from fxlab.module.compose.sum import Sum
from fxlab.module.parameters.freeze_controls import freeze_at_times, moving_parameters
from fxlab.panel.plots.frequency_grid import decibels
from fxlab.panel.plots.stage_responses import stage_responses
from fxlab.panel.protocol import Moments

VALUE_STEP = 0.01  # seconds
CURVE_STEP = 1 / 16  # seconds
MAX_SECONDS = 2.0
MAX_LEVEL_DB = 327.0  # a level in hundredths of a decibel is sent as int16


def moments(
    module: Module, frequencies: Tensor, rate: float, start: float, seconds: float
) -> tuple[Moments, list[bytes]]:
    """Return the fields of the answer to `moments`, and its buffers; see `fxlab.panel.protocol.Moments`.

    Args:
        module: The module, whose parameters may move.
        frequencies: The grid of the responses in Hz, on the device of the module.
        rate: The sample rate in Hz.
        start: The beginning of the part, in seconds.
        seconds: Its duration, of which at most `MAX_SECONDS` are used.
    """
    seconds = min(max(seconds, 0.0), MAX_SECONDS)
    count, curve_count = (round(seconds / step) + 1 for step in (VALUE_STEP, CURVE_STEP))
    paths, values, limits = _values(module, rate, start + VALUE_STEP * torch.arange(count, dtype=torch.float64))
    total, stages = None, dict[str, Tensor]()
    if paths:
        times = start + CURVE_STEP * torch.arange(curve_count, dtype=torch.float64)
        total, stages = _levels(module, frequencies, rate, times, paths)
    curves = [*(() if total is None else (total,)), *stages.values()]
    fields: Moments = {
        "start": start,
        "step": VALUE_STEP,
        "count": count,
        "paths": paths,
        "limits": limits,
        "curve_step": CURVE_STEP,
        "curve_count": curve_count,
        "has_response": total is not None,
        "stage_paths": list(stages),
    }
    # At each moment the responses of all curves, so that the page reads a moment from one place.
    packed = torch.stack(curves, 1) if curves else torch.zeros(0)
    hundredths = (100 * packed.clamp(-MAX_LEVEL_DB, MAX_LEVEL_DB)).round().to(torch.int16)
    return fields, [values.float().numpy().tobytes(), hundredths.contiguous().numpy().tobytes()]


def _values(module: Module, rate: float, times: Tensor) -> tuple[list[str], Tensor, list[list[float]]]:
    """Return the paths of the parameters whose values are known, the values `(paths, times)`, and their limits."""
    names = {part: path for path, part in module.named_modules()}
    paths, rows, limits = [], [], []
    for part, name, control in moving_parameters(module):
        if control.has_state:
            continue
        scale = getattr(part.declarations[name], "scale", "linear")
        with torch.no_grad():
            found = control.evaluate(times * rate, rate, scale).reshape(-1, len(times))[0]
        rows.append(found.cpu())
        paths.append(f"{names[part]}.{name}" if names[part] else name)
        limits.append([float(limit.detach().flatten()[0]) for limit in control.limits()])
    return paths, torch.stack(rows) if rows else torch.zeros(0, len(times)), limits


def _levels(
    module: Module, frequencies: Tensor, rate: float, times: Tensor, paths: list[str]
) -> tuple[Tensor | None, dict[str, Tensor]]:
    """Return the response and those of the stages that move, `(times, frequencies)` in dB."""
    with torch.no_grad():
        total, parts, _ = stage_responses(freeze_at_times(module, times), frequencies, rate)
    shape = (len(times), len(frequencies))
    has_stages = isinstance(module, (Chain, Sum))
    heads = {path.partition(".")[0] for path in paths} if has_stages else set()
    stages = {path: decibels(part).expand(shape).cpu() for path, part in parts.items() if path in heads}
    return None if total is None else decibels(total).expand(shape).cpu(), stages
