"""Frequency responses, roots, sections, noise gain and settling time, computed from coefficients.

Each file is an entry point, except `phase_slope` and `circle`:

- `frequency_response`: complex response and group delay of second-order sections. `phase_slope` computes the group
  delay of one polynomial, and `circle` has points and tolerances of the unit circle for several files
- `roots_response`: response and group delay from zeros, poles and gain
- `roots`: zeros, poles, stability and pole radius of sections
- `zpk_to_sos`: second-order sections from zeros and poles
- `polynomial`: sections multiplied out, and response, group delay and roots of polynomials of any order
- `noise_gain` and `settling_time`: energy and duration of the impulse response
- `quadrature`: points and weights for means over frequency, such as the noise gain of a filter bank
"""
