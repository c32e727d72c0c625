"""`ShuffleChannels`: a random order of the channels."""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.augment.augmentation import Augmentation
from fxlab.augment.drawing.batch import Batch
from fxlab.augment.drawing.draw import Draw, Drawn
from fxlab.augment.drawing.random_source import RandomNumbers
from fxlab.augment.drawing.sharing import MODES, SharingMode
from fxlab.errors import ParameterError
from fxlab.module import Choice


class ShuffleChannels(Augmentation):
    """A random permutation of the channels, which is applied to the channels of the targets too.

    The permutation is drawn for each example or, with `mode="per_batch"`, for the batch. A sound of one channel is
    unchanged.

    Shape:
        `(..., channels, time)`.

    >>> import torch
    >>> ShuffleChannels(p=1.0, seed=1)(torch.tensor([[1.0], [2.0], [3.0]]), 8000).flatten()
    tensor([2., 1., 3.])
    """

    mode = Choice("per_example", MODES[:2], doc="Group that shares the drawn values.")
    p_mode = SharingMode(
        "same as mode", ("same as mode", *MODES[:2]), doc="Group that shares the decision to apply it."
    )

    def draw(self, units: int, batch: Batch, numbers: RandomNumbers) -> dict[str, Tensor]:
        """Return `order`, a permutation of the channels for each unit, `(units, channels)`."""
        channels = batch.x.shape[1]
        return {"order": numbers.uniform(units * channels).reshape(units, channels).argsort(-1)}

    def check_draw(self, draw: Draw) -> None:
        """Raise a `ParameterError` if the draw does not belong to this augmentation or is not a permutation."""
        super().check_draw(draw)
        order = draw.values.get("order")
        if order is not None and not torch.equal(order.sort(-1).values, torch.arange(order.shape[-1]).expand_as(order)):
            raise self._wrong_draw(f"{order.tolist()} is not an order of channels")

    def _check_fits(self, draw: Draw, rows: int, channels: int) -> None:
        super()._check_fits(draw, rows, channels)
        order = draw.values.get("order")
        if order is not None and order.shape[-1] != channels:
            raise ParameterError(
                f"{self._name()}: the frozen draw is for {order.shape[-1]} channels, and this input has {channels}. "
                "Call unfreeze_parameters(), or pass an input of the same shape."
            )

    def augment(self, x: Tensor, sample_rate: float, drawn: Drawn) -> Tensor:
        """Return `x` `(rows, channels, time)` with its channels in the drawn order."""
        order = drawn.row_values("order").to(x.device).expand(len(x), -1)
        return x.gather(1, order[..., None].expand_as(x))

    def augment_targets(self, targets: Tensor, target_rate: float, drawn: Drawn, batch: Batch) -> Tensor:
        """Return the targets with their channels in the drawn order."""
        order = drawn.row_values("order").to(targets.device).expand(len(targets), -1)
        return targets.gather(1, order[..., None, None].expand_as(targets))
