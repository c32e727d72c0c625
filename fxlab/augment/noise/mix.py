"""`Mix`: the sum of each example and another example of the batch."""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.augment.augmentation import Augmentation
from fxlab.augment.drawing.applied_rows import AppliedRows, Indices
from fxlab.augment.drawing.batch import Batch
from fxlab.augment.drawing.draw import Draw, Drawn
from fxlab.augment.drawing.random_source import RandomNumbers
from fxlab.augment.noise.signal_to_noise import noise_gain, root_mean_square, snr_range
from fxlab.module import Choice


class Mix(Augmentation):
    """The sum of each example and another example of the batch, which is scaled to a drawn signal-to-noise ratio.

    The ratio `snr_db` is the power of the example divided by that of the added one, in dB; a silent example is
    unchanged. An example is never added to itself, so a batch of one is unchanged. With `target="union"` each target
    becomes the larger of its values in the two examples, which suits labels from 0 to 1 for each class; with
    `"original"` the targets are unchanged.

    Shape:
        `(..., channels, time)`; the leading dimensions are the batch.

    >>> Mix(p=1.0, seed=1)(torch.randn(4, 1, 100), 16_000).shape
    torch.Size([4, 1, 100])
    """

    shares = ("other",)
    snr_db = snr_range(0.0, 5.0)
    target = Choice(
        "union", ("union", "original"), doc="Targets: the elementwise maximum of both, or those of the example."
    )

    def draw(self, units: int, batch: Batch, numbers: RandomNumbers) -> dict[str, Tensor]:
        """Return `snr_db`, and `other`, the position of the added example among the other examples, from 0 to 1.

        Shape:
            `(units,)` each.
        """
        return {**super().draw(units, batch, numbers), "other": numbers.uniform(units)}

    def run(
        self, batch: Batch, numbers: RandomNumbers | None, draw: Draw | None, members: Indices | None = None
    ) -> Batch:
        """Augment a batch, record the draw, and return the augmented batch; see `Augmentation.run`.

        The examples that are added are those of `batch` before the augmentation.
        """
        self.__dict__["_batch"] = batch
        try:
            return super().run(batch, numbers, draw, members)
        finally:
            del self.__dict__["_batch"]

    def _draw_all(self, batch: Batch, numbers: RandomNumbers, rows: int) -> Draw:
        draw = super()._draw_all(batch, numbers, rows)
        if len(batch.x) == 1:
            draw.applied = torch.zeros_like(draw.applied)
        return draw

    def change(self, batch: Batch, draw: Draw, rows: AppliedRows) -> Batch:
        """Return the rows of `batch`, each mixed with another example; a batch of one example is unchanged.

        See `Augmentation.change` for the arguments.
        """
        if rows.examples == 1:
            return batch
        self.__dict__["_example"] = torch.from_numpy(rows.numbers // (rows.rows // rows.examples))
        try:
            return super().change(batch, draw, rows)
        finally:
            del self.__dict__["_example"]

    def augment(self, x: Tensor, sample_rate: float, drawn: Drawn) -> Tensor:
        """Return `x` `(rows, channels, time)` plus other examples of the batch at the drawn signal-to-noise ratio."""
        other = self._others(self.__dict__["_batch"].x, x, drawn)
        level = root_mean_square(other)
        gain = torch.where(level > 0, noise_gain(x, torch.where(level > 0, level, 1.0), drawn["snr_db"]), 0.0)
        return x + other * gain

    def augment_targets(self, targets: Tensor, target_rate: float, drawn: Drawn, batch: Batch) -> Tensor:
        """Return the elementwise maximum of the targets of both examples, or `targets` if `target` is "original"."""
        if self.target == "original":
            return targets
        return torch.maximum(targets, self._others(self.__dict__["_batch"].targets, targets, drawn))

    def _others(self, pool: Tensor, x: Tensor, drawn: Drawn) -> Tensor:
        if pool.shape[1] != x.shape[1]:  # the channels are rows of their own
            pool = pool.flatten(0, 1)[:, None]
        channels = len(pool) // len(self.__dict__["_batch"].x)
        own = self.__dict__["_example"].cpu() * channels
        others = len(pool) - channels
        index = (drawn.row_values("other").expand(len(x)) * others).long().clamp(max=others - 1)
        index = torch.where(index >= own, index + channels, index)
        return pool.index_select(0, index.to(pool.device))
