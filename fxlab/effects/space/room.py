"""`Room`: the reverberation of a rectangular room."""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import pad

from fxlab.effects.common.channels import has_no_channels, with_channels
from fxlab.effects.common.loop_parameters import computation_dtype, mix
from fxlab.effects.common.ringing import Ringing, tail_choice
from fxlab.effects.space.shoebox import shoebox_response
from fxlab.engine import convolve
from fxlab.engine.torch_support.known_values import all_true
from fxlab.engine.torch_support.shapes import broadcast_shapes
from fxlab.module import Count, Param
from fxlab.module.lti.convolve_block import convolve_block
from fxlab.module.parameters.broadcasting import broadcast_together
from fxlab.module.parameters.moving_values import moving_values, stored_values

SIZES = ("length_m", "width_m", "height_m")
SOURCE = ("source_x", "source_y", "source_z")
LISTENER = ("listener_x", "listener_y", "listener_z")
GEOMETRY = (*SIZES, *SOURCE, *LISTENER, "absorption", "spacing_m")
SABINE = 0.161  # s/m


def meters(default: float, doc: str) -> Param:
    """Declare a dimension of the room, in meters."""
    return Param(default, low=1.5, high=30.0, unit="m", scale="log", doc=doc)


def fraction(default: float, doc: str) -> Param:
    """Declare a position as a fraction of a dimension, so that it is inside every room."""
    return Param(default, low=0.02, high=0.98, above=0.0, below=1.0, doc=doc)


class RoomState(NamedTuple):
    """The state of a stream: the impulse response, the values that it was computed for, and the convolution's state."""

    taps: Tensor
    values: dict[str, Tensor]  # of the parameters in GEOMETRY
    order: int
    sample_rate: float  # Hz
    convolution: Any


class Room(Ringing):
    """A rectangular room with one source, and one microphone for each channel, by the method of images.

    A reflected sound comes from an image of the source behind the wall; there are images of up to `order` reflections.
    The source is the mean of all channels. The microphones stand in a row along the width, `spacing_m` apart, with the
    listener's position in the middle. A sound at a distance of 1 m has its level unchanged; within 10 cm of the source
    the level does not rise further. The response is differentiable with respect to the dimensions, the positions and
    the absorption. As all reflections have the same sign, they add up at the lowest frequencies; a `DCBlock` or
    `HighPass` after the room removes this excess.

    Shape:
        Input and output: `(..., channels, time)`; with `tail="ring"` the output is longer.

    Raises:
        ParameterError: A dimension is not above 0, a position is not between 0 and 1, `absorption` or `mix` is not from
            0 to 1, `spacing_m` is negative, or `order` is not from 0 to 80.
        FxlabError: PyTorch records a graph, as in `torch.compile` and `torch.export`.

    Source:
        J. B. Allen, D. A. Berkley, "Image method for efficiently simulating small-room acoustics", JASA 65(4), 1979.
        Reverberation times: W. C. Sabine, 1900; C. F. Eyring, "Reverberation time in 'dead' rooms", JASA 1, 1930.

    >>> room = Room(length_m=6.0, width_m=4.0, height_m=3.0, absorption=0.3)
    >>> round(float(room.sabine_s()), 3), round(float(room.eyring_s()), 3)
    (0.358, 0.301)
    """

    fixed_parameters: ClassVar[dict[str, str]] = dict.fromkeys(
        GEOMETRY, "the room has one impulse response for the whole signal."
    )

    length_m = meters(6.0, "Length of the room, along x.")
    width_m = meters(4.5, "Width of the room, along y.")
    height_m = meters(2.8, "Height of the room, along z.")
    absorption = Param(
        0.3, low=0.05, high=0.95, at_least=0.0, at_most=1.0, doc="Share of the energy that each reflection loses."
    )
    mix = mix(1.0)
    source_x = fraction(0.25, "Position of the source, as a fraction of the length.")
    source_y = fraction(0.4, "Position of the source, as a fraction of the width.")
    source_z = fraction(0.5, "Position of the source, as a fraction of the height.")
    listener_x = fraction(0.7, "Position of the listener, as a fraction of the length.")
    listener_y = fraction(0.55, "Position of the listener, as a fraction of the width.")
    listener_z = fraction(0.6, "Position of the listener, as a fraction of the height.")
    spacing_m = Param(0.17, low=0.0, high=1.0, unit="m", at_least=0.0, doc="Distance between the microphones.")
    order = Count(15, low=0, high=40, at_least=0, at_most=80, unit="reflections", doc="Largest number of reflections.")
    tail = tail_choice()

    def response_of(self, channels: int, sample_rate: float) -> Tensor:
        """Return the impulse response of each microphone, `(..., channels, taps)`, in float64."""
        values = broadcast_together({name: stored_values(self)[name] for name in GEOMETRY})

        def vector(names: tuple[str, ...]) -> Tensor:
            parts = [self._by_channel(values[name]) for name in names]
            batch = broadcast_shapes(*(tuple(part.shape) for part in parts))
            return torch.stack([part.expand(batch) for part in parts], -1)

        room = vector(SIZES)
        place = torch.arange(channels, device=room.device) - (channels - 1) / 2
        offset = place * self._by_channel(values["spacing_m"])
        beside = torch.stack([0 * offset, offset, 0 * offset], -1)
        return shoebox_response(
            room,
            vector(SOURCE) * room,
            vector(LISTENER) * room + beside,
            self._by_channel(values["absorption"]) + 0 * offset,
            self.order,
            sample_rate,
        )

    def sabine_s(self) -> Tensor:
        """Return the reverberation time in seconds by Sabine's formula, 0.161 V / (A S).

        V is the volume in m³, A the absorption coefficient and S the surface in m². The result has the batch shape of
        the parameters.
        """
        volume, surface = self._volume_and_surface()
        return SABINE * volume / (surface * self._absorption())

    def eyring_s(self) -> Tensor:
        """Return the reverberation time in seconds by Eyring's formula, 0.161 V / (−S ln(1 − A)); see `sabine_s`."""
        volume, surface = self._volume_and_surface()
        return SABINE * volume / (-surface * torch.log1p(-self._absorption()))

    def forward(self, x: Tensor, sample_rate: float) -> Tensor:
        """Return the complete sound convolved with the response of the room, and mixed with the input.

        Raises:
            FxlabError: PyTorch records a graph, as in `torch.compile` and `torch.export`.
        """
        self._refuse_recording()
        if has_no_channels(x) or (moving_values(self) is not None and self.tail == "ring"):
            return super().forward(x, sample_rate)  # the tail of moving parameters needs later values
        sound = pad(with_channels(x), (0, self.tail_samples(sample_rate)))
        taps = self.response_of(sound.shape[-2], sample_rate)
        return self._mixed(sound, convolve(self._entering(sound, x, taps), taps), x)

    def process_block(self, x: Tensor, state: Any, sample_rate: float) -> tuple[Tensor, RoomState]:
        """Return the output for the next block, and the state after it, a `RoomState`.

        Raises:
            SignalError: The length of the impulse response in samples has changed since the last block.
        """
        sound = with_channels(x)
        values = {name: stored_values(self)[name] for name in GEOMETRY}
        is_known = state is not None and (state.order, state.sample_rate) == (self.order, sample_rate)
        if is_known and all(all_true(values[name] == state.values[name]) for name in GEOMETRY):
            taps = state.taps
        else:
            taps = self.response_of(sound.shape[-2], sample_rate)
        before = None if state is None else state.convolution
        wet, after = convolve_block(self._entering(sound, x, taps), taps, before, self._name())
        kept = {name: value.detach().clone() for name, value in values.items()}
        return self._mixed(sound, wet, x), RoomState(taps, kept, self.order, sample_rate, after)

    def decay_samples(self, sample_rate: float) -> int:
        """Return one less than the length, in samples, of the response of a single microphone; see `Ringing`."""
        with torch.no_grad():
            return int(self.response_of(1, sample_rate).shape[-1]) - 1

    @staticmethod
    def _by_channel(value: Tensor) -> Tensor:
        """Return a stored value with a last dimension for channels, of size 1 if it has none."""
        return value if value.ndim > 1 else value[..., None]

    @staticmethod
    def _entering(sound: Tensor, x: Tensor, taps: Tensor) -> Tensor:
        """Return the mean of all channels, repeated for each microphone, in the dtype in which `x` is processed."""
        mean = sound.to(computation_dtype(x)).mean(-2, keepdim=True)
        return mean.expand(*mean.shape[:-2], taps.shape[-2], mean.shape[-1])

    def _mixed(self, dry: Tensor, wet: Tensor, x: Tensor) -> Tensor:
        share = self.mix.to(wet.dtype)
        y: Tensor = ((1 - share) * dry + share * wet).to(x.dtype)
        return y[..., 0, :] if x.ndim == 1 else y

    def _volume_and_surface(self) -> tuple[Tensor, Tensor]:
        length, width, height = (stored_values(self)[name].double() for name in SIZES)
        return length * width * height, 2 * (length * width + length * height + width * height)

    def _absorption(self) -> Tensor:
        return stored_values(self)["absorption"].double()
