"""Envelope followers on all lanes at once: functions that TorchScript compiles (`torch_support/script.py`).

A lane is a chunk of a row, and a step computes the next sample of every lane; see `delay/lane_layout.py`.
"""

# ruff: noqa: PLR0917

import torch
from torch import Tensor


def run_lanes(samples: Tensor, envelope: Tensor, attack: Tensor, release: Tensor, choice: int, is_peak: bool) -> None:
    """Fill `envelope[1:]` with the envelope after each step, from `envelope[0]`, for all lanes.

    `samples` is `(steps, lanes)`, `envelope` `(steps + 1, lanes)`, and the poles are `(lanes,)`. Each step computes two
    values, one with the attack pole and one with the release pole. The envelope becomes the larger of the two if
    `choice` is 0, the smaller if it is 1; otherwise it becomes the attack value where the sample is above the envelope,
    and the release value elsewhere. The release value decays to 0 if `is_peak` is true, otherwise to the sample.
    """
    attack_weight, release_weight = 1 - attack, 1 - release
    released = torch.empty_like(release)
    inputs, outputs = samples.unbind(0), envelope.unbind(0)
    for n in range(len(inputs)):
        x, y, after = inputs[n], outputs[n], outputs[n + 1]
        torch.lerp(y, x, attack_weight, out=after)
        if is_peak:
            torch.mul(y, release, out=released)
        else:
            torch.lerp(y, x, release_weight, out=released)
        if choice == 0:
            torch.maximum(after, released, out=after)
        elif choice == 1:
            torch.minimum(after, released, out=after)
        else:
            after.copy_(torch.where(x > y, after, released))


def tangent_slopes(samples: Tensor, envelope: Tensor, attack: Tensor, release: Tensor, is_peak: bool) -> Tensor:
    """Return the derivative of each lane's final state with respect to its initial state, `(lanes,)`.

    It is attack^k release^(steps - k), where k is the number of steps in which the lane uses the attack pole. The
    arguments are those of `run_lanes`. If `is_peak` is true, the attack pole must be 0; with a larger one, some steps
    that use it would be counted as release.
    """
    is_attack = samples > (envelope[:-1] * release if is_peak else envelope[:-1])
    # A sum of bytes takes an eighth of the time of a sum of int64 numbers.
    steps = samples.size(0)
    if steps < 256:
        attacks = is_attack.to(torch.uint8).sum(0, dtype=torch.uint8).to(envelope.dtype)
    else:
        attacks = is_attack.sum(0).to(envelope.dtype)
    # Clamping keeps the logarithm of a pole of 0 finite: its powers still round to 0, and its 0th power is 1.
    log_attack, log_release = attack.clamp(min=1e-300).log(), release.clamp(min=1e-300).log()
    return (log_release * steps).addcmul_(attacks, log_attack - log_release).exp_()


def join_lines(slope: Tensor, end: Tensor, first: Tensor) -> Tensor:
    """Return the state before each chunk, `(rows, chunks)`, if each chunk maps a state to `slope * state + end`.

    `slope` and `end` are `(rows, chunks)` and are overwritten. `first`, `(rows, 1)`, is the state before the first
    chunk. The composition of two such maps is a map of the same form, so about log2(chunks) passes suffice: each pass
    doubles the number of chunks that a map covers.
    """
    chunks = end.size(1)
    end[:, :1] += slope[:, :1] * first
    reach = 1
    while reach < chunks:
        rest = slope[:, reach:]
        end[:, reach:] += rest * end[:, : chunks - reach]
        slope[:, reach:] = rest * slope[:, : chunks - reach]
        reach *= 2
    return torch.cat([first, end[:, : chunks - 1]], 1)


def settle_lanes(
    samples: Tensor,
    envelope: Tensor,
    starts: Tensor,
    attack: Tensor,
    release: Tensor,
    tolerance: Tensor,
    largest_gap: Tensor,
    choice: int,
    is_peak: bool,
    rounds: int,
) -> bool:
    """Find the first state of each chunk by Newton's method, and fill `envelope`; return whether it converged.

    Each of at most `rounds` iterations runs the lanes from `starts` and replaces `starts` by the states that follow
    from the derivatives of the chunks. The method has converged when no chunk ends farther than `largest_gap` from the
    first state of the next chunk, or when no first state changes by more than `tolerance`. A NaN meets neither
    condition.

    `starts` is `(rows, chunks)`, the chunks of a row are neighboring lanes, and `largest_gap` and `tolerance` are
    `(rows, 1)`. The other arguments are those of `run_lanes`.
    """
    chunks = starts.size(1)
    lanes = starts.view(-1)
    changed = lanes
    part = False
    for _ in range(rounds):
        if part:
            index = changed.nonzero()[:, 0]
            few = envelope.index_select(1, index)
            few[0] = lanes.index_select(0, index)
            own = attack.index_select(0, index), release.index_select(0, index)
            run_lanes(samples.index_select(1, index), few, own[0], own[1], choice, is_peak)
            envelope.index_copy_(1, index, few)
        else:
            envelope[0] = lanes
            run_lanes(samples, envelope, attack, release, choice, is_peak)
        ends = envelope[-1].view(starts.shape)
        if chunks == 1 or bool(((ends[:, :-1] - starts[:, 1:]).abs() <= largest_gap).all()):
            return True
        slope = tangent_slopes(samples, envelope, attack, release, is_peak).view(starts.shape)
        better = join_lines(slope, ends - slope * starts, starts[:, :1])
        change = (better - starts).abs()
        changed = ~(change <= tolerance).view(-1)
        count = int(changed.sum())
        if count == 0:
            return True
        part = 4 * count < lanes.size(0)
        if part:
            # The other lanes keep their first states, so that they need not be run again.
            better = torch.where(change <= tolerance, starts, better)
        starts.copy_(better)
    return False


def adjoint_lanes(gradient: Tensor, poles: Tensor) -> None:
    """Replace `gradient` by G[n] = gradient[n] + poles[n + 1] G[n + 1], with G = 0 after the last sample of a row.

    Both tensors are `(steps, rows, chunks)`; the last step of a chunk is followed by the first step of the next.
    `poles` is overwritten with intermediate products.
    """
    steps = gradient.size(0)
    sums, factors = gradient.unbind(0), poles.unbind(0)
    next_pole = torch.cat([factors[0][:, 1:], torch.zeros_like(factors[0][:, :1])], 1)
    for n in range(steps - 2, -1, -1):
        sums[n].addcmul_(factors[n + 1], sums[n + 1])
    factors[steps - 1].mul_(next_pole)
    for n in range(steps - 2, 0, -1):
        factors[n].mul_(factors[n + 1])
    # The first G of a chunk as a function of the next chunk's: the chunks are joined from the last one to the first.
    slope = (factors[1] if steps > 1 else next_pole).flip(1)
    after = join_lines(slope, sums[0].flip(1), torch.zeros_like(next_pole[:, :1])).flip(1)
    if steps > 1:
        gradient[:-1].addcmul_(poles[1:], after)
    gradient[-1].addcmul_(next_pole, after)
