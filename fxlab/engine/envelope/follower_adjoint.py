"""The gradient of an envelope follower for its input: a recurrence backwards in time, with the pole of each sample."""

from __future__ import annotations

from math import prod

import torch
from torch import Tensor

from fxlab.engine.delay.lane_layout import time_segments
from fxlab.engine.envelope import lane_script
from fxlab.engine.envelope.branches import Branches
from fxlab.engine.envelope.detector import Detector
from fxlab.engine.envelope.follow_envelope import chunk_layout, row_parts
from fxlab.engine.torch_support.buffer_pool import allocate_like
from fxlab.engine.torch_support.precision import widest_dtype
from fxlab.engine.torch_support.script import script_function
from fxlab.engine.torch_support.worker_pool import max_workers, run_parts


def follower_adjoint(  # noqa: PLR0917
    g: Tensor, attack: Tensor, release: Tensor, branches: Branches, detector: str, keep_adjoint: bool
) -> tuple[Tensor, Tensor]:
    """Return the gradient for the input of a follower, and the adjoint G[n] = g[n] + pole[n + 1] G[n + 1].

    Here g is the gradient for the envelope, and pole[n] is the attack or the release pole, as in the forward pass. The
    results have no gradient themselves. The adjoint is empty unless `keep_adjoint` is true.

    Shape:
        g: `(..., time)`; attack, release: `(..., 1)`, with the same leading dimensions. branches: the masks that
        `follow_rows` has added. detector: the value of a `Detector`. Returns two tensors `(..., time)`; an empty
        adjoint is `(..., 0)`.
    """
    shape, time = g.shape, g.shape[-1]
    count = prod(shape[:-1])
    g = g.reshape(count, time)
    poles = [pole.reshape(count, 1).to(widest_dtype(g)) for pole in (attack, release)]
    weights = [1 - pole for pole in poles]
    if detector == Detector.PEAK.value:
        weights[1] = torch.zeros_like(weights[1])
    grad_x = allocate_like(g)
    adjoint = allocate_like(g) if keep_adjoint else g.new_empty(count, 0)

    def run(part: slice) -> None:
        own = [value[part] for value in (*poles, *weights)]
        _run_rows(g[part], own[:2], own[2:], part.start, branches, grad_x[part], adjoint[part])

    run_parts(run, row_parts(g), max_workers())
    return grad_x.reshape(shape), adjoint.reshape(*shape[:-1], adjoint.shape[-1])


def _run_rows(  # noqa: PLR0917
    g: Tensor, poles: list[Tensor], weights: list[Tensor], row: int, branches: Branches, grad_x: Tensor, adjoint: Tensor
) -> None:
    """Write the gradient for the input of a group of rows to `grad_x`, and the adjoint to `adjoint` unless it is empty.

    `row` is the index of the first row. `poles` and `weights` are the poles and the weights of the input, each for
    attack and for release, `(rows, 1)`.
    """
    rows = len(g)
    carry = poles[0].new_zeros(rows)  # what the segment after this one adds to the gradient of this one's last sample
    for start, stop in reversed(list(time_segments(rows, g.shape[1], 1))):
        layout = chunk_layout(rows, stop - start)
        lanes = layout.to_lanes(g[:, start:stop])[..., 0]
        chosen = allocate_like(lanes).copy_(branches.lanes(row, start)[..., 0])
        last = stop - start - 1
        lanes[last % layout.steps, :, last // layout.steps] += carry
        weight = torch.addcmul(weights[1], chosen, weights[0] - weights[1], out=allocate_like(lanes))
        torch.addcmul(poles[1], chosen, poles[0] - poles[1], out=chosen)
        first_pole = chosen[0, :, 0].clone()
        _adjoint_lanes(lanes, chosen)
        carry = first_pole * lanes[0, :, 0]
        if adjoint.numel():
            layout.from_lanes(lanes[..., None], adjoint[:, start:stop])
        layout.from_lanes(lanes.mul_(weight)[..., None], grad_x[:, start:stop])


_adjoint_lanes = script_function(lane_script, "adjoint_lanes")
