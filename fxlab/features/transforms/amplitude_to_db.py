"""`AmplitudeToDB`: powers or magnitudes as levels in decibels."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from torch import Tensor

from fxlab.errors import SignalError
from fxlab.features.common import parameters
from fxlab.features.common.decibels import refuse_stream, to_decibels
from fxlab.features.common.feature_transform import FeatureTransform
from fxlab.features.feature import Feature
from fxlab.module import Choice, Param


class AmplitudeToDB(FeatureTransform):
    """Levels in dB of a power or magnitude spectrogram.

    The level of x is `10 · log10(x / ref)` dB for powers, and `20 · log10(x / ref)` dB for magnitudes; x and `ref` are
    raised to `amin` if they are smaller. With `top_db`, levels more than `top_db` below the largest one of an example
    are raised to this limit; the module then does not stream.

    Shape:
        Input and output: `(..., channels, frequency, frames)`, or `(frequency, frames)`.

    Raises:
        SignalError: The kind of the feature is not `stype`, or the input is complex.
        FxlabError: The module is used in a stream, and `top_db` is neither None nor 0.

    Source:
        The parameters are those of `torchaudio.transforms.AmplitudeToDB`, `ref` and `amin` those of librosa's
        `power_to_db` and `amplitude_to_db`.

    >>> import torch
    >>> AmplitudeToDB()(torch.tensor([[1.0, 0.1, 0.0]])).tolist()
    [[0.0, -10.0, -100.0]]
    """

    stype = Choice("power", ("power", "magnitude"), doc="Kind of the input: powers or magnitudes.")
    top_db = parameters.level_range(0.0)
    ref = Param(1.0, low=1e-6, high=1e6, scale="log", doc="Value of 0 dB.")
    amin = Param(1e-10, low=1e-16, high=1e-2, scale="log", doc="Smaller values are raised to it.")

    def forward(self, x: Tensor, sample_rate: float) -> Tensor:
        """Return the levels of `x` in dB, in the same shape.

        Raises:
            SignalError: The input is complex.
        """
        if x.is_complex():
            raise SignalError(f"{self._name()}: the input is complex; write x.abs(), with stype='magnitude'.")
        return to_decibels(x, self.stype, self.amin, self.ref, self.top_db)

    def forward_block(self, x: Tensor, state: Any, sample_rate: float) -> tuple[Tensor, Any]:
        """Return the levels of the next frames; there is no state.

        Raises:
            FxlabError: A value of `top_db` is not 0, so that levels depend on the largest one of the complete sound.
        """
        if bool((self._stored_top() != 0).any()):
            raise refuse_stream(self._name())
        return self.forward(x, sample_rate), None

    def _stored_top(self) -> Tensor:
        return self.continuous["top_db"].stored(self)

    def describe_result(self, feature: Feature, data: Tensor) -> Feature:
        """Return the levels `data` with the axes of the feature.

        Raises:
            SignalError: The kind of the feature is not `stype`.
        """
        if feature.kind != self.stype:
            raise SignalError(
                f"{self._name()}: stype is {self.stype!r}, and the {feature.name.lower()} is {feature.kind}; set "
                f"stype={feature.kind!r}."
                if feature.kind != "linear"
                else f"{self._name()}: the {feature.name.lower()} is neither a power nor a magnitude."
            )
        limits = None
        if feature.limits is not None and self.continuous["ref"].stored(self).ndim == 0:
            full_scale = to_decibels(
                data.new_tensor(feature.reference), self.stype, 1e-30, self.continuous["ref"].stored(self).detach(), 0.0
            )
            limits = (feature.limits[0] + float(full_scale), feature.limits[1] + float(full_scale))
        return replace(
            feature, data=data, unit="dB", kind="linear", reference=1.0, reference_name="", limits=limits, invert=None
        )
