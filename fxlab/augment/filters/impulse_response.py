"""`ApplyImpulseResponse` and `RoomSimulator`: convolution with recorded and with computed impulse responses."""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from torch import Tensor
from torch.nn.functional import pad

from fxlab import effects
from fxlab.augment.drawing.draw import Drawn
from fxlab.augment.drawing.range import Range
from fxlab.augment.noise.recorded import RecordedAugmentation
from fxlab.augment.random_module import RandomModule
from fxlab.engine import convolve
from fxlab.module import Switch


class ApplyImpulseResponse(RecordedAugmentation):
    """Convolution with a drawn impulse response, all examples in one call; the length is unchanged.

    Each response is divided by its largest magnitude. With `compensate_delay` the output is moved earlier by the time
    of the largest magnitude in the response, so that it stays aligned with the input.

    Args:
        sounds: The impulse responses: a Signal, the path of a sound file or a folder, or a list of them.
        args: The declared parameters by position.
        seed: See `Augmentation`.
        kwargs: The declared parameters by name.

    Shape:
        `(time,)` or `(..., channels, time)`.

    Raises:
        ParameterError: `sounds` is empty or contains an object of another type, a path does not exist, or a folder has
            no sound files.
        FileError: A folder or the drawn impulse response cannot be read.
        SignalError: The drawn impulse response is silent.

    >>> from fxlab.signal import Signal
    >>> echo = Signal([1.0, 0.0, 0.5], sample_rate=8000)
    >>> ApplyImpulseResponse(echo, p=1.0)(torch.tensor([1.0, 0.0, 0.0, 0.0]), 8000)
    tensor([1.0000, 0.0000, 0.5000, 0.0000])
    """

    name = "impulse_responses"
    compensate_delay = Switch(False, doc="Whether the delay of the largest sample is removed.")

    def augment(self, x: Tensor, sample_rate: float, drawn: Drawn) -> Tensor:
        """Return `x` `(rows, channels, time)`, each row convolved with its drawn impulse response."""
        indices = drawn.row_values("sound").expand(len(x)).tolist()
        responses = {index: self.recording(int(index), sample_rate)[0] for index in set(indices)}
        shifts = {n: int(r.abs().argmax()) if self.compensate_delay else 0 for n, r in responses.items()}
        scaled = {n: (r / r.abs().max())[: x.shape[-1] + shifts[n]] for n, r in responses.items()}
        longest = max(len(response) for response in scaled.values())
        taps = torch.stack([pad(scaled[index], (0, longest - len(scaled[index]))) for index in indices])
        extra = max(shifts.values())
        y = convolve(pad(x, (0, extra)), taps.to(x)[:, None])
        if not extra:
            return y
        time = torch.arange(x.shape[-1]) + torch.tensor([shifts[index] for index in indices])[:, None]
        return y.gather(-1, time.to(x.device)[:, None].expand_as(x))


class RoomSimulator(RandomModule):
    """A rectangular room of drawn size, absorption and positions, by the method of images up to the order 8.

    See `fx.Room`.

    Shape:
        `(time,)` or `(..., channels, time)`.

    >>> RoomSimulator(p=1.0, seed=1)(torch.randn(2, 1, 2000), 16_000).shape
    torch.Size([2, 1, 2000])
    """

    processor = effects.Room
    fixed: ClassVar[dict[str, Any]] = {"order": 8}
    length_m = Range((3.6, 5.6), effects.Room.length_m)
    width_m = Range((3.6, 3.9), effects.Room.width_m)
    height_m = Range((2.4, 3.0), effects.Room.height_m)
    absorption = Range((0.075, 0.4), effects.Room.absorption)
    source_x = Range((0.1, 0.9), effects.Room.source_x)
    source_y = Range((0.1, 0.9), effects.Room.source_y)
    source_z = Range((0.3, 0.7), effects.Room.source_z)
    listener_x = Range((0.1, 0.9), effects.Room.listener_x)
    listener_y = Range((0.1, 0.9), effects.Room.listener_y)
    listener_z = Range((0.3, 0.7), effects.Room.listener_z)
