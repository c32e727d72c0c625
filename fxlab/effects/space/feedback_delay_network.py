"""`FeedbackDelayNetwork`: a reverberator of delay lines that feed each other through a lossless matrix."""

from __future__ import annotations

import math
from typing import Any, ClassVar, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from fxlab.effects.common.channels import with_channels_of_values
from fxlab.effects.common.loop_parameters import computation_dtype, mix
from fxlab.effects.common.lossless_matrix import hadamard, householder
from fxlab.effects.common.prime_delays import prime_delays
from fxlab.effects.common.ringing import TAIL_DB, Ringing, tail_choice
from fxlab.engine.delay.delay_network import delay_network
from fxlab.engine.torch_support.known_values import any_true, numpy_values, unwrap_transforms
from fxlab.engine.torch_support.shapes import broadcast_shapes
from fxlab.engine.torch_support.tracing import needs_derivative
from fxlab.errors import ParameterError
from fxlab.module import Choice, Param
from fxlab.module.checks import stale_state
from fxlab.module.parameters.broadcasting import broadcast_together
from fxlab.module.parameters.moving_values import exact_value, stored_values

SHORTEST, LONGEST = 0.021, 0.071  # seconds, the delays at a size of 1
BANDS = ("decay_s", "low_decay_s", "high_decay_s")
CONSTANT_NETWORK = "the network has one set of filters and delays for the whole signal."


def decay(default: float, doc: str) -> Param:
    """Declare a reverberation time in seconds."""
    return Param(default, low=0.1, high=10.0, unit="s", scale="log", doc=doc)


class NetworkState(NamedTuple):
    """The state of a stream: the samples in the delay lines, and the states of the absorption filters."""

    lines: Tensor  # (..., lines, time)
    filters: Tensor  # (..., lines, 2)


class FeedbackDelayNetwork(Ringing):
    """A reverberator whose decay time is set in three bands: delay lines that feed each other through a matrix.

    The matrix is lossless (orthogonal), so that the sound decays only by the absorption filters in the lines. Each
    filter consists of a gain and two shelves of first order. They give the line the three decay times: far below
    `low_cutoff`, between the two corners, and far above `high_cutoff`. The delays are prime numbers of samples. Each
    line belongs to one channel, in turn, from which it gets its input; all lines are part of the output of every
    channel, with different signs; the signs repeat after as many channels as there are lines. With equal decay times in
    all bands, the reverberation of white noise has about the power of the noise.

    Shape:
        Input and output: `(..., channels, time)`; with `tail="ring"` the output is longer.

    Raises:
        ParameterError: A decay time is not above 0, `size` is not above 0 and at most 20, a corner is not above 0 and
            below half the sample rate, `mix` is not from 0 to 1, or `low_cutoff` is not below `high_cutoff`.
        FxlabError: PyTorch records a graph, as in `torch.compile` and `torch.export`.

    Source:
        J.-M. Jot, A. Chaigne, "Digital delay networks for designing artificial reverberators", 90th AES Convention,
        1991.

    >>> network = FeedbackDelayNetwork(decay_s=1.0, mix=1.0)
    >>> network(torch.zeros(1, 100), sample_rate=44_100).abs().max()
    tensor(0.)
    """

    fixed_parameters: ClassVar[dict[str, str]] = dict.fromkeys(
        (*BANDS, "low_cutoff", "high_cutoff", "size"), CONSTANT_NETWORK
    )

    decay_s = decay(1.5, "Time in which the middle frequencies decay by 60 dB (RT60).")
    low_decay_s = decay(1.8, "Reverberation time of low frequencies.")
    high_decay_s = decay(0.8, "Reverberation time of high frequencies.")
    low_cutoff = Param(
        250.0, low=50.0, high=800.0, unit="Hz", scale="log", below="nyquist", doc="Corner of the low frequencies."
    )
    high_cutoff = Param(
        3500.0,
        low=1000.0,
        high=12_000.0,
        unit="Hz",
        scale="log",
        below="nyquist",
        doc="Corner of the high frequencies.",
    )
    mix = mix(0.3)
    size = Param(1.0, low=0.25, high=3.0, scale="log", at_most=20.0, doc="Factor of the delays, 21 to 71 ms at 1.")
    matrix = Choice("hadamard", ("hadamard", "householder"), doc="Lossless matrix by which the lines feed each other.")
    lines = Choice("8", ("4", "8", "16"), doc="Number of delay lines.")
    tail = tail_choice()

    def process_block(self, x: Tensor, state: Any, sample_rate: float) -> tuple[Tensor, NetworkState]:
        """Return the output for the next block, and the state after it, a `NetworkState`.

        Raises:
            SignalError: The number of lines, or the length of the longest delay in samples, has changed since the last
                block.
        """
        dtype = computation_dtype(x)
        sound = with_channels_of_values(self, x).to(dtype)
        channels, time, count = sound.shape[-2], sound.shape[-1], int(self.lines)
        owner = torch.arange(count, device=x.device) % channels
        delays = self._delays(sound, owner, sample_rate).to(x.device)
        sections, gain = self._absorption(sound, owner, delays, sample_rate)
        lead = broadcast_shapes(sound.shape[:-2], gain.shape[:-1])
        entering = sound.expand(*lead, channels, time)[..., owner, :]
        history = int(delays.max())
        lines, filters = (None, None) if state is None else state
        if lines is None:
            lines = entering.new_zeros(*lead, count, history)
        elif lines.shape[-2] != count:
            raise stale_state(self._name(), f"its lines changed from {lines.shape[-2]} to {count}")
        elif lines.shape[-1] != history:
            raise stale_state(self._name(), f"its longest delay changed from {lines.shape[-1]} to {history} samples")
        lossless = (hadamard if self.matrix == "hadamard" else householder)(count, dtype).to(x.device)
        # The power of noise in a line is 1 / (1 - gain^2).
        signs = hadamard(count, dtype).to(x.device)[(torch.arange(channels, device=x.device) + 1) % count]
        outputs = signs * torch.sqrt(1 - gain.square())[..., None, :].to(dtype)
        filters = entering.new_zeros(*lead, count, 2) if filters is None else filters.to(entering)
        wet, lines, filters = delay_network(entering, lines, filters, delays, sections, lossless, outputs)
        y = torch.lerp(sound, wet, self.mix.to(dtype))
        if needs_derivative(sections, gain):
            # In the graph also of a sound shorter than the delays.
            y = y + (0 * (sections.sum((-1, -2)) + gain.sum(-1)))[..., None, None].to(dtype)
        y = y.to(x.dtype)
        return (y[..., 0, :] if x.ndim == 1 else y), NetworkState(lines, filters)

    def decay_samples(self, sample_rate: float) -> int:
        """Return the number of samples until the sound has decayed by 60 dB; see `Ringing`."""
        return math.ceil(max(self._largest(name) for name in BANDS) * sample_rate)

    def _of_lines(self, name: str, x: Tensor, owner: Tensor) -> Tensor:
        """Return the values of a parameter for the lines, `(..., lines)`, or `(1,)` if they share one.

        `owner` is the index of the channel that each line belongs to, `(lines,)`.
        """
        value = exact_value(self, name, x)
        if not value.ndim or x.ndim == 1:
            return value.reshape(1)
        return value[..., 0].expand(*value.shape[:-2], x.shape[-2])[..., owner]

    def _delays(self, x: Tensor, owner: Tensor, rate: float) -> Tensor:
        """Return the delays in samples, `(lines,)`, or `(..., lines)` if the sizes of examples or channels differ."""
        count = int(self.lines)
        sizes = numpy_values(self._of_lines("size", x, owner))
        if sizes is None:
            sizes = self._known_size()
        delays = {size: prime_delays(count, size * SHORTEST * rate, size * LONGEST * rate) for size in set(sizes.flat)}
        if len(delays) == 1:
            return torch.tensor(next(iter(delays.values())))
        rows = np.broadcast_to(sizes, (*sizes.shape[:-1], count))
        chosen = [delays[size][place % count] for place, size in enumerate(rows.flat)]
        return torch.tensor(chosen).reshape(rows.shape)

    def _known_size(self) -> NDArray[np.float64]:
        """Return the value of `size`, `(1,)`, within `torch.func`, where it cannot differ between examples.

        Raises:
            ParameterError: The size differs between the examples of `torch.vmap`.
        """
        stored = unwrap_transforms(stored_values(self)["size"]).detach()
        low, high = float(stored.min()), float(stored.max())
        if low < high:
            raise ParameterError(
                f"{self._name()}: size differs between the examples of torch.vmap, from {low:g} to {high:g}; their "
                "delays have different lengths, which cannot run as one. Call the module on the batch, without vmap."
            )
        return np.array([high])

    def _absorption(self, x: Tensor, owner: Tensor, delays: Tensor, rate: float) -> tuple[Tensor, Tensor]:
        """Return the filters of the lines as sections, `(..., lines, 6)`, and their gains between the corners.

        The gains are `(..., lines)`. `owner` is as in `_of_lines`, and `delays` are in samples, `(lines,)` or
        `(..., lines)`.
        """

        def of_lines(name: str) -> Tensor:
            return self._of_lines(name, x, owner)

        middle, low, high = (10 ** (-TAIL_DB / 20 * delays / (of_lines(name) * rate)) for name in BANDS)
        middle = middle * (1 + 0 * of_lines("size"))  # rounded to samples, so the gradient is 0
        at_low, at_high = (torch.tan(math.pi * of_lines(name) / rate) for name in ("low_cutoff", "high_cutoff"))
        low_gain, high_gain = low / middle, high / middle
        # Shelves of first order with half the gain in dB at the corner: (s + w √g) / (s + w / √g), and
        # (g s + w √g) / (s + w √g), by the bilinear transform.
        root = torch.sqrt(low_gain)
        first = (1 + at_low * root, at_low * root - 1, 1 + at_low / root, at_low / root - 1)
        root = torch.sqrt(high_gain)
        second = (high_gain + at_high * root, at_high * root - high_gain, 1 + at_high * root, at_high * root - 1)
        b = _product(middle * first[0], middle * first[1], second[0], second[1])
        a = _product(first[2], first[3], second[2], second[3])
        batch = broadcast_shapes(*(tuple(value.shape) for value in (*b, *a)))
        return torch.stack([value.expand(batch) for value in (*b, *a)], -1), middle

    def _check(self, sample_rate: float) -> None:
        """Raise a `ParameterError` if a value is invalid, or the corners are in the wrong order."""
        super()._check(sample_rate)
        values = broadcast_together({name: self.values()[name].detach() for name in ("low_cutoff", "high_cutoff")})
        low, high = values["low_cutoff"], values["high_cutoff"]
        wrong = low >= high
        if any_true(wrong):
            first, second = (value.expand(wrong.shape)[wrong][0].item() for value in (low, high))
            raise ParameterError(
                f"{self._name()}: low_cutoff is {first:g} Hz and high_cutoff is {second:g} Hz; low_cutoff must be "
                "below high_cutoff. Lower low_cutoff, or raise high_cutoff."
            )


def _product(p0: Tensor, p1: Tensor, q0: Tensor, q1: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return the coefficients of (p0 + p1 z^-1) (q0 + q1 z^-1)."""
    return p0 * q0, p0 * q1 + p1 * q0, p1 * q1
