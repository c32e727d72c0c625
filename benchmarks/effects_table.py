"""The times in the table of docs/effects.md: of every effect, and of pedalboard's where it has the effect.

    python -m benchmarks.effects_table [rounds]

10 s of stereo at 44.1 kHz in float32. It writes the table; nothing else checks the times.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pedalboard
import torch

from benchmarks.effects_dynamics import RATE, speech
from benchmarks.engine_rounds import Jobs, interleaved
from tests.support.effect_references_nonlinear import REFERENCES
from tests.support.effects_page import make, write

PEERS: dict[str, Callable[[], Any]] = {
    "Gain": lambda: pedalboard.Gain(6.0),
    "Invert": pedalboard.Invert,
    "Delay": lambda: pedalboard.Delay(0.35, 0.4, 0.5),
    "Reverb": pedalboard.Reverb,
    "Chorus": pedalboard.Chorus,
    "Phaser": pedalboard.Phaser,
    "Distortion": lambda: pedalboard.Distortion(12.0),
    "BitCrush": lambda: pedalboard.Bitcrush(8),
    "Compressor": lambda: pedalboard.Compressor(-20.0, 4.0, 10.0, 100.0),
    "Gate": lambda: pedalboard.NoiseGate(-40.0, 10.0, 1.0, 100.0),
    "Limiter": lambda: pedalboard.Limiter(-1.0, 100.0),
    "ConvolutionReverb": lambda: pedalboard.Convolution(room_response(), 0.3, RATE),
    "PitchShift": lambda: pedalboard.PitchShift(4.0),
}


def room_response() -> np.ndarray:
    """Return an impulse response of one second."""
    time = np.arange(RATE) / RATE
    noise = np.random.default_rng(1).standard_normal(RATE) * np.exp(-6.9 * time)
    response: np.ndarray = (noise / np.abs(noise).max()).astype(np.float32)
    return response


VALUES: dict[str, dict[str, Any]] = {
    "ConvolutionReverb": {"impulse_response": torch.from_numpy(room_response())},
    "PitchShift": {"semitones": 4.0},
    "Resample": {"rate": 48_000},
    "Speed": {"rate": 1.25},
    "TimeStretch": {"rate": 1.25},
}
"""The values of effects that do nothing, or too little, with their defaults."""


def main() -> None:
    """Measure all effects and write the table."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    x = speech()
    array = x.numpy()
    times = {}
    for name in REFERENCES:
        effect = make(name)
        for parameter, value in VALUES.get(name, {}).items():
            setattr(effect, parameter, value)
        jobs: Jobs = {"fxlab": lambda effect=effect: effect(x, sample_rate=RATE)}  # type: ignore[misc]
        if name in PEERS:
            peer = PEERS[name]()
            jobs["pedalboard"] = lambda peer=peer: peer(array, RATE)  # type: ignore[misc]
        with torch.no_grad():
            found = interleaved(jobs, rounds)
        cell = f"{found['fxlab']:.1f} ms"
        times[name] = f"{cell}; pedalboard {found['pedalboard']:.1f} ms" if name in PEERS else cell
        print(f"{name}: {times[name]}", flush=True)
    write(times)


if __name__ == "__main__":
    main()
