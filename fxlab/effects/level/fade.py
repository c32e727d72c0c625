"""`Fade`: a gain that rises at the start and falls at the end."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, ClassVar, NamedTuple

import torch
from torch import Tensor

from fxlab.effects.common.largest_magnitude import largest_magnitude
from fxlab.engine.torch_support.tracing import is_recorded
from fxlab.module import Choice, Param, StatefulModule
from fxlab.module.checks import not_recordable
from fxlab.module.parameters.moving_values import exact_value, stored_values

SHAPES: dict[str, Callable[[Tensor], Tensor]] = {
    "linear": lambda p: p,
    "quarter sine": lambda p: torch.sin(0.5 * math.pi * p),
    "half sine": lambda p: 0.5 - 0.5 * torch.cos(math.pi * p),
    "exponential": lambda p: p * 2 ** (p - 1),
    "logarithmic": lambda p: 1 + torch.log10(0.1 + 0.9 * p),
}
"""The gain of each shape at the position `p`, from 0 at silence to 1 at full level."""
HAPPENS_ONCE = "a fade happens once, so its duration is a number."


class FadeState(NamedTuple):
    """The state of a stream: the number of samples so far, and the last samples, to which a fade-out may apply."""

    position: int
    held: Tensor


class Fade(StatefulModule):
    """A fade-in at the start and a fade-out at the end.

    The gain at `n` samples from the start is `shape(n / (in_s · sample_rate))`, and 1 from the end of the fade on; the
    fade-out is its mirror image. `quarter sine` keeps the power constant in a crossfade of two unrelated sounds;
    `half sine` begins and ends without a corner; `logarithmic` rises fast and `exponential` late. If the sound is
    shorter than a fade, only a part of the fade is applied.

    In a stream the end of the sound is not known in advance, so the last `out_s` seconds are held back until `flush`.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: A duration is negative.

    Source:
        The shapes are those of `torchaudio.transforms.Fade`, except that the logarithmic one reaches 1 only at the end
        of the fade. A fade of L samples here is one of L + 1 samples there.

    >>> Fade(in_s=0.5, out_s=0.25)(torch.ones(1, 8), sample_rate=8)
    tensor([[0.0000, 0.2500, 0.5000, 0.7500, 1.0000, 1.0000, 0.5000, 0.0000]])
    """

    fixed_parameters: ClassVar[dict[str, str]] = dict.fromkeys(("in_s", "out_s"), HAPPENS_ONCE)

    in_s = Param(0.01, low=0.0, high=10.0, unit="s", at_least=0.0, doc="Duration of the fade-in.")
    out_s = Param(0.01, low=0.0, high=10.0, unit="s", at_least=0.0, doc="Duration of the fade-out.")
    shape = Choice("linear", tuple(SHAPES), doc="Gain over time.")

    def forward(self, x: Tensor, sample_rate: float) -> Tensor:
        """Return the complete sound with both fades."""
        index = torch.arange(x.shape[-1], dtype=torch.float64, device=x.device)
        gain = self._gain("in_s", index, x, sample_rate) * self._gain("out_s", index.flip(-1), x, sample_rate)
        return x * gain.to(x.dtype)

    def forward_block(self, x: Tensor, state: Any, sample_rate: float) -> tuple[Tensor, FadeState]:
        """Return the next samples that the fade-out cannot reach, with the fade-in applied, and a `FadeState`.

        Raises:
            FxlabError: PyTorch records a graph, as in `torch.compile` and `torch.export`.
        """
        if is_recorded():
            raise not_recordable(
                self._name(),
                "a stream delays the samples of the fade-out until its end is known",
                "Record a call on the complete signal instead of a stream.",
            )
        hold = math.ceil(largest_magnitude(stored_values(self)["out_s"]) * sample_rate)
        position, held = (0, x[..., :0]) if state is None else state
        index = torch.arange(position, position + x.shape[-1], dtype=torch.float64, device=x.device)
        faded = x * self._gain("in_s", index, x, sample_rate).to(x.dtype)
        if held.shape[:-1] != faded.shape[:-1]:
            held = held.expand(*faded.shape[:-1], held.shape[-1])
        waiting = torch.cat([held, faded], -1)
        ready = max(0, waiting.shape[-1] - hold)
        return waiting[..., :ready], FadeState(position + x.shape[-1], waiting[..., ready:])

    def flush_block(self, state: Any, sample_rate: float) -> Tensor | None:
        """Return the last samples, faded out; None if there are none."""
        if state is None or not state.held.shape[-1]:
            return None
        held: Tensor = state.held
        index = torch.arange(held.shape[-1], dtype=torch.float64, device=held.device).flip(-1)
        return held * self._gain("out_s", index, held, sample_rate).to(held.dtype)

    def _gain(self, name: str, index: Tensor, x: Tensor, rate: float) -> Tensor:
        """Return the gain in float64 at `index` samples from the silent end of a fade.

        `name` is the parameter that sets the duration: `"in_s"` or `"out_s"`.
        """
        length = exact_value(self, name, x) * rate
        # A duration of 0 is replaced by 1 in the division, so that the gradient is finite.
        position = torch.where(length > 0, index / torch.where(length > 0, length, 1.0), 1.0)
        return SHAPES[self.shape](position.clamp(max=1.0))
