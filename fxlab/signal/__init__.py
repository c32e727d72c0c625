"""Sounds: `Signal`, the generators, the examples, and reading and writing files.

- `signal.py` the sound itself: samples with their rate, frozen
- `samples.py` what may become one, and what is said of the rest
"""

from fxlab.signal.signal import Signal

__all__ = ["Signal"]
