"""`Normalize`: a gain that gives a sound a certain level."""

from __future__ import annotations

import math
from typing import Any, ClassVar, NoReturn

import torch
from torch import Tensor

from fxlab.effects.common.channels import has_no_channels
from fxlab.effects.level.integrated_loudness import integrated_power, to_power
from fxlab.engine.torch_support.known_values import scalar_value
from fxlab.engine.torch_support.tracing import is_recorded
from fxlab.errors import FxlabError
from fxlab.module import Choice, Module, Param, Switch
from fxlab.module.checks import not_recordable

ONE_GAIN = "the whole sound gets one gain."


class Normalize(Module):
    """A normalizer: a constant gain that brings the level of the whole sound to `level_db`.

    - `peak`: the largest magnitude of a sample is `level_db` dBFS.
    - `rms`: the root mean square of all samples is `level_db` dBFS.
    - `loudness`: the integrated loudness is `level_db` LUFS.
    - `percentile`: the magnitudes of `percentile` % of all samples do not exceed `level_db` dBFS, so that a few clicks
      have no influence.

    With `link` all channels get the same gain, and the level is that of all of them together; without it each channel
    is normalized alone. A sound without a level is not changed: silence, for `loudness` a sound without a block above
    −70 LUFS, and for `percentile` a sound in which that share of the samples is 0. The gain depends on the complete
    sound, so the effect cannot stream.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: `percentile` is not from 0 to 100.
        FxlabError: It is used in a stream.

    Source:
        The loudness: ITU-R BS.1770-4.

    >>> Normalize(level_db=0.0)(torch.tensor([[0.1, -0.5]]), sample_rate=48_000)
    tensor([[ 0.2000, -1.0000]])
    """

    fixed_parameters: ClassVar[dict[str, str]] = dict.fromkeys(("level_db", "percentile"), ONE_GAIN)

    level_db = Param(-1.0, low=-60.0, high=0.0, unit="dB", doc="Level after the gain, in dBFS or LUFS.")
    kind = Choice("peak", ("peak", "rms", "loudness", "percentile"), doc="Which level becomes level_db.")
    percentile = Param(
        99.9,
        low=90.0,
        high=100.0,
        unit="%",
        at_least=0.0,
        at_most=100.0,
        only=("kind", ("percentile",)),
        doc="Share of the samples that do not exceed the level; 50 is the median, 100 the peak.",
    )
    link = Switch(True, doc="Whether all channels get the same gain, which keeps the stereo image.")

    def forward(self, x: Tensor, sample_rate: float) -> Tensor:
        """Return `x` multiplied by the gain that gives it the level `level_db`; a sound without a level is not changed.

        Raises:
            FxlabError: PyTorch records a graph, as in `torch.compile` and `torch.export`, and `kind` is "loudness" or
                "percentile".
        """
        if x.shape[-1] == 0 or has_no_channels(x):
            return x.clone()
        if is_recorded() and self.kind in ("loudness", "percentile"):
            raise not_recordable(
                self._name(),
                f"the {self.kind} depends on the values of the samples",
                "Measure the gain outside the graph, and record fx.Gain with that value.",
            )
        level = self._level(x, sample_rate)
        target: Tensor = 10 ** (self.level_db / 20)
        # A silent sound is divided by 1, not by 0, so that its gradient is finite.
        is_silent = level == 0
        gain = torch.where(is_silent, 1.0, target.to(level.dtype) / torch.where(is_silent, 1.0, level))
        return x * gain.to(x.dtype)

    def forward_block(self, x: Tensor, state: Any, sample_rate: float) -> NoReturn:
        """Raise an `FxlabError`: the gain depends on the level of the complete sound."""
        raise FxlabError(
            f"{self._name()} cannot stream: its gain depends on the level of the complete sound. Process the whole "
            "signal in one call, or use Compressor or Limiter."
        )

    def _level(self, x: Tensor, rate: float) -> Tensor:
        """Return the level as an amplitude, `(..., 1, 1)` if channels are linked and `(..., channels, 1)` if not."""
        together = self.link and x.ndim > 1
        if self.kind == "loudness":
            sounds = x if together else x[..., None, :]
            power = integrated_power(sounds, rate) / to_power(0.0)
            root = torch.sqrt(torch.where(power > 0, power, 1.0)) * (power > 0)
            return root[..., None, None] if together else root[..., None]
        exact = x if x.dtype in (torch.float32, torch.float64) else x.float()
        flat = exact.flatten(-2) if together else exact
        if self.kind == "peak":
            level = flat.abs().amax(-1, keepdim=True)
        elif self.kind == "rms":
            power = flat.double().square().mean(-1, keepdim=True)
            level = torch.sqrt(torch.where(power > 0, power, 1.0)) * (power > 0)
        else:
            level = self._percentile_of(flat.abs(), together)
        return level[..., None] if together else level

    def _percentile_of(self, magnitudes: Tensor, together: bool) -> Tensor:
        """Return the `percentile` of `magnitudes` along the last dimension, which is kept, interpolated between values.

        `together` is whether the channels are flattened into that dimension.
        """
        last = magnitudes.shape[-1] - 1
        share: Tensor = self.percentile.squeeze(-1) if together and self.percentile.ndim else self.percentile
        place = share.double() / 100 * last
        known = None if place.requires_grad else scalar_value(place.reshape(())) if place.numel() == 1 else None
        if known is not None:
            below = math.floor(known)
            lower, upper = (
                magnitudes.kthvalue(min(index, last) + 1, -1, keepdim=True).values for index in (below, below + 1)
            )
            return lower + (known - below) * (upper - lower)
        ordered = magnitudes.sort(-1).values
        lead = ordered.shape[:-1]
        index = place.detach().floor().long().clamp(0, last).expand(*lead, 1)
        lower, upper = ordered.gather(-1, index), ordered.gather(-1, (index + 1).clamp(max=last))
        return lower + (place - index) * (upper - lower)
