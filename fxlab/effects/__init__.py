"""Effects: modules that change the level, the modulation or the space of a sound.

- `dynamics/`    compressor, expander, gate
- `level/`       gain
- `modulation/`  effects whose parameters change periodically: tremolo
"""

from fxlab.effects.dynamics.compressor import Compressor
from fxlab.effects.dynamics.expander import Expander, Gate
from fxlab.effects.level.gain import Gain
from fxlab.effects.modulation.tremolo import Tremolo

__all__ = ["Compressor", "Expander", "Gain", "Gate", "Tremolo"]
