"""Filters and filter analysis as functions of tensors; most have gradients and no loop over samples.

The folders and their contents:

- `recursion`      recursive filters in blocks of matrix products: `sosfilt`, `lfilter`, `ssfilt`,
                   `sosfilt_varying`, `ssfilt_varying` and `ssfilt_saturating`. `state_space` and `block_matrices`
                   build the matrices, `filter_plan` stores them, `segments` and `tiles` multiply by them,
                   `filter_rows` adds the gradients, `realization` prepares a filter, and `filter_signal` runs it.
                   Initial states: `sosfilt_zi`, `lfilter_zi`, `lfiltic`, `ssfilt_zi`.
- `convolution`    finite impulse responses by overlap-save: `convolve`, `StreamingConvolver`
- `delay`          feedback delay lines: `feedback_comb`, `schroeder_allpass`, `feedback_delay`, and the parallel
                   recurrences on which they and the smoothers are built; fractional and moving delays, and the delay
                   lines of reverberators
- `envelope`       smoothers with attack and release: `one_pole`, `branching_smoother`, `decoupled_smoother`,
                   `smoothing_pole`; `sliding_maximum` and `sliding_mean`
- `resampling`     `upsample` and `downsample` by integer factors, `oversampling_reach`; `polyphase.py` for any ratio
- `response`       analysis of coefficients. Of sections: `frequency_response`, `group_delay`, `roots`, `pole_radius`,
                   `is_stable`, `settling_time`, `noise_gain`, `sos_to_tf`. Of polynomials of any order:
                   `polynomial_response`, `polynomial_delay`, `polynomial_roots`, `limit_of_ratio`,
                   `significant_coefficients`. Of roots: `roots_response`, `roots_delay`. Sections from roots:
                   `zpk_to_sos`, `conjugate_pairs`.
- `fixed_point`    integer simulation of flow graphs, for `fxlab.FixedPoint`
- `torch_support`  custom operators, tracing, precision, worker threads, a buffer pool, shapes and checks of tensors

`docs/engine.md` and `docs/engine-nonlinear.md` explain the methods and their accuracy.
"""

from fxlab.engine.convolution.convolve import convolve
from fxlab.engine.convolution.streaming_convolver import StreamingConvolver
from fxlab.engine.delay.feedback_delay import feedback_comb, feedback_delay, schroeder_allpass
from fxlab.engine.envelope.sliding_window import sliding_maximum, sliding_mean
from fxlab.engine.envelope.smoothers import branching_smoother, decoupled_smoother, one_pole, smoothing_pole
from fxlab.engine.recursion.lfilter import lfilter
from fxlab.engine.recursion.sosfilt import sosfilt
from fxlab.engine.recursion.ssfilt import ssfilt
from fxlab.engine.recursion.steady_state import lfilter_zi, lfiltic, sosfilt_zi, ssfilt_zi
from fxlab.engine.recursion.varying.sosfilt_varying import sosfilt_varying
from fxlab.engine.recursion.varying.ssfilt_saturating import ssfilt_saturating
from fxlab.engine.recursion.varying.ssfilt_varying import ssfilt_varying
from fxlab.engine.resampling.oversample import downsample, oversampling_reach, upsample
from fxlab.engine.response.frequency_response import frequency_response, group_delay
from fxlab.engine.response.noise_gain import noise_gain
from fxlab.engine.response.polynomial import (
    limit_of_ratio,
    polynomial_delay,
    polynomial_response,
    polynomial_roots,
    significant_coefficients,
    sos_to_tf,
)
from fxlab.engine.response.roots import is_stable, pole_radius, roots
from fxlab.engine.response.roots_response import roots_delay, roots_response
from fxlab.engine.response.settling_time import settling_time
from fxlab.engine.response.zpk_to_sos import conjugate_pairs, zpk_to_sos

__all__ = [
    "StreamingConvolver",
    "branching_smoother",
    "conjugate_pairs",
    "convolve",
    "decoupled_smoother",
    "downsample",
    "feedback_comb",
    "feedback_delay",
    "frequency_response",
    "group_delay",
    "is_stable",
    "lfilter",
    "lfilter_zi",
    "lfiltic",
    "limit_of_ratio",
    "noise_gain",
    "one_pole",
    "oversampling_reach",
    "pole_radius",
    "polynomial_delay",
    "polynomial_response",
    "polynomial_roots",
    "roots",
    "roots_delay",
    "roots_response",
    "schroeder_allpass",
    "settling_time",
    "significant_coefficients",
    "sliding_maximum",
    "sliding_mean",
    "smoothing_pole",
    "sos_to_tf",
    "sosfilt",
    "sosfilt_varying",
    "sosfilt_zi",
    "ssfilt",
    "ssfilt_saturating",
    "ssfilt_varying",
    "ssfilt_zi",
    "upsample",
    "zpk_to_sos",
]
