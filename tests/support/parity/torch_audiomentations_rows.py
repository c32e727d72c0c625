"""Every name of torch-audiomentations 0.12, and how ours compares with it."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import torch
import torch_audiomentations as peer
from numpy.typing import NDArray
from torch import Tensor
from torch_audiomentations.augmentations.random_crop import RandomCrop

import fxlab as fx
from fxlab import augment
from tests.support.parity.audiomentations_differences import file
from tests.support.parity.comparison import (
    RATE,
    Comparison,
    cents,
    frequency_of,
    largest,
    level_of_tone,
    noise_level,
    quiet,
    sound,
    tone,
)
from tests.support.parity.draws import choices, composed, counts, crops, splices


def batch() -> Tensor:
    """Return two examples of two channels."""
    return torch.from_numpy(np.stack([sound(0, 2), sound(1, 2)]))


def theirs(
    name: str, *args: Any, x: Tensor | None = None, values: dict[str, Any] | None = None, **limits: Any
) -> Tensor:
    """Return the output of theirs; each range is one value, and `values` replaces what it drew."""
    x = batch() if x is None else x
    kind = getattr(peer, name)
    made = quiet(lambda: kind(*args, p=1.0, output_type="tensor", **limits))
    if values is not None:
        made.transform_parameters = {"should_apply": torch.ones(len(x), dtype=torch.bool), **values}
        made.freeze_parameters()
    y: Tensor = quiet(lambda: made(x.clone(), sample_rate=RATE))
    return y


def ours(name: str, *args: Any, x: Tensor | None = None, **values: Any) -> Tensor:
    """Return the output of our augmentation with fixed values."""
    y: Tensor = getattr(augment, name)(*args, p=1.0, **values)(batch() if x is None else x, RATE)
    return y


def both(name: str, ours_name: str, limits: dict[str, float], **values: Any) -> float:
    """Return the difference of two outputs."""
    ends = {f"{end}_{key}": value for key, value in limits.items() for end in ("min", "max")}
    return largest(ours(ours_name, **values), theirs(name, **ends))


def passed(name: str, ours_name: str, at: float, values: dict[str, Any], drawn: dict[str, Any]) -> float:
    """Return by how many dB the level of a tone in the passband differs."""
    x = torch.from_numpy(tone(at))[None, None]
    own, other = ours(ours_name, x=x, **values), theirs(name, x=x, values=drawn)
    return abs(level_of_tone(own, at) - level_of_tone(other, at))


def colored() -> float:
    """Return by how many dB the levels of the noises differ."""
    x = batch()[:1, :1]
    own = ours("AddColoredNoise", x=x, snr_db=6.0, decay=1.0)
    other = theirs("AddColoredNoise", x=x, values={"snr_in_db": torch.tensor([6.0]), "f_decay": torch.tensor([1.0])})
    return abs(noise_level(own, x) - noise_level(other, x))


def mix() -> float:
    """Return the difference of two mixes with the other example."""
    from torch_audiomentations.augmentations.mix import Mix

    x = batch()[:, :1]
    made = quiet(lambda: Mix(min_snr_in_db=3.0, max_snr_in_db=3.0, p=1.0, output_type="tensor"))
    made.transform_parameters = {
        "should_apply": torch.ones(2, dtype=torch.bool),
        "snr_in_db": torch.tensor([3.0, 3.0]),
        "sample_idx": torch.tensor([1, 0]),
    }
    made.freeze_parameters()
    draw = {"applied": [True, True], "values": {"snr_db": [3.0, 3.0], "other": [0.75, 0.25]}}
    own = augment.Mix(p=1.0).replay(draw)(x, RATE)
    return largest(own, quiet(lambda: made(x.clone(), sample_rate=RATE)))


def padding() -> float:
    """Return the difference of two paddings."""
    from torch_audiomentations.augmentations.padding import Padding

    made = quiet(lambda: Padding(p=1.0, mode="per_example", output_type="tensor"))
    made.transform_parameters = {
        "should_apply": torch.ones(2, dtype=torch.bool),
        "pad_length": torch.tensor([4800, 4800]),
    }
    made.freeze_parameters()
    return largest(ours("Padding", fraction=0.3), quiet(lambda: made(batch(), sample_rate=RATE)))


def shuffled() -> float:
    """Return the difference of two orders of channels."""
    order = torch.tensor([[1, 0], [0, 1]])
    draw = {"applied": [True, True], "values": {"order": order.tolist()}}
    own = augment.ShuffleChannels(p=1.0).replay(draw)(batch(), RATE)
    return largest(own, theirs("ShuffleChannels", values={"permutations": order}))


def background() -> float:
    """Return the difference of two outputs with the same recording."""
    x = batch()[:, :1]
    own = ours("AddBackgroundNoise", file("noise"), x=x, snr_db=6.0, place=0.0)
    noise = fx.load(file("noise")).samples
    drawn = {"background": (noise / noise.square().mean().sqrt()).expand(2, -1), "snr_in_db": torch.tensor([6.0, 6.0])}
    return largest(own, theirs("AddBackgroundNoise", file("noise"), x=x, values=drawn))


def response() -> float:
    """Return the difference of two convolutions, both scaled to the same peak."""
    own = ours("ApplyImpulseResponse", file("response"))
    drawn = {"ir": fx.load(file("response")).samples.expand(2, 1, -1)}
    other = theirs("ApplyImpulseResponse", file("response"), values=drawn)[..., : own.shape[-1]]
    return largest(own / own.abs().max(), other / other.abs().max())


def pitch() -> float:
    """Return the distance of the shifted tones in cents."""
    x = torch.from_numpy(tone())[None, None]
    made = quiet(lambda: peer.PitchShift(2.0, 4.0, p=1.0, sample_rate=RATE, output_type="tensor"))
    other = quiet(lambda: made(x.clone(), sample_rate=RATE))
    ratio = float(made.transform_parameters["transpositions"][0])
    return cents(frequency_of(ours("PitchShift", x=x, semitones=12 * float(np.log2(ratio)))), frequency_of(other))


OPTIONS: dict[str, Any] = {"p": 1.0, "output_type": "tensor"}


def gain(level: float) -> Any:
    """Return their gain of this level in dB."""
    return peer.Gain(level, level + 1e-6, **OPTIONS)  # equal ends are refused


def first_sample(made: Any) -> float:
    """Return the first sample of their output for a constant of 1."""
    return float(made(torch.ones(1, 1, 4), sample_rate=RATE)[0, 0, 0])


def one_of(parts: list[Any]) -> Any:
    """Return their choice of one."""
    return peer.OneOf(parts, output_type="tensor")


def some_of(number: tuple[int, int], parts: list[Any]) -> Any:
    """Return their choice of several."""
    return peer.SomeOf(number, parts, output_type="tensor")


def compose(x: NDArray[np.float32]) -> Tensor:
    """Return the output of three of theirs."""
    parts = [gain(-7.0), peer.PolarityInversion(**OPTIONS), peer.PeakNormalization(**OPTIONS)]
    y: Tensor = peer.Compose(parts, output_type="tensor")(torch.from_numpy(x)[None, None], sample_rate=RATE)
    return y


ROWS: dict[str, Comparison] = {
    "AddBackgroundNoise": Comparison("AddBackgroundNoise", "output", background),
    "AddColoredNoise": Comparison("AddColoredNoise", "level of the noise", colored, "dB"),
    "ApplyImpulseResponse": Comparison("ApplyImpulseResponse", "output, both scaled to the same peak", response),
    "BandPassFilter": Comparison(
        "BandPass",
        "level of a tone in the passband; theirs is a windowed sinc",
        lambda: passed(
            "BandPassFilter",
            "BandPass",
            1000.0,
            {"frequency": 1000.0, "bandwidth": 1.0, "order": 4},
            {"center_freq": torch.tensor([1000.0]), "bandwidth": torch.tensor([1.0])},
        ),
        "dB",
    ),
    "BandStopFilter": Comparison(
        "BandStop",
        "level of a tone in the passband; theirs is a windowed sinc",
        lambda: passed(
            "BandStopFilter",
            "BandStop",
            4000.0,
            {"frequency": 1000.0, "bandwidth": 1.0, "order": 4},
            {"center_freq": torch.tensor([1000.0]), "bandwidth": torch.tensor([1.0])},
        ),
        "dB",
    ),
    "Compose": Comparison("Compose", "output of three transforms", lambda: composed(compose)),
    "Gain": Comparison(
        "Gain",
        "output",
        lambda: largest(
            ours("Gain", gain_db=-7.0), theirs("Gain", values={"gain_factors": torch.full((2, 1, 1), 10 ** (-7 / 20))})
        ),
    ),
    "HighPassFilter": Comparison(
        "HighPass",
        "level of a tone in the passband; theirs is a windowed sinc",
        lambda: passed(
            "HighPassFilter",
            "HighPass",
            4000.0,
            {"cutoff": 1000.0, "order": 4},
            {"cutoff_freq": torch.tensor([1000.0])},
        ),
        "dB",
    ),
    "Identity": Comparison("Identity", "output", lambda: largest(ours("Identity"), theirs("Identity"))),
    "LowPassFilter": Comparison(
        "LowPass",
        "level of a tone in the passband; theirs is a windowed sinc",
        lambda: passed(
            "LowPassFilter", "LowPass", 300.0, {"cutoff": 1000.0, "order": 4}, {"cutoff_freq": torch.tensor([1000.0])}
        ),
        "dB",
    ),
    "Mix": Comparison("Mix", "output", mix),
    "OneOf": Comparison("OneOf", "distribution of 1000 choices", lambda: choices(gain, one_of, first_sample), "%"),
    "Padding": Comparison("Padding", "output", padding),
    "PeakNormalization": Comparison(
        "PeakNormalization", "output", lambda: largest(ours("PeakNormalization"), theirs("PeakNormalization"))
    ),
    "PitchShift": Comparison("PitchShift", "pitch of a tone, for its ratio 5 / 4", pitch, "cents"),
    "PolarityInversion": Comparison(
        "PolarityInversion", "output", lambda: largest(ours("PolarityInversion"), theirs("PolarityInversion"))
    ),
    "RandomCrop": Comparison("RandomCrop", "distribution of 1000 places", lambda: crops(RandomCrop), "%"),
    "Shift": Comparison(
        "Shift", "output, without fades", lambda: both("Shift", "Shift", {"shift": 0.25}, shift=0.25, fade_ms=0.0)
    ),
    "ShuffleChannels": Comparison("ShuffleChannels", "output", shuffled),
    "SomeOf": Comparison(
        "SomeOf", "distribution of 1000 numbers of transforms", lambda: counts(gain, some_of, first_sample), "%"
    ),
    "SpliceOut": Comparison(
        "SpliceOut", "mean length that is left; theirs cuts half the width", lambda: splices(peer.SpliceOut), "%"
    ),
    "TimeInversion": Comparison(
        "TimeInversion", "output", lambda: largest(ours("TimeInversion"), theirs("TimeInversion"))
    ),
}


def names() -> set[str]:
    """Return the names of all augmentations that torch-audiomentations has, also those that it does not export."""
    return {name for name in dir(peer) if inspect.isclass(getattr(peer, name))} | {"Mix", "Padding", "RandomCrop"}
