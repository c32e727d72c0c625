"""`moments`: the values of the parameters that move, and the responses, during a part of the sound."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
import torch
from torch import Tensor

from fxlab.errors import FxlabError
from fxlab.module import Chain, Module
from fxlab.module.compose.sum import Sum
from fxlab.module.parameters.clock import start_at
from fxlab.module.parameters.freeze_controls import freeze_at_times, moving_parameters
from fxlab.module.parameters.moving_value import MovingValue
from fxlab.module.parameters.moving_values import record_evaluations
from fxlab.panel.plots.frequency_grid import decibels
from fxlab.panel.plots.stage_responses import stage_responses
from fxlab.panel.protocol import Moments
from fxlab.panel.rendering.renderer import Renderer

VALUE_STEP = 0.01  # seconds
CURVE_STEP = 1 / 16  # seconds
MAX_SECONDS = 2.0
MAX_LEVEL_DB = 327.0  # a level in hundredths of a decibel is sent as int16
SETTLING_SECONDS = 0.25  # seconds of input before a part, for the filters in front of a follower
TOLERANCE = 1e-3  # the fraction of earlier input that may remain in the value of a follower

Key = tuple[str, str]
"""The path of a part, and the name of its parameter that moves."""


def moments(renderer: Renderer, start: float, seconds: float) -> tuple[Moments, list[bytes]]:
    """Return the fields of the answer to `moments`, and its buffers; see `fxlab.panel.protocol.Moments`.

    Args:
        renderer: The owner of the module and of the input, which a `Follower` follows.
        start: The beginning of the part of the sound, in seconds.
        seconds: The duration of the part, of which at most `MAX_SECONDS` are used.
    """
    module, rate = renderer.module, renderer.signal.sample_rate
    start, seconds = max(start, 0.0), min(max(seconds, 0.0), MAX_SECONDS)
    count, curve_count = (round(seconds / step) + 1 for step in (VALUE_STEP, CURVE_STEP))
    value_times, curve_times = (
        start + step * torch.arange(n, dtype=torch.float64)
        for step, n in ((VALUE_STEP, count), (CURVE_STEP, curve_count))
    )
    controls = _controls(module)
    rows = _values(module, controls, renderer.x, rate, value_times)
    paths = [".".join(filter(None, key)) for key in rows]
    total, stages = None, dict[str, Tensor]()
    if rows:
        followed = {key: row for key, row in rows.items() if controls[key].has_state}
        known = {key: _interpolate(curve_times, value_times, row) for key, row in followed.items()}
        frozen, frequencies = freeze_at_times(module, curve_times, known), renderer.frequencies.to(renderer.device)
        total, stages = _levels(frozen, frequencies, rate, curve_count, paths)
    fields: Moments = {
        "start": start,
        "step": VALUE_STEP,
        "count": count,
        "paths": paths,
        "limits": [[float(limit.detach().flatten()[0]) for limit in controls[key].limits()] for key in rows],
        "curve_step": CURVE_STEP,
        "curve_count": curve_count,
        "has_response": total is not None,
        "stage_paths": list(stages),
    }
    # At each moment the responses of all curves, so that the page reads a moment from one place.
    curves = [*(() if total is None else (total,)), *stages.values()]
    packed = torch.stack(curves, 1) if curves else torch.zeros(0)
    hundredths = (100 * packed.clamp(-MAX_LEVEL_DB, MAX_LEVEL_DB)).round().to(torch.int16)
    values = torch.stack(list(rows.values())) if rows else torch.zeros(0)
    return fields, [values.float().numpy().tobytes(), hundredths.contiguous().numpy().tobytes()]


def _controls(module: Module) -> dict[Key, MovingValue]:
    paths = {id(part): path for path, part in module.named_modules()}
    return {(paths[id(part)], name): control for part, name, control in moving_parameters(module)}


def _values(
    module: Module, controls: dict[Key, MovingValue], x: Tensor, rate: float, times: Tensor
) -> dict[Key, Tensor]:
    """Return the values of each control at `times`, in seconds, `(times,)`; of a batch, those of the first example.

    A control that follows the input is omitted if the module did not evaluate it, for example because the input ended
    before. `x` is the input, `(channels, time)`, and `rate` its sample rate in Hz.
    """
    parts = dict(module.named_modules())
    followers = _recorded(module, controls, x, rate, times) if any(c.has_state for c in controls.values()) else {}
    rows: dict[Key, Tensor] = {}
    for key, control in controls.items():
        if control.has_state:
            if key in followers:
                rows[key] = followers[key]
            continue
        scale = getattr(parts[key[0]].declarations[key[1]], "scale", "linear")
        with torch.no_grad():
            rows[key] = control.evaluate(times * rate, rate, scale).reshape(-1, len(times))[0].cpu()
    return rows


def _recorded(
    module: Module, controls: dict[Key, MovingValue], x: Tensor, rate: float, times: Tensor
) -> dict[Key, Tensor]:
    """Return the values of the controls at `times`, in seconds, recorded while the module processes the input `x`.

    Controls that are not evaluated are omitted, for example because the input has ended or the module raises an
    `FxlabError`.
    """
    memory = sum(control.memory(rate, TOLERANCE) for control in controls.values()) + int(SETTLING_SECONDS * rate)
    begin = max(0, int(float(times[0]) * rate) - memory)
    part = x[:, begin : int(float(times[-1]) * rate) + 1]
    if part.shape[-1] == 0:
        return {}
    with record_evaluations() as evaluations, suppress(FxlabError), torch.no_grad(), start_at(begin / rate):
        module(part, sample_rate=rate)
    paths = {id(owner): path for path, owner in module.named_modules()}
    return {
        (paths[id(owner)], name): _interpolate(times, samples.cpu() / rate, values.reshape(-1, len(samples))[0].cpu())
        for owner, name, samples, values in evaluations
        if len(samples) and id(owner) in paths
    }


def _interpolate(at: Tensor, times: Tensor, values: Tensor) -> Tensor:
    return torch.from_numpy(np.interp(at.numpy(), times.numpy(), values.numpy()))


def _levels(
    frozen: Module, frequencies: Tensor, rate: float, count: int, paths: list[str]
) -> tuple[Tensor | None, dict[str, Tensor]]:
    """Return the responses of a module and of those of its stages that contain a moving parameter, in dB.

    Args:
        frozen: The module, whose parameters have the values at `count` moments as a batch.
        frequencies: The frequencies in Hz.
        rate: The sample rate in Hz.
        count: The number of moments.
        paths: The paths of the parameters that move.

    Returns:
        The response of the module, or None if it has none, and the response of each stage by path, each of shape
        `(count, frequencies)`.
    """
    with torch.no_grad():
        total, parts, _ = stage_responses(frozen, frequencies, rate)
    shape = (count, len(frequencies))
    heads = {path.partition(".")[0] for path in paths} if isinstance(frozen, (Chain, Sum)) else set()
    stages = {path: decibels(part).expand(shape).cpu() for path, part in parts.items() if path in heads}
    return None if total is None else decibels(total).expand(shape).cpu(), stages
