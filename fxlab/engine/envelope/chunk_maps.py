"""The final state of each chunk as a function of its initial state, approximated by two straight lines."""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.engine.envelope import lane_script
from fxlab.engine.envelope.detector import Detector
from fxlab.engine.torch_support.buffer_pool import allocate
from fxlab.engine.torch_support.script import script_function

MIN_POLE = 1e-300  # replaces a pole of 0 in logarithms


class ChunkMaps:
    """The final state of each lane as a function of its first state, approximated by two straight lines.

    The function is nonlinear and never decreases. One line is its tangent at the initial state of the latest run. The
    other assumes the slower of the two poles at every step, as for a lane that starts far from its input. It propagates
    a peak through lanes that were run without it. Where the slower pole is the release, the function is convex and both
    lines lie below it; otherwise both lie above it.

    Args:
        samples: The input, `(steps, lanes)`.
        poles: The attack pole and the release pole, each `(lanes,)`.
        detector: The recursion.
    """

    def __init__(self, samples: Tensor, poles: list[Tensor], detector: Detector) -> None:
        self.samples, self.detector = samples, detector
        self.poles = torch.stack(poles)
        # Clamping keeps the logarithm of a pole of 0 finite: its powers still round to 0, and its 0th power is 1.
        self.log_poles = self.poles.clamp_min(MIN_POLE).log()
        self.envelope = allocate((len(samples) + 1, samples.shape[1]), samples.dtype, samples.device)
        self.slope, self.end = torch.empty_like(samples[0]), torch.empty_like(samples[0])
        self._slower_lines: tuple[list[float], list[float]] | None = None

    def run(self, starts: Tensor, changed: Tensor | None) -> None:
        """Run the lanes with the indices `changed`, or all lanes if it is None, from the states `starts`."""
        if changed is not None and 2 * len(changed) < len(starts):
            part = ChunkMaps(self.samples[:, changed], list(self.poles[:, changed]), self.detector)
            part.run(starts[changed], None)
            self.envelope[:, changed], self.slope[changed], self.end[changed] = part.envelope, part.slope, part.end
            return
        self.envelope[0] = starts
        attack, release = self.poles
        choice = _choice(attack, release, self.detector)
        _run_lanes(self.samples, self.envelope, attack, release, choice, self.detector is Detector.PEAK)
        is_attack = self.detector.is_attack(self.samples, self.envelope[:-1], self.poles[1])
        # A sum of bytes takes an eighth of the time of a sum of whole numbers.
        fits = len(is_attack) < 256
        attacks = is_attack.view(torch.uint8).sum(0, dtype=torch.uint8 if fits else torch.int32).to(starts)
        # With k attack steps, the slope of the tangent is attack^k release^(steps - k).
        log_slope = self.log_poles[1] * len(self.samples)
        torch.exp(log_slope.addcmul_(attacks, self.log_poles[0] - self.log_poles[1]), out=self.slope)
        torch.addcmul(self.envelope[-1], self.slope, starts, value=-1, out=self.end)

    def slower_lines(self) -> tuple[list[float], list[float]]:
        """Return the slopes of the lines for the slower pole, and their values at 0."""
        if self._slower_lines is None:
            slower, steps = self.poles.amax(0), len(self.samples)
            end = torch.zeros_like(slower)
            if self.detector is Detector.BRANCHING and bool((slower == slower[0]).all()):
                ages = torch.arange(steps - 1, -1, -1, device=slower.device)
                torch.mv(self.samples.mT, (1 - slower[0]) * slower[0] ** ages, out=end)
            elif self.detector is Detector.BRANCHING:
                for x in self.samples.unbind(0):
                    torch.lerp(end, x, 1 - slower, out=end)
            self._slower_lines = (slower**steps).tolist(), end.tolist()
        return self._slower_lines

    def chunk_starts(self, first: Tensor, convex: Tensor) -> Tensor:
        """Return the first states of each row's chunks if each chunk follows the tighter of its two bounding lines.

        Shape:
            first, convex: `(rows, 1)`, the state before the first chunk, and whether the functions are convex. Returns
            `(rows, chunks)`.
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


def _choice(attack: Tensor, release: Tensor, detector: Detector) -> int:
    """Return which of two candidates is the next value: 0 for the larger one, 1 for the smaller one, 2 for either.

    The two maps of BRANCHING cross at y = x. Where the attack is faster, choosing by x > y thus selects the larger.
    """
    is_faster = attack <= release
    if detector is Detector.PEAK or bool(is_faster.all()):
        return 0
    return 2 if bool(is_faster.any()) else 1
