"""Differences between outputs of fxlab and of audiomentations for equal parameters, in the units of the rows."""

from __future__ import annotations

import functools
import random
import tempfile
from pathlib import Path
from typing import Any

import audiomentations as peer
import numpy as np

import fxlab as fx
from fxlab import augment
from tests.support.parity.comparison import (
    RATE,
    cents,
    frequency_of,
    largest,
    noise_level,
    ours,
    quiet,
    sound,
    tone,
)


def theirs(name: str, *args: Any, x: Any = None, values: dict[str, Any] | None = None, **limits: Any) -> Any:
    """Return the output of theirs; each range is one value, and `values` replaces what it drew."""
    made = quiet(lambda: getattr(peer, name)(*args, p=1.0, **limits))
    x = sound() if x is None else x
    random.seed(1)  # it has no generator of its own
    np.random.seed(1)
    if values is not None:
        made.parameters = {"should_apply": True, **values}
        return quiet(lambda: made.apply(x.copy(), RATE))
    return quiet(lambda: made(x.copy(), RATE))


@functools.cache
def file(kind: str) -> str:
    """Return the path of a WAV file of floats: a noise as long as the sound, a short one, or an impulse response."""
    folder = Path(tempfile.mkdtemp(prefix="fxlab-parity-"))
    if kind == "noise":
        fx.noise(duration=1.0, sample_rate=RATE, seed=7).save(folder / "noise.wav")
    elif kind == "short noise":
        fx.noise(duration=0.2, sample_rate=RATE, seed=8).save(folder / "short.wav")
    else:
        fx.Signal(np.exp(-np.arange(800) / 100) * np.cos(np.arange(800)), RATE).save(folder / "response.wav")
    return str(next(folder.iterdir()))


def added(first: Any, second: Any) -> float:
    """Return by how many dB the levels of the added noises differ."""
    return abs(noise_level(first, sound()) - noise_level(second, sound()))


def butterworth(name: str, ours_name: str, zero_phase: bool = False, **edges: float) -> float:
    """Return the difference of two filters of 24 dB per octave, or of twice 12."""
    if "cutoff" in edges:
        limits = {"min_cutoff_freq": edges["cutoff"], "max_cutoff_freq": edges["cutoff"]}
    else:
        limits = {"min_center_freq": edges["frequency"], "max_center_freq": edges["frequency"]}
        limits |= {"min_bandwidth_fraction": edges["bandwidth"], "max_bandwidth_fraction": edges["bandwidth"]}
    other = theirs(name, min_rolloff=24, max_rolloff=24, zero_phase=zero_phase, **limits)
    own = ours(ours_name, order=2 if zero_phase else 4, zero_phase=zero_phase, **edges)
    return largest(own, other)


def shelf(name: str, ours_name: str, center: str, value: float) -> float:
    """Return the difference of two equalizers."""
    limits = {"center_freq": value, "gain_db": 7.0, "q": 0.8}
    other = theirs(name, **{f"{end}_{key}": v for key, v in limits.items() for end in ("min", "max")})
    return largest(ours(ours_name, **{center: value, "gain_db": 7.0, "q": 0.8}), other)


def seven_bands() -> float:
    """Return the difference of two equalizers of seven bands that have the same values."""
    own = augment.SevenBandParametricEQ(p=1.0, seed=2)
    y = own(sound(), 24_000)
    values = own.last_draw["values"]  # type: ignore[index]
    made = quiet(lambda: peer.SevenBandParametricEQ(p=1.0))
    bands = [made.low_shelf_filter, *made.peaking_filters, made.high_shelf_filter]
    for number, band in enumerate(bands):
        drawn = {key: values[key][0][number] for key in ("frequency", "gain_db", "q")}
        band.parameters = {"should_apply": True, "center_freq": drawn["frequency"], "gain_db": drawn["gain_db"]}
        band.parameters["q_factor" if hasattr(band, "q_factor") else "q"] = drawn["q"]
        band.parameters["q_factor"] = drawn["q"]
    made.parameters = {"should_apply": True}
    return largest(y, quiet(lambda: made.apply(sound(), 24_000)))


def gain_transition() -> float:
    """Return the difference of two gain transitions."""
    values = {"fade_time_samples": 4000, "t0": 6000, "start_gain_db": -10.0, "end_gain_db": 3.0}
    place = (6000 + 4000) / (16_000 + 4000)
    own = ours("GainTransition", start_db=-10.0, end_db=3.0, duration_s=0.25, place=place)
    return largest(own, theirs("GainTransition", values=values))


def bit_crush() -> float:
    """Return the difference in steps of 8 bits; theirs has one step more at each end."""
    return largest(ours("BitCrush", bits=8), theirs("BitCrush", min_bit_depth=8, max_bit_depth=8)) * 128


def normalized(first: Any, second: Any) -> float:
    """Return the difference of two outputs after both have a peak of 1."""
    return largest(np.asarray(first) / np.abs(first).max(), np.asarray(second) / np.abs(second).max())


def loudness(lufs: float = -20.0) -> float:
    """Return by how many dB the loudness differs from the drawn value, which theirs measures with another package."""
    y = ours("LoudnessNormalization", level_db=lufs)
    import pyloudnorm

    return abs(float(pyloudnorm.Meter(RATE).integrated_loudness(y)) - lufs)


def trim() -> float:
    """Return the difference of the lengths in milliseconds, of a sound with silence around it."""
    x = sound()
    x[:5000] = 0
    x[-4000:] = 0
    return (
        abs(len(ours("Trim", x=x, top_db=30.0, frame_ms=128.0)) - len(theirs("Trim", x=x, top_db=30.0))) / RATE * 1000
    )


def pitch(own: Any, other: Any) -> float:
    """Return the distance of two tones in cents."""
    return cents(frequency_of(own), frequency_of(other))


def shift() -> float:
    """Return the difference of two shifts with fades."""
    limits = {"min_shift": 0.25, "max_shift": 0.25}
    return max(
        largest(
            ours("Shift", shift=0.25, rollover=rollover, fade_ms=0.0),
            theirs("Shift", rollover=rollover, fade_duration=0.0, **limits),
        )
        for rollover in (True, False)
    )


def padding() -> float:
    """Return the largest difference of all kinds of padding."""
    return max(
        largest(
            ours("Padding", fraction=0.3, padding=kind, section=section),
            theirs("Padding", mode=kind, min_fraction=0.3, max_fraction=0.3, pad_section=section),
        )
        for kind in ("silence", "wrap", "reflect")
        for section in ("start", "end")
    )


def adjusted() -> float:
    """Return the largest difference of sounds that are extended to 1.5 s."""
    return max(
        largest(
            ours("AdjustDuration", duration_s=1.5, padding=kind, section=section),
            theirs("AdjustDuration", duration_seconds=1.5, padding_mode=kind, padding_position=section),
        )
        for kind in ("silence", "wrap", "reflect")
        for section in ("start", "end")
    )


def time_mask() -> float:
    """Return the difference of two masks."""
    values = {"t": 3200, "t0": 6400}
    own = ours("TimeMask", fraction=0.2, place=0.5, fade_ms=0.0)
    return largest(own, theirs("TimeMask", fade_duration=0.0, values=values))


def repeat() -> float:
    """Return the difference of two repetitions."""
    values = {"part_start_index": 4000, "part_num_samples": 2000, "repeats": 2}
    place = 4000 / (16_000 - 2000)
    own = ours("RepeatPart", part_s=2000 / RATE, place=place, repeats=2, fade_ms=0.0)
    return largest(own, theirs("RepeatPart", mode="replace", crossfade_duration=0.0, values=values))


def resampled() -> float:
    """Return the difference of a tone at 12 kHz, without its ends."""
    own = augment.Resample(rate=12_000, p=1.0)(tone(), RATE)
    other = theirs("Resample", x=tone(), min_sample_rate=12_000, max_sample_rate=12_000)
    return largest(own[500:11_500], other[500:11_500])


def clip() -> float:
    """Return the difference of clipping at ±0.2 by a function in a Compose."""
    own = augment.Compose([fx.wrap(lambda x: x.clamp(-0.2, 0.2))])(sound(), RATE)
    return largest(own, theirs("Clip", a_min=-0.2, a_max=0.2))


def function() -> float:
    """Return the difference of a function in a Compose."""
    own = augment.Compose([fx.wrap(lambda x: x**3)])(sound(), RATE)
    return largest(own, theirs("Lambda", transform=lambda samples, sample_rate: samples**3))


def gain(level: float) -> Any:
    """Return their gain of this level in dB."""
    return peer.Gain(min_gain_db=level, max_gain_db=level, p=1.0)


def first_sample(made: Any) -> float:
    """Return the first sample of their output for a constant of 1."""
    return float(made(np.ones(4, dtype=np.float32), RATE)[0])


def short_noise() -> float:
    """Return the difference of two outputs with one noise, at a quarter of the time that it can begin."""
    values = {"count": [1], "sound": [[0]], "place": [[0.25]], "snr_db": [[6.0]], "fade_s": [[0.0]]}
    own = augment.AddShortNoises(file("short noise"), p=1.0).replay({"applied": [True], "values": values})
    start = int(0.25 * (sound().shape[-1] - 0.2 * RATE + 1)) / RATE
    # A fade of one sample, which is 1: theirs fails without one.
    drawn = {"fade_in_time": 0.0, "fade_out_time": 1.5 / RATE, "start": start + 1e-9, "end": start + 0.2, "rms_db": 0.0}
    sounds = [drawn | {"file_path": file("short noise"), "snr_db": 6.0}]
    options = {"noise_rms": "relative_to_whole_input", "include_silence_in_noise_rms_estimation": True}
    other = theirs("AddShortNoises", file("short noise"), values={"sounds": sounds}, **options)
    return largest(own(sound(), RATE), other)
