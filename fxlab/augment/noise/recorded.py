"""`AddBackgroundNoise`, `AddShortNoises`, and `RecordedAugmentation`, their base class."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import torch
from torch import Tensor

from fxlab.augment.augmentation import Augmentation
from fxlab.augment.drawing.batch import Batch
from fxlab.augment.drawing.draw import Draw, Drawn
from fxlab.augment.drawing.random_source import RandomNumbers
from fxlab.augment.drawing.range import Range
from fxlab.augment.drawing.replayable import declared_parameters
from fxlab.augment.noise.signal_to_noise import noise_gain, root_mean_square, snr_range
from fxlab.augment.noise.sounds import Sounds, Source
from fxlab.engine.torch_support.row_windows import row_windows
from fxlab.errors import ParameterError
from fxlab.module import Module
from fxlab.module.serialization import Build, describe_parameters, named_entries


class RecordedAugmentation(Augmentation):
    """The base class of augmentations that use recordings: Signals, sound files or folders of sound files.

    Args:
        sounds: A Signal, a path, or a list of them. The files of a folder are listed by the constructor, and are read
            when they are needed.
        args: The declared parameters by position.
        seed: See `Augmentation`.
        kwargs: The declared parameters by name.
    """

    name: ClassVar[str] = "sounds"

    def __init__(self, sounds: Any, *args: Any, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(*args, seed=seed, **kwargs)
        self.__dict__["sounds"] = Sounds(sounds, type(self).__name__, self.name)

    def draw(self, units: int, batch: Batch, numbers: RandomNumbers) -> dict[str, Tensor]:
        """Return the values drawn from the ranges, and `sound`, the index of a recording, `(units,)` each."""
        sounds: Sounds = self.__dict__["sounds"]
        index = (numbers.uniform(units) * len(sounds)).long().clamp(max=len(sounds) - 1)
        return {**super().draw(units, batch, numbers), "sound": index}

    def check_draw(self, draw: Draw) -> None:
        """Raise a `ParameterError` if the draw does not belong to this augmentation, or has an unknown recording."""
        super().check_draw(draw)
        self._check_indices(draw, "sound", len(self.__dict__["sounds"]))

    def recording(self, index: int, sample_rate: float) -> Tensor:
        """Return recording `index` at `sample_rate` in Hz, `(1, time)`, on the CPU; see `Sounds.read`."""
        sounds: Sounds = self.__dict__["sounds"]
        return sounds.read(index, sample_rate)

    def recordings(self, index: Tensor, sample_rate: float) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield, for each recording whose number is in `index`, the places of the number in `index` and the recording.

        Shape:
            `index` and the places: 1-D; the recording: `(1, time)`.
        """
        for number in sorted(set(index.tolist())):
            yield (index == number).nonzero().squeeze(-1), self.recording(number, sample_rate)

    def _describe(self) -> dict[str, Any]:
        description: dict[str, Any] = {**describe_parameters(self), "random": self.get_extra_state()}
        description["params"]["sounds"] = self.__dict__["sounds"].describe()
        return description

    @classmethod
    def _rebuild(cls, description: dict[str, Any], build: Build) -> Module:  # noqa: ARG003
        params = dict(named_entries(description, "params"))
        if "sounds" not in params:
            raise ParameterError(
                f"from_dict: {description['type']} is described without 'sounds', the list of the paths of its "
                "recordings."
            )
        sounds: list[Source] = params.pop("sounds")
        made = cls(sounds, **declared_parameters(cls, {**description, "params": params}))
        if "random" in description:
            made.set_extra_state(description["random"])
        return made

    def _arguments(self) -> list[str]:
        return [repr(self.__dict__["sounds"]), *super()._arguments()]


class AddBackgroundNoise(RecordedAugmentation):
    """A drawn recording that is added as background noise at a drawn signal-to-noise ratio.

    The recording is used from a drawn place on, and is repeated if it is too short. The ratio is the power of the sound
    divided by that of the used part of the recording, in dB; a silent sound is unchanged.

    Args:
        sounds: A Signal, the path of a sound file or a folder, or a list of them.
        args: The declared parameters by position.
        seed: See `Augmentation`.
        kwargs: The declared parameters by name.

    Shape:
        `(time,)` or `(..., channels, time)`.

    Raises:
        ParameterError: `sounds` is empty or contains an object of another type, a path does not exist, or a folder has
            no sound files.
        FileError: A folder or the drawn recording cannot be read.
        SignalError: The drawn recording is silent.

    >>> from fxlab.signal import noise
    >>> rain = noise(duration=1.0, sample_rate=16_000, seed=1)
    >>> AddBackgroundNoise(rain, snr_db=(5.0, 20.0), p=1.0)(torch.randn(2, 1, 8000), 16_000).shape
    torch.Size([2, 1, 8000])
    """

    snr_db = snr_range(3.0, 30.0)
    place = Range((0.0, 1.0), low=0.0, high=1.0, at_least=0.0, at_most=1.0, doc="Start within the recording.")

    def augment(self, x: Tensor, sample_rate: float, drawn: Drawn) -> Tensor:
        """Return `x` `(rows, channels, time)`, each row plus its recording at the drawn signal-to-noise ratio."""
        index, place = (drawn.row_values(n).expand(len(x)) for n in ("sound", "place"))
        noise = torch.empty(len(x), 1, x.shape[-1], dtype=x.dtype)
        for rows, recording in self.recordings(index, sample_rate):
            noise[rows, 0] = _excerpts(recording[0], place[rows], x.shape[-1]).to(x.dtype)
        noise = noise.to(x.device)
        level = root_mean_square(noise)
        gain = noise_gain(x, torch.where(level > 0, level, 1.0), drawn["snr_db"])
        return torch.addcmul(x, noise, gain, out=drawn.output(x))


class AddShortNoises(RecordedAugmentation):
    """Several short recordings that are added at drawn places, each at a drawn signal-to-noise ratio and with fades.

    The ratio is the power of the complete sound divided by that of the recording after the fades, in dB. A recording
    that is longer than the sound is cut off at its end.

    Args:
        sounds: A Signal, the path of a sound file or a folder, or a list of them.
        args: The declared parameters by position.
        seed: See `Augmentation`.
        kwargs: The declared parameters by name.

    Shape:
        `(time,)` or `(..., channels, time)`.

    Raises:
        ParameterError: `sounds` is empty or contains an object of another type, a path does not exist, or a folder has
            no sound files.
        FileError: A folder or a drawn recording cannot be read.
        SignalError: A drawn recording is silent.

    >>> from fxlab.signal import noise
    >>> click = noise(duration=0.05, sample_rate=16_000, seed=1)
    >>> AddShortNoises(click, p=1.0, count=3)(torch.randn(2, 1, 8000), 16_000).shape
    torch.Size([2, 1, 8000])
    """

    shares = ("place",)
    snr_db = snr_range(-6.0, 18.0)
    count = Range((1, 4), low=0.0, high=16.0, at_least=0.0, whole=True, doc="Number of noises.")
    fade_s = Range((0.005, 0.08), low=0.0, high=0.5, unit="s", at_least=0.0, doc="Duration of the fades.")

    def draw(self, units: int, batch: Batch, numbers: RandomNumbers) -> dict[str, Tensor]:
        """Return `count`, the number of noises, and for each of them `sound`, `place`, `snr_db` and `fade_s`.

        `sound` is the index of a recording. `place` is from 0 to 1: at 0 the recording and the input start together,
        at 1 they end together.

        Shape:
            `count`: `(units,)`. The others: `(units, noises)`, where `noises` is the largest number that can be drawn.
        """
        kind, most = type(self), self.count[1]
        shape, total = (units, most), units * most
        sounds: Sounds = self.__dict__["sounds"]
        return {
            "count": kind.count.draw(self, numbers, units),
            "sound": (numbers.uniform(total) * len(sounds)).long().clamp(max=len(sounds) - 1).reshape(shape),
            "place": numbers.uniform(total).reshape(shape),
            "snr_db": kind.snr_db.draw(self, numbers, total).reshape(shape),
            "fade_s": kind.fade_s.draw(self, numbers, total).reshape(shape),
        }

    def check_draw(self, draw: Draw) -> None:
        """Raise a `ParameterError` if the draw does not belong to this augmentation or lacks values of a noise."""
        super().check_draw(draw)
        if draw.values and bool((draw.values["count"] > draw.values["sound"].shape[-1]).any()):
            raise self._wrong_draw(f"count is {draw.values['count'].tolist()}, more than the drawn recordings")

    def augment(self, x: Tensor, sample_rate: float, drawn: Drawn) -> Tensor:
        """Return `x` `(rows, channels, time)`, each row plus its drawn recordings at the drawn places."""
        rows, samples = len(x), x.shape[-1]
        values = {n: drawn.row_values(n).detach() for n in drawn}
        table = {n: v.expand(rows, *v.shape[v.ndim - (n != "count") :]) for n, v in values.items()}
        # One entry for each noise of each row.
        row, number = (torch.arange(table["sound"].shape[-1]) < table["count"][:, None]).nonzero(as_tuple=True)
        noises = {n: v[row, number, None] for n, v in table.items() if n != "count"}
        total = torch.zeros(rows, samples, dtype=x.dtype)
        for entries, recording in self.recordings(noises["sound"][:, 0], sample_rate):
            sound = recording[:, :samples].to(x.dtype)
            length = sound.shape[-1]
            sound = sound * _fades(sound, noises["fade_s"][entries] * sample_rate)
            power = sound.square().mean(-1, keepdim=True)
            factor = (10 ** (-noises["snr_db"][entries] / 20)).to(x.dtype)
            sound *= torch.where(power > 0, factor / power.sqrt(), 0.0)
            start = (noises["place"][entries] * (samples - length + 1)).long()
            index = row[entries, None] * samples + start + torch.arange(length)
            total.view(-1).scatter_add_(0, index.flatten(), sound.flatten())
        level = root_mean_square(x.detach())
        return torch.addcmul(x, total[:, None].to(x.device), level, out=drawn.output(x))


def _excerpts(recording: Tensor, place: Tensor, samples: int) -> Tensor:
    """Return parts `(rows, samples)` of a recording `(time,)`, which is repeated if it is too short.

    `place` has the start of each part, from 0 for the first possible start to 1 for the last, `(rows,)`. In a repeated
    recording, 1 stands for its first sample again.
    """
    length = len(recording)
    spare = length - samples
    if spare >= 0:
        start = (place * (spare + 1)).long().clamp(max=spare)
        return row_windows(recording[None], start[None], samples)[0]
    return recording[((place * length).long()[:, None] + torch.arange(samples)) % length]


def _fades(sound: Tensor, length: Tensor) -> Tensor:
    """Return gains `(rows, time)` that rise to 1 at the start of `sound` `(1, time)` and fall at its end.

    `length` is the number of samples of each fade, `(rows, 1)`; it is limited to half of the sound.
    """
    samples = sound.shape[-1]
    number = torch.arange(samples, dtype=sound.dtype)
    edge = torch.minimum(number, number.flip(-1)) + 1
    return (edge / length.clamp(max=samples / 2).clamp(min=1.0).to(sound.dtype)).clamp(max=1.0)
