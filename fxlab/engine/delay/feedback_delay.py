"""Feedback delay lines by blocks of their delay: comb, all-pass, damped echo; exact, streaming, differentiable."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod

import torch
from torch import Tensor

from fxlab.engine.delay.damped import damping_loop
from fxlab.engine.delay.recurrence import before, recurring
from fxlab.engine.delay.rows import first_state, rows
from fxlab.engine.torch_support.shapes import broadcast_shapes
from fxlab.errors import EngineError

Delay = int | Sequence[int] | Tensor
Line = Callable[[Tensor, list[Tensor], Tensor, int], tuple[Tensor, Tensor]]


def feedback_comb(x: Tensor, delay: Delay, gain: float | Tensor, state: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Feed the output back after `delay` samples, y[n] = x[n] + gain y[n - delay]; also gives the state.

    Shape:
        x and y: `(..., time)`. delay: samples, 1 or more, one for all or one for each row: integers that broadcast to
        x's leading dimensions. gain: a number, or a tensor that broadcasts likewise. state: `(..., delay)`, the last
        samples of y, newest last; with several delays as long as the longest, of which a row uses its own.

    Raises:
        EngineError: a delay below one sample, or shapes, types or devices that do not fit together.

    Source:
        M. R. Schroeder, "Natural sounding artificial reverberation", JAES 10(3), 1962.

    >>> y, state = feedback_comb(torch.tensor([1.0, 0.0, 0.0, 0.0, 0.0]), 2, 0.5)
    >>> y
    tensor([1.0000, 0.0000, 0.5000, 0.0000, 0.2500])
    """

    def run(x: Tensor, numbers: list[Tensor], line: Tensor, delay: int) -> tuple[Tensor, Tensor]:
        return recurring(x, numbers[0], line, delay)

    return _lines("feedback_comb", x, delay, {"gain": gain}, state, run)


def schroeder_allpass(
    x: Tensor, delay: Delay, gain: float | Tensor, state: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """Pass every frequency alike with its own delay: y[n] = x[n - delay] - gain x[n] + gain y[n - delay].

    Shape:
        As for `feedback_comb`; the state holds the last samples in the line, x[n] + gain line[n - delay].

    Raises:
        EngineError: a delay below one sample, or shapes, types or devices that do not fit together.

    Source:
        M. R. Schroeder, "Natural sounding artificial reverberation", JAES 10(3), 1962.

    >>> y, state = schroeder_allpass(torch.tensor([1.0, 0.0, 0.0, 0.0, 0.0]), 2, 0.5)
    >>> y
    tensor([-0.5000,  0.0000,  0.7500,  0.0000,  0.3750])
    """

    def run(x: Tensor, numbers: list[Tensor], line: Tensor, delay: int) -> tuple[Tensor, Tensor]:
        held, after = recurring(x, numbers[0], line, delay)
        return before(held, line) - numbers[0].to(held.dtype) * held, after

    return _lines("schroeder_allpass", x, delay, {"gain": gain}, state, run)


def feedback_delay(
    x: Tensor, delay: Delay, feedback: float | Tensor, damping: float | Tensor = 0.0, state: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """Echo: x after `delay` samples, fed back through a one-pole low-pass that damps each echo more than the last.

    The line holds w[n] = x[n] + e[n], where e[n] = damping e[n - 1] + (1 - damping) feedback w[n - delay]; the output
    is w[n - delay], the first echo at full level.

    Shape:
        As for `feedback_comb`, save that the state is `(..., delay + 1)`: the last e, then the line's last samples.

    Raises:
        EngineError: a delay below one sample, or shapes, types or devices that do not fit together.

    Source:
        J. A. Moorer, "About this reverberation business", Computer Music Journal 3(2), 1979.

    >>> y, state = feedback_delay(torch.tensor([1.0, 0.0, 0.0, 0.0, 0.0]), 2, 0.5, damping=0.5)
    >>> y
    tensor([0.0000, 0.0000, 1.0000, 0.0000, 0.2500])
    """
    undamped = not isinstance(damping, Tensor) and damping == 0

    def run(x: Tensor, numbers: list[Tensor], state: Tensor, delay: int) -> tuple[Tensor, Tensor]:
        feedback, damping = numbers
        echo, line = state[..., :1], state[..., 1:]
        if undamped:
            held, after = recurring(x, feedback, line, delay)
        else:
            # e is w - x; put into w's recursion, x enters as x[n] - damping x[n - 1], x[-1] being w[-1] - e[-1].
            u = x - damping.to(x.dtype) * before(x, line[..., -1:] - echo)
            held, after = damping_loop(u, damping, (1 - damping) * feedback, line, delay)
        if x.shape[-1]:
            echo = after[..., -1:] - x[..., -1:]
        return before(held, line), torch.cat([echo, after], -1)

    return _lines("feedback_delay", x, delay, {"feedback": feedback, "damping": damping}, state, run, extra=1)


def _lines(  # noqa: PLR0917
    caller: str,
    x: Tensor,
    delay: Delay,
    numbers: dict[str, float | Tensor],
    state: Tensor | None,
    run: Line,
    extra: int = 0,
) -> tuple[Tensor, Tensor]:
    work, values = rows(caller, x, **numbers)
    if isinstance(delay, int):
        if delay < 1:
            raise EngineError(f"{caller}: delay is {delay}; a feedback line needs 1 sample or more")
        y, after = run(work, values, first_state(caller, state, work, delay + extra), delay)
        return y.to(x.dtype), after
    each = _delays(caller, delay, work)
    lead = broadcast_shapes(work.shape[:-1], tuple(each.shape))
    longest = int(each.max())
    work = work.expand(*lead, work.shape[-1])
    first = first_state(caller, state, work, longest + extra).reshape(-1, longest + extra)
    flat, values = work.reshape(prod(lead), work.shape[-1]), [v.expand(*lead, 1).reshape(-1, 1) for v in values]
    each = each.expand(lead).reshape(-1)
    outputs, states, places = [], [], []
    for one in sorted(set(each.tolist())):
        place = torch.nonzero(each == one)[:, 0].to(x.device)
        line = torch.cat([first[place, :extra], first[place, longest + extra - one :]], -1)
        y, after = run(flat[place], [v[place] for v in values], line, one)
        older = after.new_zeros(len(place), longest - one)
        outputs.append(y)
        states.append(torch.cat([after[:, :extra], older, after[:, extra:]], -1))
        places.append(place)
    order = torch.argsort(torch.cat(places))
    y = torch.cat(outputs)[order].reshape(*lead, -1) if work.numel() else work.clone()
    return y.to(x.dtype), torch.cat(states)[order].reshape(*lead, longest + extra)


def _delays(caller: str, delay: Sequence[int] | Tensor, x: Tensor) -> Tensor:
    each = torch.as_tensor(delay).cpu()
    if each.is_floating_point() or each.is_complex() or each.dtype == torch.bool:
        raise EngineError(
            f"{caller}: delay holds {each.dtype}; it counts samples: give integers, e.g. round(seconds * rate)"
        )
    if each.numel() == 0 or bool((each < 1).any()):
        raise EngineError(f"{caller}: delay is {each.tolist()}; a feedback line needs 1 sample or more")
    try:
        broadcast_shapes(x.shape[:-1], tuple(each.shape))
    except RuntimeError:
        raise EngineError(
            f"{caller}: delay has the shape {tuple(each.shape)}; it must broadcast to x's leading dimensions "
            f"{tuple(x.shape[:-1])}"
        ) from None
    return each.long()
