"""Parameters that move: a control is the value of a continuous parameter as a function of time.

- `LFO`         a periodic or random movement between two values
- `Ramp`        a single movement from one value to another
- `Automation`  a line through given points in time
- `Follower`    the level of the input, or of another sound

Their base class, `Control`, is in `fxlab/module/parameters/control.py`.
"""

from fxlab.control.automation import Automation
from fxlab.control.follower import Follower
from fxlab.control.lfo import LFO
from fxlab.control.ramp import Ramp

__all__ = ["LFO", "Automation", "Follower", "Ramp"]
