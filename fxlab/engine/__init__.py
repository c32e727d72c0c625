"""Tensors in, tensors out: the recursions and convolutions that every filter and effect stands on.

`sosfilt` runs second-order sections; `frequency_response`, `group_delay`, `roots`, `pole_radius`, `settling`,
`noise_gain`, `multiplied` and `is_stable` read what they do off their coefficients. `on_circle`, `polynomial_delay` and
`polynomial_roots` do so for polynomials of any order, and `paired` makes sections of roots. How it is done, and how
exactly, is told in `docs/engine.md`.
"""

from fxlab.engine.cascade import sosfilt
from fxlab.engine.convolve import convolve
from fxlab.engine.delay import feedback_comb, feedback_delay, schroeder_allpass
from fxlab.engine.energy import noise_gain
from fxlab.engine.envelope import branching_smoother, decoupled_smoother, one_pole, smoothing_pole
from fxlab.engine.pairing import conjugates, paired
from fxlab.engine.partition import StreamingConvolver
from fxlab.engine.polynomial import counts, multiplied, on_circle, polynomial_delay, polynomial_roots
from fxlab.engine.response import frequency_response, group_delay, is_stable, pole_radius, roots
from fxlab.engine.ringing import settling
from fxlab.engine.saturating import ssfilt_saturating
from fxlab.engine.system import ssfilt
from fxlab.engine.system_varying import ssfilt_varying
from fxlab.engine.transfer import lfilter
from fxlab.engine.varying import sosfilt_varying

__all__ = [
    "StreamingConvolver",
    "branching_smoother",
    "conjugates",
    "convolve",
    "counts",
    "decoupled_smoother",
    "feedback_comb",
    "feedback_delay",
    "frequency_response",
    "group_delay",
    "is_stable",
    "lfilter",
    "multiplied",
    "noise_gain",
    "on_circle",
    "one_pole",
    "paired",
    "pole_radius",
    "polynomial_delay",
    "polynomial_roots",
    "roots",
    "schroeder_allpass",
    "settling",
    "smoothing_pole",
    "sosfilt",
    "sosfilt_varying",
    "ssfilt",
    "ssfilt_saturating",
    "ssfilt_varying",
]
