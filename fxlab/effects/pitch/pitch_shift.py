"""`PitchShift`: a change of the pitch that keeps the length."""

from __future__ import annotations

from fractions import Fraction
from itertools import groupby
from typing import Any, ClassVar

import torch
from torch import Tensor
from torch.nn.functional import pad

from fxlab.effects.pitch.common_ratio import ADVICE
from fxlab.effects.pitch.phase_vocoder import row_parts, stretch
from fxlab.effects.pitch.time_stretch import no_stream
from fxlab.engine.resampling.polyphase import Polyphase
from fxlab.engine.torch_support.tracing import is_recorded, needs_derivative
from fxlab.engine.torch_support.worker_pool import max_workers, run_parts, without_openmp
from fxlab.module import Module, Param
from fxlab.module.checks import not_recordable

MAX_DENOMINATOR = 1000


class PitchShift(Module):
    """A pitch shifter that keeps the length: the sound is stretched by a phase vocoder, and the result is resampled.

    The ratio `2^(semitones / 12)` is rounded to a fraction with a denominator of at most 1000. Within an octave this
    changes the pitch by less than 0.9 cents, and by less than 0.03 cents for whole semitones; the gradient with respect
    to `semitones` is therefore 0. The phase vocoder needs the complete sound, so the effect cannot stream.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: `semitones` is not from −36 to 36.
        FxlabError: It is used in a stream, or PyTorch records a graph, as in `torch.compile` and `torch.export`.

    Source:
        See `TimeStretch` and `Resample`.

    >>> PitchShift(semitones=7.0)(torch.randn(2, 1000), sample_rate=48_000).shape
    torch.Size([2, 1000])
    """

    fixed_parameters: ClassVar[dict[str, str]] = {
        "semitones": "the whole sound is stretched by one factor. Vibrato moves the pitch."
    }
    semitones = Param(
        0.0, low=-12.0, high=12.0, at_least=-36.0, at_most=36.0, unit="semitones", doc="Shift; 12 is an octave up."
    )

    @without_openmp
    def forward(self, x: Tensor, sample_rate: float) -> Tensor:
        """Return `x` with its pitch shifted by `semitones`; its length is unchanged.

        Raises:
            FxlabError: PyTorch records a graph, as in `torch.compile` and `torch.export`.
        """
        if is_recorded():
            raise not_recordable(self._name(), "its filters depend on semitones", ADVICE)
        shift: Tensor = self.semitones
        lead = torch.broadcast_shapes(x.shape[:-1], shift.shape[:-1])  # type: ignore[no-untyped-call]
        if not x.numel():
            return _with_graph(x.expand(*lead, x.shape[-1]), shift)
        rows = x.expand(*lead, x.shape[-1]).reshape(-1, x.shape[-1])
        values = shift.detach().expand(*lead, 1).reshape(-1) if shift.ndim else shift.detach().expand(len(rows))
        shifted = _shift(rows, values.tolist(), sample_rate)
        return _with_graph(shifted.reshape(*lead, x.shape[-1]), shift)

    def forward_block(self, x: Tensor, state: Any, sample_rate: float) -> tuple[Tensor, Any]:
        """Raise an `FxlabError`: the phase vocoder needs the complete sound."""
        raise no_stream(self._name())


def _with_graph(y: Tensor, shift: Tensor) -> Tensor:
    """Return `y` with a gradient of 0 for `shift`, if a derivative may be requested."""
    return y + (0 * shift).to(y.dtype) if needs_derivative(shift) else y


def _shift(x: Tensor, semitones: list[float], sample_rate: float) -> Tensor:
    """Return the rows of `x`, `(rows, time)`, each shifted by its number of semitones; their length is unchanged."""
    ratios = [Fraction(2 ** (value / 12)).limit_denominator(MAX_DENOMINATOR) for value in semitones]
    # Rows of similar ratios have stretched sounds of similar length, and are stretched together.
    order = sorted(range(len(ratios)), key=ratios.__getitem__)
    parts = [order[part] for part in row_parts(x)]

    def shift_part(part: list[int]) -> Tensor:
        return _shift_part(x if len(part) == len(x) == 1 else x[part], [ratios[row] for row in part], sample_rate)

    if len(parts) == 1:
        y = shift_part(order)
    else:
        y = torch.cat(run_parts(shift_part, parts, max_workers()))
    return y if order == sorted(order) else y[torch.tensor(order, device=x.device).argsort()]


def _shift_part(x: Tensor, ratios: list[Fraction], sample_rate: float) -> Tensor:
    """Return the rows of `x`, each shifted by its ratio; the ratios ascend, and the length is unchanged."""
    samples = x.shape[-1]
    lengths = [max(1, round(samples * ratio)) for ratio in ratios]
    sound = x.to(torch.float64 if x.dtype == torch.float64 else torch.float32)
    rate: float | Tensor = float(1 / ratios[0])
    if ratios[0] != ratios[-1]:
        rate = torch.tensor([float(1 / ratio) for ratio in ratios], dtype=torch.float64)
    longer = stretch(sound, rate, lengths[-1], sample_rate) if ratios != [1] * len(ratios) else sound
    outputs = []
    for ratio, group in groupby(range(len(ratios)), key=ratios.__getitem__):
        rows = list(group)
        part = slice(rows[0], rows[-1] + 1)
        if ratio == 1:
            outputs.append(x[part])
            continue
        resampler = Polyphase.of(ratio.denominator, ratio.numerator)
        y = resampler.resample(longer[part, : lengths[rows[0]]])[..., :samples]
        outputs.append(pad(y, (0, samples - y.shape[-1])).to(x.dtype))
    return outputs[0] if len(outputs) == 1 else torch.cat(outputs)
