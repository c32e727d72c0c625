"""A linear system in a loop that saturates, without a loop over time: Newton's method on the whole course at once.

Each sample's output depends on the last one's state through a tanh, so no product of matrices gives the course of the
states. But about a course that is nearly right the recurrence is linear, with matrices that change from sample to
sample; solving that one gives a better course, and the digits that are right double each time. Where the loop is
stable, a handful of times do. By causality each time also puts at least one more sample right from the left, so a
stretch on which the course will not settle is cut where it has, and so always ends.

Source:
    Y. H. Lim, Q. Zhu, J. Selfridge, M. F. Kasim, "Parallelizing non-linear sequential models over the sequence
    length", ICLR 2024.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor

from fxlab.engine.recursion.filter_rows import full_precision
from fxlab.engine.recursion.section_arguments import check_signal, state_of, transformed
from fxlab.engine.recursion.sosfilt_varying import scan_varying
from fxlab.engine.recursion.ssfilt import check_frames, check_system, lead_of, parts
from fxlab.engine.recursion.statespace import StateSpace
from fxlab.engine.torch_support.shapes import broadcast_shapes
from fxlab.errors import EngineError

STRETCH = 1 << 15  # samples of all rows together that are solved at once
LONGEST = 1 << 13  # samples of one row: what goes wrong early on it costs the rest of it
SHORTEST = 16
PATIENCE = 16  # tries on a stretch before it is cut
SETTLED = 1e-5  # of the largest state, what a try may still move: its result is right to the square of that
HIGHEST = 1e300  # what goes into a tanh: far beyond where it is 1, and short of infinity
TRACED = 24  # tries where no number may be looked at


class Loop(NamedTuple):
    """`s' = A s + B u`, `y = C s + D u`, `u = tanh(drive (x - feedback y)) / drive`, for each sample."""

    space: StateSpace
    feedback: Tensor  # (..., time)
    drive: Tensor  # (..., time)


def ssfilt_saturating(
    x: Tensor,
    system: Tensor,
    feedback: Tensor,
    drive: Tensor,
    state: Tensor | None = None,
    *,
    hop_length: int = 1,
) -> tuple[Tensor, Tensor]:
    """Filter by a system fed with `tanh(drive (x - feedback y)) / drive`, its own output `y` taken back without delay.

    For small signals it is linear, and its output stays bounded for large ones. The equation of each sample is solved
    to rounding, so the result is that of a loop over samples. Gradients of the first order are exact, to all tensors.
    Inside PyTorch's transforms, where no number can be looked at, a fixed number of tries has to do.

    Shape:
        x: `(..., time)`.
        system: `(..., frames, n + 1, n + 1)`, as in `ssfilt_varying`; its `D` and `feedback` are not negative.
        feedback, drive: `(..., frames)`, or with 1 in place of frames; `drive` is above 0.
        state: `(..., n)`; None is rest.
        Returns `y` with the dtype of `x`, and the state after the last sample, in float64.

    Raises:
        EngineError: a wrong shape, dtype or device, another number of frames, or a matrix that is not finite.

    >>> wire = torch.tensor([[[0.0, 0.0], [0.0, 1.0]]])
    >>> one = torch.ones(1)
    >>> ssfilt_saturating(torch.tensor([0.0, 3.0]), wire, 0 * one, one, hop_length=2)[0]  # tanh(3)
    tensor([0.0000, 0.9951])
    """
    caller = "ssfilt_saturating"
    check_signal(caller, x)
    check_system(caller, system, x, frames=True)
    time, n = x.shape[-1], system.shape[-1] - 1
    check_frames(caller, system.shape[-3], time, hop_length)
    for name, value in (("feedback", feedback), ("drive", drive)):
        if value.dim() == 0 or value.shape[-1] not in (1, system.shape[-3]):
            raise EngineError(
                f"{caller}: {name} has the shape {tuple(value.shape)}; it must be (..., {system.shape[-3]}) or (..., 1)"
            )
    lead = broadcast_shapes(lead_of(caller, x, system, 3), feedback.shape[:-1], drive.shape[:-1])
    s = state_of(caller, state, lead, n, x, " and system")
    if math.prod(lead) * time == 0:
        return x.expand(*lead, time).clone(), s.clone()
    frames = [part.to(s.device, s.dtype) for part in (system, feedback, drive)]
    longest = max(SHORTEST, min(LONGEST, STRETCH // math.prod(lead)))
    count, start, outputs = longest, 0, []
    with full_precision(x):
        while start < time:
            cut = x[..., start : start + count].to(s.device, s.dtype).expand(*lead, -1)
            loop = _loop(frames, start, cut.shape[-1], hop_length)
            settled, course = _course(cut, loop, s)
            if settled < cut.shape[-1]:
                cut, course, loop = cut[..., :settled], course[..., :settled, :], _first(loop, settled)
            y, s = _step(cut, loop, course, s)
            outputs.append(y.to(x.device, x.dtype))
            start += settled
            count = min(longest, max(SHORTEST, 2 * settled))
    return torch.cat(outputs, -1), s


@torch.no_grad()
def _course(x: Tensor, loop: Loop, s: Tensor) -> tuple[int, Tensor]:
    """The states before each sample, `(..., time, n)`, and on how many samples they have settled."""
    x, s, traced = x.detach(), s.detach(), transformed(x)
    loop = Loop(StateSpace(*(part.detach() for part in loop.space)), loop.feedback.detach(), loop.drive.detach())
    time = x.shape[-1]
    course = s.unsqueeze(-2).expand(*s.shape[:-1], time, s.shape[-1])
    wrong = torch.ones(time, dtype=torch.bool)
    for _ in range(TRACED if traced else PATIENCE):
        step, drive = _linear(x, loop, course)
        found = scan_varying(step, drive.unsqueeze(-2), s.unsqueeze(-2))[0].squeeze(-2)
        if traced:
            course = found
            continue
        size = found.abs().amax((-2, -1), keepdim=True)
        wrong = ~((found - course).abs() <= SETTLED * size).all(-1).reshape(-1, time).all(0)
        # What ran out of range on the way is tried again from rest.
        course = torch.nan_to_num(found, nan=0.0, posinf=0.0, neginf=0.0)
        if not bool(wrong.any()):
            break
    if traced or not bool(wrong.any()):
        return time, course
    # The first sample's state is given, not found: one more is right whatever has happened.
    return max(1, int(wrong.nonzero()[0])), course


def _linear(x: Tensor, loop: Loop, course: Tensor) -> tuple[Tensor, Tensor]:
    """The recurrence about a course, `s' = step s + drive`: `(..., time, n, n)` and `(..., time, n)`."""
    (A, B, C, _), feedback, _ = loop
    ahead = x - feedback * (course * C).sum(-1)
    u, slope = _saturated(ahead, loop)
    taken = (slope * feedback).unsqueeze(-1) * C
    step = A - B.unsqueeze(-1) * taken.detach().unsqueeze(-2)
    # A c + B u(c) - step c, where the two products with A leave nothing.
    drive = B * (u + (taken.detach() * course).sum(-1)).unsqueeze(-1)
    return step, drive


def _step(x: Tensor, loop: Loop, course: Tensor, s: Tensor) -> tuple[Tensor, Tensor]:
    """The last of the steps, through which the gradients go: `y`, and the state after it."""
    (A, B, C, D), feedback, _ = loop
    ahead = x - feedback * (course * C).sum(-1)
    u, slope = _saturated(ahead, loop)
    step = (A - B.unsqueeze(-1) * ((slope * feedback).unsqueeze(-1) * C).unsqueeze(-2)).detach()
    # step (s - c) + A c + B u(c): the course is a constant here, the matrices are not.
    moved = (A @ course.unsqueeze(-1)).squeeze(-1) - (step @ course.unsqueeze(-1)).squeeze(-1)
    drive = moved + B * u.unsqueeze(-1)
    states, after = scan_varying(step, drive.unsqueeze(-2), s.unsqueeze(-2))
    states = states.squeeze(-2)
    seen = (states * C).sum(-1)
    return seen + D * _saturated(x - feedback * seen, loop)[0], after.squeeze(-2)


def _saturated(ahead: Tensor, loop: Loop) -> tuple[Tensor, Tensor]:
    """`u = tanh(drive e) / drive` with `e + feedback D u = ahead`, and its slope by `ahead`, without gradient."""
    drive, part = loop.drive, loop.feedback * loop.space.D
    target = (drive * ahead).clamp(-HIGHEST, HIGHEST)
    with torch.no_grad():
        e = _solved(target.detach(), part.detach())
    bent = torch.tanh(e)
    inner = 1 - bent * bent
    # One step of Newton's, from where nothing is left to do, has the gradients.
    e = e + (target - e - part * bent) / (1 + part.detach() * inner)
    return torch.tanh(e) / drive, (inner / (1 + part.detach() * inner)).detach()


def _solved(target: Tensor, part: Tensor) -> Tensor:
    """The `e` of `e + part tanh(e) = target`.

    On the positive side the left is concave and rising, so from below Newton's steps never pass the root.
    """
    size = target.abs()
    e = torch.maximum(size / (1 + part), size - part)
    for _ in range(40):
        bent = torch.tanh(e)
        step = (size - e - part * bent) / (1 + part * (1 - bent * bent))
        e = e + step
        if not transformed(target) and bool((step <= 1e-15 * size).all()):
            break
    return torch.copysign(e, target)


def _loop(frames: list[Tensor], start: int, count: int, hop: int) -> Loop:
    """What holds for `count` samples from `start` on."""
    system, feedback, drive = frames
    at = torch.arange(start, start + count, device=system.device) // hop

    def over(value: Tensor, dim: int) -> Tensor:
        return value if value.shape[dim] == 1 else value.index_select(dim, at)

    return Loop(parts(over(system, -3)), over(feedback, -1), over(drive, -1))


def _first(loop: Loop, count: int) -> Loop:
    """The same for the first samples of it."""
    A, B, C, D = loop.space
    space = StateSpace(A[..., :count, :, :], B[..., :count, :], C[..., :count, :], D[..., :count])
    return Loop(space, loop.feedback[..., :count], loop.drive[..., :count])
