"""The view of the feature that a module such as `Spectrogram` computes: a picture or a curve."""

from __future__ import annotations

import re

import numpy as np
import torch
from torch import Tensor

from fxlab.features.common.feature_module import FeatureModule
from fxlab.features.feature import DECIBELS, Feature
from fxlab.module import Chain, Module
from fxlab.panel.protocol import Axis, ImageFields, TraceForm, ViewChoice
from fxlab.panel.views.view import Drawing, Scene, View
from fxlab.signal import Signal

NAME = "feature"
ROWS, COLUMNS = 256, 800
SCALES = ("linear", "log", "mel")
MAX_POINTS = 4000
"""The maximum number of points of a curve; if there are more frames, evenly spaced ones are drawn."""


def feature_views(module: Module) -> dict[str, View]:
    """Return the view of the feature that a module or an active stage of it computes, by the name of the view.

    The result is empty if there is no feature.
    """
    stage = feature_stage(module)
    if stage is None:
        return {}
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(stage).__name__).split()
    label = " ".join([*words[:1], *(word if word.isupper() else word.lower() for word in words[1:])])
    kind, draw = ("image", draw_picture) if stage.has_rows else ("trace", draw_curve)
    return {NAME: View(NAME, label, kind, lambda _: True, draw, needs_output=stage is not module)}


def feature_stage(module: Module) -> FeatureModule | None:
    """Return `module` or its first active stage whose output is a feature; None if there is none."""
    if isinstance(module, Chain):
        return next((stage for _, stage in module._active_stages() if isinstance(stage, FeatureModule)), None)
    return module if isinstance(module, FeatureModule) else None


def compute_feature(scene: Scene) -> Feature:
    """Return the feature of the complete output if the scene contains it, otherwise that of the input."""
    stage = feature_stage(scene.module)
    assert stage is not None
    return stage(Signal._of_channels(scene.x if scene.y is None else scene.y, scene.rate))


def draw_picture(scene: Scene) -> Drawing:
    """Return the drawing of a feature as a picture, with time along the horizontal axis.

    The option `channel` of the view chooses one channel or the mean of all. If the vertical axis is frequency, the
    option `scale` chooses its scale.
    """
    from fxlab.display.plots.feature_map import feature_map, level_limits

    feature = compute_feature(scene)
    own = feature.frequency.scale
    is_frequency = feature.frequency.unit == "Hz" and not feature.frequency.labels
    scale = _selected(scene.options.get("scale"), (own, *(name for name in SCALES if name != own)))
    names = ("mean", *(str(number + 1) for number in range(feature.channels)))
    channel = _selected(scene.options.get("channel"), names)
    choices: list[ViewChoice] = []
    if feature.channels > 1:
        choices.append({"name": "channel", "label": "Channel", "value": channel, "values": list(names)})
    if is_frequency:
        choices.append({"name": "scale", "label": "Frequency", "value": scale, "values": list(SCALES)})
    low, high = level_limits(feature)
    number = None if channel == "mean" else int(channel) - 1
    found = feature_map(feature, number, (ROWS, COLUMNS), scale if is_frequency else None)
    levels = np.clip(np.nan_to_num((found.cells - low) * (255 / (high - low)), nan=0.0), 0, 255)
    y: Axis = {"unit": feature.frequency.unit, "low": found.y.low, "high": found.y.high}
    if feature.frequency.labels:
        y["labels"] = list(feature.frequency.labels)
    fields: ImageFields = {
        "x": {"unit": "s", "low": 0.0, "high": found.x.high},
        "y": {**y, "scale": found.y.scale},
        "level": {"unit": level_unit(feature), "low": low, "high": high},
        "rows": ROWS,
        "columns": COLUMNS,
        "note": note(feature),
        "x_is_time": True,
        "choices": choices,
        # Coefficients have signs, so that they have no level below which nothing is drawn.
        "spans_all_levels": feature.kind not in DECIBELS,
    }
    return fields, {"levels": torch.from_numpy(levels.round().astype(np.uint8)).flatten()}


def draw_curve(scene: Scene) -> Drawing:
    """Return the drawing of a feature with one number per frame, as a curve for each channel of the first example."""
    feature = compute_feature(scene)
    rows = feature.levels().detach().reshape(-1, *feature.data.shape[-3:])[0, :, 0].double().cpu()
    every = max(1, -(-rows.shape[-1] // MAX_POINTS))
    vectors: dict[str, Tensor] = {"time": feature.time.values[::every].cpu()}
    names = {1: [feature.quantity], 2: ["Left", "Right"]}.get(len(rows), [f"Channel {n + 1}" for n in range(len(rows))])
    form: TraceForm = {"label": feature.quantity, "y": {"unit": level_unit(feature)}, "lines": []}
    if feature.limits is not None:
        form["y"] = {**form["y"], "low": feature.limits[0], "high": feature.limits[1]}
    for number, (row, name) in enumerate(zip(rows, names, strict=True)):
        vectors[f"value_{number}"] = torch.where(row.isfinite(), row, torch.nan)[::every]
        color = "accent" if number == 0 else f"stage-{number}"
        form["lines"].append({"x": "time", "y": f"value_{number}", "label": name, "color": color})
    axis: Axis = {"unit": "s", "low": 0.0, "high": feature.samples / feature.sample_rate}
    return {"x": axis, "forms": [form], "note": note(feature)}, vectors


def level_unit(feature: Feature) -> str:
    """Return the unit of the levels; for levels in dB, it does not include the reference, which the note states."""
    return "dB" if feature.kind in DECIBELS else feature.unit


def note(feature: Feature) -> str:
    """Return a note with the spacing of the frames.

    For a feature with several rows, it also has the numbers of rows and frames; for levels in dB, also their reference.
    """
    parts = [f"{len(feature.frequency)} × {len(feature.time)}"] if len(feature.frequency) > 1 else []
    parts.append(f"a frame every {1000 * feature.hop / feature.sample_rate:.3g} ms")
    if feature.kind in DECIBELS:
        parts.append(feature.level_unit)
    return " · ".join(parts)


def _selected(asked: object, names: tuple[str, ...]) -> str:
    """Return `asked` if it is one of `names`, else the first of them."""
    return str(asked) if asked in names else names[0]
