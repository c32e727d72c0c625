"""Feedback delay lines: combs, all-passes and damped echoes.

Entry point: `feedback_delay.py`, with `feedback_comb`, `schroeder_allpass` and `feedback_delay`. They check their
arguments with `row_arguments` and run one of two differentiable recurrences:

- `delay_recurrence`: y[n] = a[n] y[n - delay] + u[n], divided into parallel lanes by `lane_layout`
- `damped_recurrence`: y[n] = pole y[n - 1] + gain y[n - delay] + u[n], a delay line with a one-pole filter in its loop

Delays that are fractional or move are in `fractional_delay.py` (reading between samples), `echo_line.py` (any function
as feedback) and `moving_comb.py` (a gain as feedback, in blocks as long as the current delay).

Reverberators run many lines together: `comb_bank.py` (parallel combs), `all_pass_chain.py` (all-passes in series), and
`delay_network.py` (lines that feed each other, with a filter in each line that `block_filter.py` computes). On a CPU,
without derivatives, they call functions that TorchScript compiles, in `line_script.py` and `network_script.py`.

The smoothers of `fxlab.engine.envelope` use `delay_recurrence`, `lane_layout` and `row_arguments` too.
"""
