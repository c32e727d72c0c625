"""The final state of each chunk as a function of its initial state, approximated by two straight lines."""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.engine.envelope import lane_script
from fxlab.engine.envelope.detector import Detector
from fxlab.engine.torch_support.buffer_pool import allocate
from fxlab.engine.torch_support.script import script_function


class ChunkMaps:
    """The final state of each lane as a function of its initial state, approximated by two straight lines.

    A lane is a chunk of a row. The function is nonlinear and never decreases. The first line is its tangent at the
    initial state of the latest run. The second line assumes the slower of the two poles at every step, as for a lane
    that starts far from its input: it predicts the effect of a peak on later lanes, which were run without the peak.
    Where the slower pole is the release, the function is convex and both lines lie below it; otherwise both lie above
    it.

    Args:
        samples: The input, `(steps, lanes)`; the lanes of a row are neighbors.
        poles: The attack pole and the release pole of each row, `(rows, 1)`.
        detector: The recursion that computes the lanes.
    """

    def __init__(self, samples: Tensor, poles: list[Tensor], detector: Detector) -> None:
        steps, lanes = samples.shape
        rows = len(poles[0])
        self.samples, self.detector, self.row_poles = samples, detector, poles
        self.poles = torch.stack(poles).expand(2, rows, lanes // max(1, rows)).reshape(2, lanes)
        self.envelope = allocate((steps + 1, lanes), samples.dtype, samples.device)
        self.slope, self.end = torch.empty_like(samples[0]), torch.empty_like(samples[0])
        self._rule = _choice(poles[0], poles[1], detector), detector is Detector.PEAK
        self._slower_lines: tuple[list[float], list[float]] | None = None

    def settle(self, starts: Tensor, tolerance: Tensor, rounds: int) -> bool:
        """Run the lanes from `starts`, `(rows, chunks)`, then from improved states, and return whether these converged.

        The improved states are computed from the tangents alone, and overwrite `starts`. They have converged when they
        are accurate to about `tolerance`, `(rows, 1)`; see `lane_script.settle_lanes`. If they have not after `rounds`
        rounds, the lanes must still be run from `starts`.
        """
        # The error of a first state is at most the largest gap between two chunks, times the sum of the slopes' powers.
        largest_gap = tolerance * (1 - torch.maximum(*self.row_poles) ** len(self.samples))
        settled: bool = _settle_lanes(
            self.samples, self.envelope, starts, *self.poles.unbind(0), tolerance, largest_gap, *self._rule, rounds
        )
        return settled

    def run(self, starts: Tensor, changed: Tensor | None) -> None:
        """Run the lanes with the indices `changed` from their states in `starts`, `(lanes,)`, and update the tangents.

        All lanes are run if `changed` is None or has at least a quarter of them.
        """
        self.envelope[0] = starts
        attack, release = self.poles
        if changed is not None and 4 * len(changed) < len(starts):
            envelope = self.envelope[:, changed]
            _run_lanes(self.samples[:, changed], envelope, attack[changed], release[changed], *self._rule)
            self.envelope[:, changed] = envelope
        else:
            _run_lanes(self.samples, self.envelope, attack, release, *self._rule)
        self.slope = _tangent_slopes(self.samples, self.envelope, attack, release, self._rule[1])
        self.end = self.envelope[-1] - self.slope * starts

    def slower_lines(self) -> tuple[list[float], list[float]]:
        """Return, for each lane, the slope of the line for the slower pole, and the value of the line at 0."""
        if self._slower_lines is None:
            slower, steps = self.poles.amax(0), len(self.samples)
            end = torch.zeros_like(slower)
            if self.detector is Detector.BRANCHING and len(self.row_poles[0]) == 1:
                ages = torch.arange(steps - 1, -1, -1, device=slower.device)
                torch.mv(self.samples.mT, (1 - slower[0]) * slower[0] ** ages, out=end)
            elif self.detector is Detector.BRANCHING:
                for x in self.samples.unbind(0):
                    torch.lerp(end, x, 1 - slower, out=end)
            self._slower_lines = (slower**steps).tolist(), end.tolist()
        return self._slower_lines

    def chunk_starts(self, first: Tensor, convex: Tensor) -> Tensor:
        """Return the first states of each row's chunks, predicted with the line of each chunk that is the closer bound.

        This is the line with the larger value if the functions of the row are convex, otherwise that with the smaller.

        Shape:
            first, convex: `(rows, 1)`, the state before the first chunk, and whether the functions are convex. Returns
            the state before each chunk, `(rows, chunks)`, including `first`.
        """
        rows = len(first)
        lines = [self.slope.tolist(), self.end.tolist(), *self.slower_lines()]
        chunks = len(lines[0]) // rows
        starts: list[float] = []
        for row, (y, is_convex) in enumerate(zip(first[:, 0].tolist(), convex[:, 0].tolist(), strict=True)):
            row_lines = zip(*(values[row * chunks : (row + 1) * chunks] for values in lines), strict=True)
            starts.append(y)
            # Written inline because it runs thousands of times per round. A NaN propagates to the next chunk.
            if is_convex:
                starts += [y := slow if (slow := d * y + e) > (near := b * y + c) else near for b, c, d, e in row_lines]
            else:
                starts += [y := near if (slow := d * y + e) > (near := b * y + c) else slow for b, c, d, e in row_lines]
            starts.pop()
        return first.new_tensor(starts).view(rows, chunks)


_run_lanes = script_function(lane_script, "run_lanes")
_tangent_slopes = script_function(lane_script, "tangent_slopes")
_settle_lanes = script_function(lane_script, "settle_lanes")


def _choice(attack: Tensor, release: Tensor, detector: Detector) -> int:
    """Return the `choice` of `lane_script.run_lanes`: 0 for the larger value, 1 for the smaller, 2 if rows differ."""
    # The two maps of BRANCHING cross at y = x. If the attack is faster, x > y selects the larger value.
    is_faster = attack <= release
    if detector is Detector.PEAK or bool(is_faster.all()):
        return 0
    return 2 if bool(is_faster.any()) else 1
