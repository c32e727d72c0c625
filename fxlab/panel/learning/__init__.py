"""Learning in a panel: a fit on a thread of its own, whose values the sliders and the sound follow.

- `learner.py`         the fit
- `panel_learning.py`  the target and the fit of one panel, and their state for its pages
- `target_file.py`     reads a target from a file
"""

from fxlab.panel.learning.learner import Learner
from fxlab.panel.learning.panel_learning import PanelLearning
from fxlab.panel.learning.target_file import read_target

__all__ = ["Learner", "PanelLearning", "read_target"]
