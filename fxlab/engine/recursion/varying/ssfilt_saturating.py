"""`ssfilt_saturating`: a linear state space in a feedback loop with a tanh, without a loop over time.

Each state depends on the state before it through a tanh, so products of given matrices cannot compute the states.
Newton's method computes the states of many samples at once: linearized about an approximate trajectory, the recurrence
has matrices that change from sample to sample, and its solution is a more accurate trajectory. Near the solution, the
number of correct digits doubles with each iteration, so a few iterations suffice if the loop is stable. By causality,
the number of correct samples from the first on also grows by at least one with each iteration. If a segment does not
converge, its converged part is kept and the rest is solved as a new segment, so the method terminates.

Source:
    Y. H. Lim, Q. Zhu, J. Selfridge, M. F. Kasim, "Parallelizing non-linear sequential models over the sequence
    length", ICLR 2024.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor

from fxlab.engine.recursion.initial_state import initial_state
from fxlab.engine.recursion.matrices.state_space import StateSpace
from fxlab.engine.recursion.system_arguments import broadcast_system_batch, check_frames, check_system, split_system
from fxlab.engine.recursion.varying.scan_varying import scan_varying
from fxlab.engine.torch_support.precision import disable_autocast
from fxlab.engine.torch_support.shapes import broadcast_shapes
from fxlab.engine.torch_support.tensor_checks import check_matches_signal, check_signal
from fxlab.engine.torch_support.tracing import is_traced
from fxlab.errors import EngineError

MAX_SEGMENT_ELEMENTS = 1 << 15  # samples, over all rows, that are solved at once
MAX_SEGMENT = 1 << 13  # samples of one row; a sample that does not converge invalidates the rest of its segment
MIN_SEGMENT = 16  # samples of one row
MAX_ITERATIONS = 16  # for one segment before it is shortened
# Largest change in an iteration, relative to the largest state, that counts as converged. The error after that
# iteration is about the square of the change.
TOLERANCE = 1e-5
MAX_TANH_INPUT = 1e300  # finite, and far beyond the range where tanh differs from 1
TRACED_ITERATIONS = 24  # used where convergence cannot be tested because the values are not available
MAX_TANH_ITERATIONS = 40


class SaturatingLoop(NamedTuple):
    """The coefficients of `s' = A s + B u`, `y = C s + D u`, `u = tanh(drive (x - feedback y)) / drive` at each sample.

    The matrices of the space are `(..., time, n, n)`, `(..., time, n)` for B and C and `(..., time)` for D; the time is
    1 if they do not change.
    """

    space: StateSpace
    feedback: Tensor  # (..., time) or (..., 1)
    drive: Tensor  # (..., time) or (..., 1)


def ssfilt_saturating(
    x: Tensor,
    system: Tensor,
    feedback: Tensor,
    drive: Tensor,
    state: Tensor | None = None,
    *,
    hop_length: int = 1,
) -> tuple[Tensor, Tensor]:
    """Filter `tanh(drive (x - feedback y)) / drive` with a linear system, whose output `y` is fed back without delay.

    For small signals the loop is almost linear; the input of the linear system is at most `1 / drive` in magnitude. Up
    to rounding, the result is that of a loop over samples which solves the equation of each sample. Gradients of first
    order are supported for all tensors, those of higher orders are not. Inside transforms of `torch.func` and in
    recorded graphs, where convergence cannot be tested, the number of iterations is fixed, and the result may not have
    converged.

    Shape:
        x: `(..., time)`.
        system: `(..., frames, n + 1, n + 1)`, as in `ssfilt_varying`, with one frame for each hop of `hop_length`
            samples. The product of `feedback` and the `D` of a system must not be negative.
        feedback, drive: `(..., frames)`, or `(..., 1)`; `drive` must be above 0.
        state: `(..., n)`; None means zeros.
        Returns `y` with the dtype of `x`, and the state after the last sample, in float64.

    Raises:
        EngineError: A shape, dtype, device or number of frames is wrong, `hop_length` is not a positive integer, or a
            matrix is not finite.

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
    batch_shape = broadcast_system_batch(caller, x, system, frames=True)
    for name, value in (("feedback", feedback), ("drive", drive)):
        batch_shape = _broadcast_factor(name, value, x, system.shape[-3], batch_shape)
    s = initial_state(caller, state, batch_shape, n, x, " and system")
    if math.prod(batch_shape) * time == 0:
        return x.expand(*batch_shape, time).clone(), s.clone()
    frames = [part.to(s.device, s.dtype) for part in (system, feedback, drive)]
    max_count = max(MIN_SEGMENT, min(MAX_SEGMENT, MAX_SEGMENT_ELEMENTS // math.prod(batch_shape)))
    count, start, outputs = max_count, 0, []
    with disable_autocast(x):
        while start < time:
            segment = x[..., start : start + count].to(s.device, s.dtype).expand(*batch_shape, -1)
            loop = _loop_of_segment(frames, start, segment.shape[-1], hop_length)
            converged, trajectory = _solve_trajectory(segment, loop, s)
            if converged < segment.shape[-1]:
                segment, trajectory = segment[..., :converged], trajectory[..., :converged, :]
                loop = _truncate_loop(loop, converged)
            y, s = _last_iteration(segment, loop, trajectory, s)
            outputs.append(y.to(x.device, x.dtype))
            start += converged
            count = min(max_count, max(MIN_SEGMENT, 2 * converged))
    return torch.cat(outputs, -1), s


def _broadcast_factor(name: str, value: Tensor, x: Tensor, frames: int, batch_shape: torch.Size) -> torch.Size:
    """Return the shape to which `batch_shape` and the leading dimensions of `value`, feedback or drive, broadcast.

    Raises:
        EngineError: The shapes do not broadcast, or `value` is not a tensor `(..., frames)` or `(..., 1)`, or does not
            match `x`.
    """
    caller, expected = "ssfilt_saturating", f"(..., {frames}) or (..., 1)"
    if not isinstance(value, Tensor):
        raise EngineError(f"{caller}: {name} is a {type(value).__name__}; it must be a tensor {expected}")
    if value.dim() == 0 or value.shape[-1] not in (1, frames):
        raise EngineError(f"{caller}: {name} has the shape {tuple(value.shape)}; it must be {expected}")
    check_matches_signal(caller, name, value, x)
    try:
        return broadcast_shapes(batch_shape, value.shape[:-1])
    except RuntimeError:
        raise EngineError(
            f"{caller}: {name} has the shape {tuple(value.shape)}; its leading dimensions {tuple(value.shape[:-1])} do "
            f"not broadcast with those of the other arguments, {tuple(batch_shape)}"
        ) from None


@torch.no_grad()
def _solve_trajectory(x: Tensor, loop: SaturatingLoop, s: Tensor) -> tuple[int, Tensor]:
    """Return how many leading samples have converged, and the states before all samples, `(..., time, n)`.

    Where the values are not available (`is_traced`), the number is that of all samples, although they may not have
    converged. `x` `(..., time)` is the input of the loop, and `s` `(..., n)` is the state before the first sample.
    """
    x, s, traced = x.detach(), s.detach(), is_traced(x)
    space = StateSpace(*(part.detach() for part in loop.space))
    loop = SaturatingLoop(space, loop.feedback.detach(), loop.drive.detach())
    time = x.shape[-1]
    trajectory = s.unsqueeze(-2).expand(*s.shape[:-1], time, s.shape[-1])
    unconverged = torch.ones(time, dtype=torch.bool)
    for _ in range(TRACED_ITERATIONS if traced else MAX_ITERATIONS):
        step, forcing = _linearize(x, loop, trajectory)
        solution = scan_varying(step, forcing.unsqueeze(-2), s.unsqueeze(-2))[0].squeeze(-2)
        if traced:
            trajectory = solution
            continue
        size = solution.abs().amax((-2, -1), keepdim=True)
        unconverged = ~((solution - trajectory).abs() <= TOLERANCE * size).all(-1).reshape(-1, time).all(0)
        # In the next iteration, a state that has overflowed in this one is replaced by 0.
        trajectory = torch.nan_to_num(solution, nan=0.0, posinf=0.0, neginf=0.0)
        if not bool(unconverged.any()):
            break
    if traced or not bool(unconverged.any()):
        return time, trajectory
    # The state before the first sample is given, so at least one sample is correct.
    return max(1, int(unconverged.nonzero()[0])), trajectory


def _linearize(x: Tensor, loop: SaturatingLoop, trajectory: Tensor) -> tuple[Tensor, Tensor]:
    """Return the matrices of the recurrence `s' = step s + forcing`, the loop linearized about `trajectory`.

    Shape:
        x: `(..., time)`; trajectory: `(..., time, n)`. Returns step, `(..., time, n, n)`, and forcing,
        `(..., time, n)`.
    """
    (A, B, C, _), feedback, _ = loop
    known_input = x - feedback * (trajectory * C).sum(-1)
    u, slope = _solve_saturation(known_input, loop)
    fed_back = (slope * feedback).unsqueeze(-1) * C
    step = A - B.unsqueeze(-1) * fed_back.detach().unsqueeze(-2)
    # With c as the trajectory, this is A c + B u(c) - step c, where the two products with A cancel.
    forcing = B * (u + (fed_back.detach() * trajectory).sum(-1)).unsqueeze(-1)
    return step, forcing


def _last_iteration(x: Tensor, loop: SaturatingLoop, trajectory: Tensor, s: Tensor) -> tuple[Tensor, Tensor]:
    """Return `y` and the state after the last sample, by one differentiable iteration from a converged `trajectory`."""
    (A, B, C, D), feedback, _ = loop
    known_input = x - feedback * (trajectory * C).sum(-1)
    u, slope = _solve_saturation(known_input, loop)
    step = (A - B.unsqueeze(-1) * ((slope * feedback).unsqueeze(-1) * C).unsqueeze(-2)).detach()
    # With c as the trajectory: step (s - c) + A c + B u(c). Here c has no gradient, but the matrices have.
    offset = (A @ trajectory.unsqueeze(-1)).squeeze(-1) - (step @ trajectory.unsqueeze(-1)).squeeze(-1)
    forcing = offset + B * u.unsqueeze(-1)
    states, after = scan_varying(step, forcing.unsqueeze(-2), s.unsqueeze(-2))
    states = states.squeeze(-2)
    state_output = (states * C).sum(-1)
    return state_output + D * _solve_saturation(x - feedback * state_output, loop)[0], after.squeeze(-2)


def _solve_saturation(known_input: Tensor, loop: SaturatingLoop) -> tuple[Tensor, Tensor]:
    """Return the solution `u` of the equation of each sample, and its slope without gradient.

    `known_input` `(..., time)` is `x - feedback C s`, the part of `x - feedback y` that does not depend on `u`. Then
    `u = tanh(e) / drive`, where `e + feedback D tanh(e) = drive * known_input`. The slope is the derivative of `u` with
    respect to `known_input`.
    """
    drive, gain = loop.drive, loop.feedback * loop.space.D
    target = (drive * known_input).clamp(-MAX_TANH_INPUT, MAX_TANH_INPUT)
    with torch.no_grad():
        e = _solve_tanh_equation(target.detach(), gain.detach())
    saturated = torch.tanh(e)
    tanh_slope = 1 - saturated * saturated
    # One more Newton step from the solution does not change the value, but makes it differentiable.
    e = e + (target - e - gain * saturated) / (1 + gain.detach() * tanh_slope)
    return torch.tanh(e) / drive, (tanh_slope / (1 + gain.detach() * tanh_slope)).detach()


def _solve_tanh_equation(target: Tensor, gain: Tensor) -> Tensor:
    """Return the solution `e` of `e + gain tanh(e) = target`, for a gain that is not negative."""
    # For positive `e` the left side is concave and increasing, so Newton steps from below never overshoot the solution.
    size = target.abs()
    e = torch.maximum(size / (1 + gain), size - gain)
    for _ in range(MAX_TANH_ITERATIONS):
        saturated = torch.tanh(e)
        step = (size - e - gain * saturated) / (1 + gain * (1 - saturated * saturated))
        e = e + step
        if not is_traced(target) and bool((step <= 1e-15 * size).all()):
            break
    return torch.copysign(e, target)


def _loop_of_segment(frames: list[Tensor], start: int, count: int, hop_length: int) -> SaturatingLoop:
    """Return the coefficients of the loop at `count` samples from `start`.

    `frames` are the system, the feedback and the drive; a frame lasts `hop_length` samples.
    """
    system, feedback, drive = frames
    indices = torch.arange(start, start + count, device=system.device) // hop_length

    def select_frames(value: Tensor, dim: int) -> Tensor:
        return value if value.shape[dim] == 1 else value.index_select(dim, indices)

    space = split_system(select_frames(system, -3))
    return SaturatingLoop(space, select_frames(feedback, -1), select_frames(drive, -1))


def _truncate_loop(loop: SaturatingLoop, count: int) -> SaturatingLoop:
    """Return the coefficients of the loop at the first `count` samples."""
    A, B, C, D = loop.space
    space = StateSpace(A[..., :count, :, :], B[..., :count, :], C[..., :count, :], D[..., :count])
    return SaturatingLoop(space, loop.feedback[..., :count], loop.drive[..., :count])
