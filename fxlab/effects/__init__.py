"""Effects: modules that change the level, the modulation or the space of a sound.

- `level/`       gain
- `modulation/`  effects whose parameters change periodically: tremolo
"""

from fxlab.effects.level.gain import Gain
from fxlab.effects.modulation.tremolo import Tremolo

__all__ = ["Gain", "Tremolo"]
