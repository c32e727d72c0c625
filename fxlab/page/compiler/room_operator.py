"""The response of `fxlab.effects.space.Room` as an operator of the intermediate form."""

from __future__ import annotations

import math
from math import prod
from typing import Any

import torch
from torch import Tensor

from fxlab.effects.space.room import SIZES, Room
from fxlab.effects.space.shoebox import INTERPOLATION, SPEED_OF_SOUND
from fxlab.module.parameters.moving_values import stored_values
from fxlab.page.compiler.interception import Replacement
from fxlab.page.compiler.recorder import Recorder
from fxlab.page.compiler.replacements import ROUNDED_SLIDER


def room_operator(recorder: Recorder, *, live: bool) -> dict[tuple[str, str], Replacement]:
    """Return the replacements for the functions that compute the response; see `interception.replaced`.

    If `live`, the dimensions can change in the page, and the response is as long as that of the largest room that the
    sliders allow, or of the current room if that is larger. Otherwise the dimensions are fixed, and the response has
    the length for their current values.
    """
    own = _Response(recorder, live)
    return {
        ("fxlab.effects.space.room", "Room.response_of"): own.response_of,
        ("fxlab.effects.space.shoebox", "shoebox_response"): own.shoebox_response,
    }


class _Response:
    def __init__(self, recorder: Recorder, live: bool) -> None:
        self.recorder, self.live = recorder, live
        self.room: Room | None = None

    def response_of(self, original: Any, room: Room, channels: int, sample_rate: float) -> Tensor:
        """Call the original method, and store `room` for `shoebox_response` during the call."""
        self.room = room
        try:
            made: Tensor = original(room, channels, sample_rate)
        finally:
            self.room = None
        return made

    def shoebox_response(
        self,
        original: Any,
        room: Tensor,
        source: Tensor,
        listener: Tensor,
        absorption: Tensor,
        order: int,
        rate: float,
    ) -> Tensor:
        """Record the response and return it, or only return it if no argument is recorded.

        If `live`, the response of a `Room` is padded with zeros to the largest length, and the program refuses larger
        rooms.

        Raises:
            ValueReadError: The dimensions or positions are recorded, and `live` is False.
        """
        recorder, room_module = self.recorder, self.room
        geometry = (room, source, listener)
        moving = [value for value in geometry if recorder.is_tracked(value)]
        is_recorded = bool(moving) or recorder.is_tracked(absorption)
        taps: Tensor = recorder.run(original, *geometry, absorption, order, rate)
        if room_module is not None and self.live:
            side, spacing = _largest(recorder, room_module)
            offset = spacing * taps.shape[-2]
            taps = recorder.run(_padded, taps, _longest(side, offset, order, rate))
            if is_recorded:
                recorder.guard(room > side)
                recorder.guard((listener - room).abs() > side + offset)
        elif moving:
            recorder.refuse_reading("scalar_value", moving)  # the length of the response depends on them
        if not is_recorded:
            return taps
        lead, size = tuple(taps.shape[:-1]), taps.shape[-1]
        arrays = [recorder.array(value.double(), (*lead, 3)) for value in geometry]
        arrays.append(recorder.array(absorption.double(), lead))
        out = recorder.new(taps)
        recorder.call("shoeboxResponse", [out], [out, *arrays, prod(lead), size, order, float(rate)])
        return taps


def _largest(recorder: Recorder, room: Room) -> tuple[float, float]:
    """Return the largest side and spacing in m that the sliders of a room allow, or the current ones if larger."""
    values = recorder.run(stored_values, room)

    def largest(name: str) -> float:
        span: float = room.declarations[name].span()[1]  # type: ignore[attr-defined]
        return max(ROUNDED_SLIDER * span, float(recorder.run(torch.amax, values[name].detach())))

    return max(largest(name) for name in SIZES), largest("spacing_m")


def _longest(side: float, offset: float, order: int, rate: float) -> int:
    """Return an upper limit of the number of samples of the response of a cube, with reflections up to `order`.

    `side` is the length of a side, and `offset` an upper limit of the distance between the listener and the position of
    a channel, both in m. Each reflection moves an image by at most a side.
    """
    farthest = side * math.sqrt((order + 1) ** 2 + 2) + offset
    return int(farthest / SPEED_OF_SOUND * rate) + INTERPOLATION + 2


def _padded(taps: Tensor, size: int) -> Tensor:
    return torch.nn.functional.pad(taps, (0, max(0, size - taps.shape[-1])))
