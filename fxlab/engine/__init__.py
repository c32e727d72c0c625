"""Tensors in, tensors out: the recursions and convolutions that every filter and effect stands on.

`sosfilt` runs second-order sections; `frequency_response`, `group_delay`, `roots`, `pole_radius`, `settling`,
`noise_gain`, `multiplied` and `is_stable` read what they do off their coefficients. `on_circle`, `polynomial_delay` and
`polynomial_roots` do so for polynomials of any order, and `paired` makes sections of roots. How it is done, and how
exactly, is told in `docs/engine.md`.
"""

from fxlab.engine.convolution.convolve import convolve
from fxlab.engine.convolution.streaming_convolver import StreamingConvolver
from fxlab.engine.delay.feedback_delay import feedback_comb, feedback_delay, schroeder_allpass
from fxlab.engine.envelope.smoothers import branching_smoother, decoupled_smoother, one_pole, smoothing_pole
from fxlab.engine.recursion.lfilter import lfilter
from fxlab.engine.recursion.sosfilt import sosfilt
from fxlab.engine.recursion.sosfilt_varying import sosfilt_varying
from fxlab.engine.recursion.ssfilt import ssfilt
from fxlab.engine.recursion.ssfilt_saturating import ssfilt_saturating
from fxlab.engine.recursion.ssfilt_varying import ssfilt_varying
from fxlab.engine.response.frequency_response import frequency_response, group_delay
from fxlab.engine.response.noise_gain import noise_gain
from fxlab.engine.response.pairing import conjugates, paired
from fxlab.engine.response.polynomial import counts, multiplied, on_circle, polynomial_delay, polynomial_roots
from fxlab.engine.response.roots import is_stable, pole_radius, roots
from fxlab.engine.response.settling import settling

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
