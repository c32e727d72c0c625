"""Learning in a panel: a fit on a thread of its own, whose values the sliders and the sound follow."""

from fxlab.panel.learning.learner import Learner

__all__ = ["Learner"]
