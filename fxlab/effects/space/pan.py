"""`Pan`: the position of a sound between the left and the right loudspeaker."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from fxlab.effects.common.channels import check_mono_or_stereo, with_channels
from fxlab.errors import ParameterError
from fxlab.module import Param, StatefulModule


class Pan(StatefulModule):
    """A panner: the sound gets a position between left (−1) and right (1), with constant power.

    A mono sound becomes stereo: with the angle θ from 0 to π/2, the left channel has the gain cos θ and the right one
    sin θ, so that the sum of their powers is the same at every position; at the center both are −3 dB. At the center a
    stereo sound is unchanged; elsewhere the channel of the far side moves, with the same law, into the near one.

    Shape:
        Input: `(time,)` or `(..., channels, time)` with one or two channels. Output: `(..., 2, time)`.

    Raises:
        ParameterError: `position` is not from −1 to 1, or has several values for a sound of one channel.
        SignalError: The input has more than two channels.

    Source:
        W3C, Web Audio API, "StereoPannerNode panning algorithm".

    >>> Pan(position=0.0)(torch.ones(1, 2), sample_rate=48_000)
    tensor([[0.7071, 0.7071],
            [0.7071, 0.7071]])
    """

    position = Param(0.0, low=-1.0, high=1.0, at_least=-1.0, at_most=1.0, doc="Position: −1 is left, 1 is right.")

    def forward_block(self, x: Tensor, state: Any, sample_rate: float) -> tuple[Tensor, None]:
        """Return the next block in stereo, at the position; there is no state.

        Raises:
            ParameterError: The sound has one channel and the position several values.
            SignalError: The sound has more than two channels.
        """
        sound = with_channels(x)
        check_mono_or_stereo(self._name(), sound)
        position = self.position.to(x.dtype)
        if sound.shape[-2] == 1:
            if position.ndim > 1 and position.shape[-2] > 1:
                raise ParameterError(
                    f"{self._name()}: position has {position.shape[-2]} values and the sound one channel; it must be "
                    "one number, or (batch,) for a sound (batch, 1, time)."
                )
            angle = (position + 1) * (math.pi / 4)
            left, right = torch.cos(angle) * sound, torch.sin(angle) * sound
            return torch.cat([left, right], -2), None
        # The parameter may have one value for each channel, so the left and the right channel have separate angles.
        angle = position * (math.pi / 2) * torch.ones_like(sound[..., :1])
        # At the center the gradient is that of a move to the right; a clamp has none there.
        goes_left = angle.detach() < 0
        to_right = torch.where(goes_left, 0.0, angle)[..., :1, :]
        to_left = torch.where(goes_left, -angle, 0.0)[..., 1:, :]
        left, right = sound[..., :1, :], sound[..., 1:, :]
        new_left = left * torch.cos(to_right) + right * torch.sin(to_left)
        new_right = right * torch.cos(to_left) + left * torch.sin(to_right)
        return torch.cat([new_left, new_right], -2), None
