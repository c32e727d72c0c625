"""Linear time-invariant modules: their analysis, and the base classes of filters.

- `linear_analysis.py`  `LinearAnalysis`, the entry point: the public methods, such as `response` and `export`
- `linear_definition.py`  `LinearDefinition`, its base class: what a subclass defines
- `lti.py`              `LTI`, the base class of modules that always have a response
- `recursive.py`, `finite.py`, `rational.py`  base classes: second-order sections, taps, two polynomials
- `kept_sections.py`    the sections of filters that have not changed since their last call
- `cascade_sum.py`      `CascadeSum`: the analysis of a sum of cascades, with zeros from `sum_zeros.py`, or from
                        `simultaneous_zeros.py` for branches without zeros of their own
- `convolve_block.py`   one block of a stream for `Finite`; `linear_phase_delay.py` the latency of its taps
- `filter_steps.py`, `crossfade_taps.py`      filters whose parameters move: sections, and taps
- `conditioning.py`     the error of coefficients that are rounded to float64, and the warning about it
- `scipy_pairing.py`    sections in the pairing of SciPy, for comparison
- `plotted_parts.py`    the parts whose responses a plot draws too
- `cascades.py`         joining, stacking and aligning cascades of second-order sections
- `phase.py`, `decay.py`, `frequencies.py`    unwrapped phase, decay time, and frequency grid for `LinearAnalysis`
- `export_sections.py`, `export_taps.py`      source code for `LinearAnalysis.export` and `Finite.export`
"""
