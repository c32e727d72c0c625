"""Feedback delay lines: combs, all-passes and damped echoes.

Entry point: `feedback_delay.py`, with `feedback_comb`, `schroeder_allpass` and `feedback_delay`. They check their
arguments with `row_arguments` and run one of two differentiable recurrences:

- `delay_recurrence`: y[n] = a[n] y[n - delay] + u[n], divided into parallel lanes by `lane_layout`
- `damped_recurrence`: the same with a one-pole filter in the loop

The smoothers of `fxlab.engine.envelope` use `delay_recurrence`, `lane_layout` and `row_arguments` too.
"""
