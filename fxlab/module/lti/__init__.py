"""Linear time-invariant modules: their analysis, and the base classes of filters.

- `linear_analysis.py`  `LinearAnalysis`, the entry point: all public methods, from `response` to `export`
- `lti.py`              `LTI`, a module that always has a response
- `recursive.py`, `finite.py`, `rational.py`  base classes: second-order sections, taps, two polynomials
- `kept_sections.py`    the sections of filters that have not changed since their last call
- `cascade_sum.py`      `CascadeSum`: the analysis of a sum of cascades; it finds its zeros with `sum_zeros.py`, or
                        with `simultaneous_zeros.py` for branches without zeros of their own
- `cascades.py`         joining, stacking and aligning cascades of second-order sections
- `phase.py`, `decay.py`, `frequencies.py`    unwrapped phase, decay time, and frequency grid for `LinearAnalysis`
- `export_sections.py`, `export_taps.py`      source code for `LinearAnalysis.export` and `Finite.export`
"""
