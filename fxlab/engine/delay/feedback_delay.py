"""Feedback delay lines: comb, all-pass and damped echo, differentiable and with a state for block-wise processing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod

import torch
from torch import Tensor

from fxlab.engine.delay.damped_recurrence import damped_recurrence
from fxlab.engine.delay.delay_recurrence import delay_recurrence, delayed_output
from fxlab.engine.delay.row_arguments import broadcast_rows, initial_row_state
from fxlab.engine.torch_support.shapes import broadcast_shapes
from fxlab.errors import EngineError

Delay = int | Sequence[int] | Tensor
# A function of signal, parameters, state and delay that returns the output and the state after it.
RunDelayLine = Callable[[Tensor, list[Tensor], Tensor, int], tuple[Tensor, Tensor]]


def feedback_comb(x: Tensor, delay: Delay, gain: float | Tensor, state: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Return y[n] = x[n] + gain y[n - delay], and the state after the last sample.

    Shape:
        x and y: `(..., time)`. delay: an integer of 1 sample or more for all rows, or a sequence or tensor of such
        integers that broadcasts with x's leading dimensions. gain: a number, or a tensor that broadcasts likewise.
        state: `(..., delay)`, the last samples of y, newest last; None means zeros. With several delays its length is
        the longest delay, and a row with a shorter delay uses only the last samples. The returned state is float64
        (float32 on MPS).

    Raises:
        EngineError: A delay is not an integer of 1 sample or more, or shapes, dtypes or devices do not match.

    Source:
        M. R. Schroeder, "Natural sounding artificial reverberation", JAES 10(3), 1962.

    >>> y, state = feedback_comb(torch.tensor([1.0, 0.0, 0.0, 0.0, 0.0]), 2, 0.5)
    >>> y
    tensor([1.0000, 0.0000, 0.5000, 0.0000, 0.2500])
    """

    def run(x: Tensor, parameters: list[Tensor], line: Tensor, delay: int) -> tuple[Tensor, Tensor]:
        return delay_recurrence(x, parameters[0], line, delay)

    return _run_delay_lines("feedback_comb", x, delay, {"gain": gain}, state, run)


def schroeder_allpass(
    x: Tensor, delay: Delay, gain: float | Tensor, state: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """Return the output of Schroeder's all-pass, y[n] = x[n - delay] - gain x[n] + gain y[n - delay], and the state.

    With a gain between -1 and 1 the all-pass is stable, and the magnitude of its frequency response is 1 at all
    frequencies.

    Shape:
        As for `feedback_comb`; the state consists of the last samples of line[n] = x[n] + gain line[n - delay].

    Raises:
        EngineError: A delay is not an integer of 1 sample or more, or shapes, dtypes or devices do not match.

    Source:
        M. R. Schroeder, "Natural sounding artificial reverberation", JAES 10(3), 1962.

    >>> y, state = schroeder_allpass(torch.tensor([1.0, 0.0, 0.0, 0.0, 0.0]), 2, 0.5)
    >>> y
    tensor([-0.5000,  0.0000,  0.7500,  0.0000,  0.3750])
    """

    def run(x: Tensor, parameters: list[Tensor], line: Tensor, delay: int) -> tuple[Tensor, Tensor]:
        line_input, after = delay_recurrence(x, parameters[0], line, delay)
        return delayed_output(line_input, line) - parameters[0].to(line_input.dtype) * line_input, after

    return _run_delay_lines("schroeder_allpass", x, delay, {"gain": gain}, state, run)


def feedback_delay(
    x: Tensor, delay: Delay, feedback: float | Tensor, damping: float | Tensor = 0.0, state: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """Return the echoes of `x`, each filtered by a one-pole low-pass once more than the one before it, and the state.

    The input of the line is w[n] = x[n] + e[n], where e[n] = damping e[n - 1] + (1 - damping) feedback w[n - delay].
    The output is w[n - delay], so the first echo has full level.

    Shape:
        As for `feedback_comb`, where feedback and damping are given like its gain. The state is `(..., delay + 1)`: the
        last e, then the last samples of w.

    Raises:
        EngineError: A delay is not an integer of 1 sample or more, or shapes, dtypes or devices do not match.

    Source:
        J. A. Moorer, "About this reverberation business", Computer Music Journal 3(2), 1979.

    >>> y, state = feedback_delay(torch.tensor([1.0, 0.0, 0.0, 0.0, 0.0]), 2, 0.5, damping=0.5)
    >>> y
    tensor([0.0000, 0.0000, 1.0000, 0.0000, 0.2500])
    """
    is_undamped = not isinstance(damping, Tensor) and damping == 0

    def run(x: Tensor, parameters: list[Tensor], state: Tensor, delay: int) -> tuple[Tensor, Tensor]:
        feedback, damping = parameters
        echo, line = state[..., :1], state[..., 1:]
        if is_undamped:
            line_input, after = delay_recurrence(x, feedback, line, delay)
        else:
            # With e = w - x, the recurrence for w has the input x[n] - damping x[n - 1], where x[-1] = w[-1] - e[-1].
            u = x - damping.to(x.dtype) * delayed_output(x, line[..., -1:] - echo)
            line_input, after = damped_recurrence(u, damping, (1 - damping) * feedback, line, delay)
        if x.shape[-1]:
            echo = after[..., -1:] - x[..., -1:]
        return delayed_output(line_input, line), torch.cat([echo, after], -1)

    parameters = {"feedback": feedback, "damping": damping}
    return _run_delay_lines("feedback_delay", x, delay, parameters, state, run, extra_state=1)


def _run_delay_lines(  # noqa: PLR0917
    caller: str,
    x: Tensor,
    delay: Delay,
    parameters: dict[str, float | Tensor],
    state: Tensor | None,
    run: RunDelayLine,
    extra_state: int = 0,
) -> tuple[Tensor, Tensor]:
    """Check the arguments, and return the output and the state; all rows with the same delay run at once.

    The state consists of `extra_state` numbers, followed by the samples in the delay line; None means zeros. `run`
    computes the rows with one delay, and `caller` is the name of the function in error messages.

    Raises:
        EngineError: An argument is invalid, such as a delay of less than 1 sample.
    """
    signal, values = broadcast_rows(caller, x, **parameters)
    if isinstance(delay, int) and not isinstance(delay, bool):
        if delay < 1:
            raise EngineError(f"{caller}: delay is {delay}; a feedback delay needs 1 sample or more")
        y, after = run(signal, values, initial_row_state(caller, state, signal, delay + extra_state), delay)
        return y.to(x.dtype), after
    delays = _check_delays(caller, delay, signal)
    batch_shape = broadcast_shapes(signal.shape[:-1], tuple(delays.shape))
    longest = int(delays.max())
    signal = signal.expand(*batch_shape, signal.shape[-1])
    size = longest + extra_state
    first = initial_row_state(caller, state, signal, size).reshape(-1, size)
    rows = signal.reshape(prod(batch_shape), signal.shape[-1])
    values = [value.expand(*batch_shape, 1).reshape(-1, 1) for value in values]
    delays = delays.expand(batch_shape).reshape(-1)
    outputs, states, indices = [], [], []
    for samples in sorted(set(delays.tolist())):
        index = torch.nonzero(delays == samples)[:, 0].to(x.device)
        line = torch.cat([first[index, :extra_state], first[index, size - samples :]], -1)
        y, after = run(rows[index], [value[index] for value in values], line, samples)
        unused = after.new_zeros(len(index), longest - samples)
        outputs.append(y)
        states.append(torch.cat([after[:, :extra_state], unused, after[:, extra_state:]], -1))
        indices.append(index)
    order = torch.argsort(torch.cat(indices))
    y = torch.cat(outputs)[order].reshape(*batch_shape, -1) if signal.numel() else signal.clone()
    return y.to(x.dtype), torch.cat(states)[order].reshape(*batch_shape, size)


def _check_delays(caller: str, delay: int | Sequence[int] | Tensor, x: Tensor) -> Tensor:
    """Return the delays as an int64 tensor on the CPU.

    Raises:
        EngineError: There is no delay, a delay is not an integer of at least 1 sample, or the shape does not broadcast
            to the leading dimensions of `x`.
    """
    delays = torch.as_tensor(delay).cpu()
    if delays.numel() == 0:
        raise EngineError(f"{caller}: delay is empty; give a number of samples, or one for each row")
    if delays.is_floating_point() or delays.is_complex() or delays.dtype == torch.bool:
        raise EngineError(
            f"{caller}: delay is {delays.dtype}; it is a number of samples: give integers, e.g. round(seconds * rate)"
        )
    if bool((delays < 1).any()):
        raise EngineError(f"{caller}: delay is {delays.tolist()}; a feedback delay needs 1 sample or more")
    try:
        broadcast_shapes(x.shape[:-1], tuple(delays.shape))
    except RuntimeError:
        raise EngineError(
            f"{caller}: delay has the shape {tuple(delays.shape)}; it must broadcast to x's leading dimensions "
            f"{tuple(x.shape[:-1])}"
        ) from None
    return delays.long()
