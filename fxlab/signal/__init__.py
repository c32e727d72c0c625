"""Sounds: `Signal`, the generators, the examples, and reading and writing files.

- `signal.py` the sound itself: samples with their rate, frozen
- `samples.py` what may become one, and what is said of the rest
- `generators.py` tones, sweeps, impulses, noise and silence, on the samples that `grid.py` lays out
- `examples.py` a voice, a guitar (`guitar.py`) and drums (`drums.py`), the two in a `room.py`
- `files.py` reading and writing; `formats.py` what each kind of file holds, `damage.py` what is missing of one
"""

from fxlab.signal import examples
from fxlab.signal.generators import chirp, impulse, noise, sawtooth, silence, sine, square
from fxlab.signal.reading import load, save
from fxlab.signal.signal import Signal

__all__ = ["Signal", "chirp", "examples", "impulse", "load", "noise", "save", "sawtooth", "silence", "sine", "square"]
