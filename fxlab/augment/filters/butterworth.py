"""`LowPass`, `HighPass`, `BandPass` and `BandStop` of drawn edges and steepness."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from fxlab.augment.augmentation import Augmentation
from fxlab.augment.drawing.draw import Drawn
from fxlab.augment.drawing.range import Range
from fxlab.engine import sosfilt
from fxlab.errors import ParameterError
from fxlab.filters import SOS, Butterworth, ZeroPhase
from fxlab.module import Switch


def order_range() -> Range:
    """Declare a range of orders."""
    return Range((2, 4), Butterworth.order, doc="Order: 6 dB per octave each.")


class ButterworthFilter(Augmentation):
    """The base of augmentations that are Butterworth filters; rows of all orders run in one call of the engine."""

    _abstract_methods: ClassVar[tuple[str, ...]] = ("edges",)
    kind: ClassVar[str]
    zero_phase = Switch(False, doc="Whether it runs forwards and backwards: twice the steepness, and no delay.")

    def edges(self, drawn: Drawn) -> tuple[Tensor, ...]:
        """Return the drawn cutoff, or the lower and the upper edge, in Hz."""
        raise NotImplementedError

    def augment(self, x: Tensor, sample_rate: float, drawn: Drawn) -> Tensor:
        """Filter all rows."""
        sections = self.sections(sample_rate, drawn)
        if self.zero_phase:
            return ZeroPhase(SOS(sections))(x, sample_rate)
        return sosfilt(x, sections[:, None] if sections.ndim == 3 else sections)[0]

    def sections(self, sample_rate: float, drawn: Drawn) -> Tensor:
        """Return second-order sections `(rows, sections, 6)`; lower orders are padded with sections that do nothing."""
        edges, orders = self.edges(drawn), drawn.row_values("order")
        different = torch.unique(orders).int().tolist()
        if len(different) == 1:
            return self._design(edges, different[0], sample_rate)
        rows = len(orders)
        designs = []
        for order in different:
            chosen = (orders == order).nonzero().squeeze(-1)
            part = tuple(edge[chosen] if edge.ndim else edge.expand(len(chosen)) for edge in edges)
            designs.append((chosen, self._design(part, order, sample_rate)))
        most = max(design.shape[-2] for _, design in designs)
        sections = designs[0][1].new_tensor([1.0, 0.0, 0.0, 1.0, 0.0, 0.0]).expand(rows, most, 6)
        for chosen, design in designs:
            filled = torch.cat([design, sections[: len(chosen), : most - design.shape[-2]]], -2)
            sections = sections.index_copy(0, chosen, filled)
        return sections

    def _design(self, edges: tuple[Tensor, ...], order: int, sample_rate: float) -> Tensor:
        design = Butterworth(edges[0], order, self.kind)
        if len(edges) == 2:
            design.upper = edges[1]
        return design.sos(sample_rate)


class LowPass(ButterworthFilter):
    """A Butterworth low-pass of a drawn cutoff and order.

    >>> LowPass(cutoff=(200.0, 4000.0), p=1.0)(torch.randn(8, 1, 100), 16_000).shape
    torch.Size([8, 1, 100])
    """

    kind = "lowpass"
    cutoff = Range((150.0, 7500.0), Butterworth.cutoff, doc="Cutoff, −3 dB.")
    order = order_range()

    def edges(self, drawn: Drawn) -> tuple[Tensor, ...]:
        """Return the cutoff."""
        return (drawn.row_values("cutoff"),)


class HighPass(ButterworthFilter):
    """A Butterworth high-pass of a drawn cutoff and order.

    >>> HighPass(cutoff=(20.0, 200.0), p=1.0, zero_phase=True)(torch.randn(8, 1, 100), 16_000).shape
    torch.Size([8, 1, 100])
    """

    kind = "highpass"
    cutoff = Range((20.0, 2400.0), Butterworth.cutoff, doc="Cutoff, −3 dB.")
    order = order_range()

    def edges(self, drawn: Drawn) -> tuple[Tensor, ...]:
        """Return the cutoff."""
        return (drawn.row_values("cutoff"),)


class Band(ButterworthFilter):
    """The base of band-pass and band-stop: edges at `frequency (1 ± bandwidth / 2)`."""

    frequency = Range((200.0, 4000.0), Butterworth.cutoff, doc="Centre of the band.")
    bandwidth = Range(
        (0.5, 1.99), low=0.1, high=1.99, above=0.0, below=2.0, doc="Width of the band as a fraction of its centre."
    )
    order = order_range()

    def edges(self, drawn: Drawn) -> tuple[Tensor, ...]:
        """Return the two edges."""
        centre, half = drawn.row_values("frequency"), drawn.row_values("bandwidth") / 2
        return centre * (1 - half), centre * (1 + half)

    def _check(self, sample_rate: float) -> None:
        super()._check(sample_rate)
        highest = float(self.frequency[1] * (1 + self.bandwidth[1] / 2))
        if highest >= sample_rate / 2:
            raise ParameterError(
                f"{self._name()}: the band may reach up to {highest:g} Hz, {self.frequency[1]:g} Hz · (1 + "
                f"{self.bandwidth[1]:g} / 2); it must stay below half the sample rate ({sample_rate / 2:g} Hz). Lower "
                "frequency or bandwidth."
            )


class BandPass(Band):
    """A Butterworth band-pass of a drawn centre, width and order.

    >>> BandPass(p=1.0)(torch.randn(8, 1, 100), 16_000).shape
    torch.Size([8, 1, 100])
    """

    kind = "bandpass"


class BandStop(Band):
    """A Butterworth band-stop of a drawn centre, width and order.

    >>> BandStop(p=1.0)(torch.randn(8, 1, 100), 16_000).shape
    torch.Size([8, 1, 100])
    """

    kind = "bandstop"
