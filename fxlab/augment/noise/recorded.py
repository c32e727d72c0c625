"""`RecordedAugmentation`: the base of augmentations that take recordings; `AddBackgroundNoise` and `AddShortNoises`."""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from torch import Tensor
from torch.nn.functional import pad

from fxlab.augment.augmentation import Augmentation
from fxlab.augment.drawing.batch import Batch
from fxlab.augment.drawing.draw import Draw, Drawn
from fxlab.augment.drawing.random_source import RandomNumbers
from fxlab.augment.drawing.range import Range
from fxlab.augment.noise.signal_to_noise import noise_gain, root_mean_square, snr_range
from fxlab.augment.noise.sounds import Sounds, Source
from fxlab.module import Module
from fxlab.module.serialization import Build, decode_parameters, describe_parameters


class RecordedAugmentation(Augmentation):
    """The base of augmentations with recordings: Signals, sound files or folders.

    Args:
        sounds: A Signal, a path, or a list of them; the files of a folder are found at once and read when needed.
        args: The declared parameters by position.
        seed: See `Augmentation`.
        kwargs: The declared parameters by name.
    """

    _abstract_methods: ClassVar[tuple[str, ...]] = ("augment",)
    name: ClassVar[str] = "sounds"

    def __init__(self, sounds: Any, *args: Any, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(*args, seed=seed, **kwargs)
        self.__dict__["sounds"] = Sounds(sounds, type(self).__name__, self.name)

    def draw(self, units: int, batch: Batch, numbers: RandomNumbers) -> dict[str, Tensor]:
        """Return the drawn ranges, and the index of a recording for each unit."""
        sounds: Sounds = self.__dict__["sounds"]
        index = (numbers.uniform(units) * len(sounds)).long().clamp(max=len(sounds) - 1)
        return {**super().draw(units, batch, numbers), "sound": index}

    def check_draw(self, draw: Draw) -> None:
        """Raise a `ParameterError` if the draw does not belong to this augmentation, or has an unknown recording."""
        super().check_draw(draw)
        self._check_indices(draw, "sound", len(self.__dict__["sounds"]))

    def recording(self, index: int, sample_rate: float) -> Tensor:
        """Return recording `index`, `(1, time)`, on the CPU."""
        sounds: Sounds = self.__dict__["sounds"]
        return sounds.read(index, sample_rate)

    def _describe(self) -> dict[str, Any]:
        description: dict[str, Any] = {**describe_parameters(self), "random": self.get_extra_state()}
        description["params"]["sounds"] = self.__dict__["sounds"].describe()
        return description

    @classmethod
    def _rebuild(cls, description: dict[str, Any], build: Build) -> Module:  # noqa: ARG003
        params = dict(description.get("params", {}))
        sounds: list[Source] = params.pop("sounds")
        made = cls(sounds, **decode_parameters(cls, {**description, "params": params}))
        if "random" in description:
            made.set_extra_state(description["random"])
        return made

    def _arguments(self) -> list[str]:
        return [repr(self.__dict__["sounds"]), *super()._arguments()]


class AddBackgroundNoise(RecordedAugmentation):
    """A drawn recording, from a drawn place on and repeated if it is too short, at a drawn signal-to-noise ratio.

    Shape:
        `(time,)` or `(..., channels, time)`.

    Raises:
        ParameterError: There are no recordings.
        SignalError: The drawn recording is silent.

    >>> from fxlab.signal import noise
    >>> rain = noise(duration=1.0, sample_rate=16_000, seed=1)
    >>> AddBackgroundNoise(rain, snr_db=(5.0, 20.0), p=1.0)(torch.randn(2, 1, 8000), 16_000).shape
    torch.Size([2, 1, 8000])
    """

    snr_db = snr_range(3.0, 30.0)
    place = Range((0.0, 1.0), low=0.0, high=1.0, at_least=0.0, at_most=1.0, doc="Start within the recording.")

    def augment(self, x: Tensor, sample_rate: float, drawn: Drawn) -> Tensor:
        """Add the recordings."""
        samples = x.shape[-1]
        indices, places = (drawn.row_values(n).expand(len(x)).tolist() for n in ("sound", "place"))
        parts = []
        for index, place in zip(indices, places, strict=True):
            recording = self.recording(int(index), sample_rate)
            spare = recording.shape[-1] - samples
            if spare >= 0:
                start = min(spare, int(place * (spare + 1)))
                parts.append(recording[:, start : start + samples])
            else:
                start = int(place * recording.shape[-1])
                time = torch.arange(start, start + samples) % recording.shape[-1]
                parts.append(recording[:, time])
        noise = torch.stack(parts).to(x)
        level = root_mean_square(noise)
        return x + noise * noise_gain(x, torch.where(level > 0, level, 1.0), drawn["snr_db"])


class AddShortNoises(RecordedAugmentation):
    """Several short recordings at drawn places, each at a drawn signal-to-noise ratio, with fades at their ends.

    Shape:
        `(time,)` or `(..., channels, time)`.

    Raises:
        ParameterError: There are no recordings.
        SignalError: A drawn recording is silent.

    >>> from fxlab.signal import noise
    >>> click = noise(duration=0.05, sample_rate=16_000, seed=1)
    >>> AddShortNoises(click, p=1.0, count=3)(torch.randn(2, 1, 8000), 16_000).shape
    torch.Size([2, 1, 8000])
    """

    snr_db = snr_range(-6.0, 18.0)
    count = Range((1, 4), low=0.0, high=16.0, at_least=0.0, whole=True, doc="Number of noises.")
    fade_s = Range((0.005, 0.08), low=0.0, high=0.5, unit="s", at_least=0.0, doc="Duration of the fades.")

    def draw(self, units: int, batch: Batch, numbers: RandomNumbers) -> dict[str, Tensor]:
        """Return the number of noises, and the recording, the place, the level and the fade of each."""
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
        """Raise a `ParameterError` if the draw has more noises than recordings."""
        super().check_draw(draw)
        if draw.values and bool((draw.values["count"] > draw.values["sound"].shape[-1]).any()):
            raise self._wrong_draw(f"count is {draw.values['count'].tolist()}, more than the drawn recordings")

    def augment(self, x: Tensor, sample_rate: float, drawn: Drawn) -> Tensor:
        """Add the recordings."""
        rows, samples = len(x), x.shape[-1]
        values = {n: drawn.row_values(n) for n in drawn}
        table = {n: (v if v.ndim > (n != "count") else v.expand(rows, *v.shape)).tolist() for n, v in values.items()}
        level = root_mean_square(x.detach())
        noises = []
        for row in range(rows):
            total = torch.zeros(1, samples, dtype=x.dtype)
            for number in range(int(table["count"][row])):
                sound = self.recording(table["sound"][row][number], sample_rate)[:, :samples].to(x.dtype)
                sound = sound * _fades(sound, table["fade_s"][row][number] * sample_rate)
                power = sound.square().mean()
                if not bool(power > 0):
                    continue
                start = int(table["place"][row][number] * (samples - sound.shape[-1] + 1))
                gain = 10 ** (-table["snr_db"][row][number] / 20) / power.sqrt()
                total = total + pad(sound * gain, (start, samples - start - sound.shape[-1]))
            noises.append(total)
        return x + torch.stack(noises).to(x.device) * level


def _fades(sound: Tensor, length: float) -> Tensor:
    """Return a gain that rises at the start and falls at the end, over `length` samples or half the sound."""
    samples = sound.shape[-1]
    number = torch.arange(samples, dtype=sound.dtype)
    edge = torch.minimum(number, number.flip(-1)) + 1
    return (edge / max(1.0, min(length, samples / 2))).clamp(max=1.0)
