"""`LowPass`, `HighPass`, `BandPass` and `BandStop`: Butterworth filters with drawn edges and orders."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor
from torch.nn.functional import pad

from fxlab.augment.augmentation import Augmentation
from fxlab.augment.drawing.draw import Drawn
from fxlab.augment.drawing.range import Range
from fxlab.engine import sosfilt
from fxlab.errors import ParameterError
from fxlab.filters import SOS, Butterworth, ZeroPhase
from fxlab.filters.classical.bilinear import BANDS, sections
from fxlab.filters.classical.prototype import Prototype, butterworth
from fxlab.module import Switch


def order_range() -> Range:
    """Declare the range of the order of a Butterworth filter."""
    return Range((2, 4), Butterworth.order, doc="Order of the filter: the slope in units of 6 dB per octave.")


class ButterworthFilter(Augmentation):
    """The base class of augmentations that apply Butterworth filters.

    All rows are filtered in one call of the engine, even if their orders differ. With `zero_phase` the filter runs
    forwards and backwards, so that the gain in dB is twice that of the filter: −6 dB at the cutoff or the edges.
    """

    kind: ClassVar[str]
    zero_phase = Switch(False, doc="Whether it runs forwards and backwards: twice the steepness, and no delay.")

    def edges(self, drawn: Drawn) -> tuple[Tensor, ...]:
        """Return a tuple of the drawn cutoff, or of the lower and the upper edge of the band, in Hz.

        Each is `(rows,)`, or `()` if all rows share it.

        Raises:
            NotImplementedError: The base class does not define this method; its subclasses do.
        """
        raise NotImplementedError

    def augment(self, x: Tensor, sample_rate: float, drawn: Drawn) -> Tensor:
        """Return `x` `(rows, channels, time)`, each row filtered with its drawn order and cutoff or edges."""
        sos = self.sections(sample_rate, drawn)
        if self.zero_phase:
            return ZeroPhase(SOS(sos))(x, sample_rate)
        return sosfilt(x, sos[:, None] if sos.ndim == 3 else sos)[0]

    def sections(self, sample_rate: float, drawn: Drawn) -> Tensor:
        """Return the second-order sections of the drawn filters for a sample rate in Hz.

        Shape:
            `(rows, sections, 6)`, or `(sections, 6)` if all rows share one filter. Filters with fewer sections than
            others are padded with sections that do nothing.
        """
        edges, orders = self.edges(drawn), drawn.row_values("order")
        different, order_of_row = torch.unique(orders, return_inverse=True)
        kinds = [int(order) for order in different]
        if len(kinds) == 1:
            return sections(butterworth(kinds[0]), self.kind, edges[0], edges[-1], sample_rate)
        # All rows are designed together, with the pole pairs of the highest order and, for an odd order, a real pole;
        # then the sections of its own order are selected for each row.
        pairs, has_real = max(kinds) // 2, any(order % 2 for order in kinds)
        poles = torch.stack([pad(butterworth(n).poles, (0, pairs - n // 2), value=-1.0) for n in kinds])[order_of_row]
        one = torch.ones((), dtype=torch.float64)
        prototype = Prototype(poles, None, one.expand(len(poles), 1) if has_real else None, one)
        made = sections(prototype, self.kind, edges[0], edges[-1], sample_rate)
        made = torch.cat([made, made.new_tensor([1.0, 0.0, 0.0, 1.0, 0.0, 0.0]).expand(len(made), 1, 6)], -2)
        each, unused = (2 if self.kind in BANDS else 1), made.shape[-2] - 1
        own = [[*range(has_real - n % 2, has_real), *range(has_real, has_real + n // 2 * each)] for n in kinds]
        most = max(map(len, own))
        index = torch.tensor([part + [unused] * (most - len(part)) for part in own])[order_of_row]
        return made.gather(-2, index[..., None].expand(-1, -1, 6))


class LowPass(ButterworthFilter):
    """A Butterworth low-pass with a drawn cutoff and order.

    The gain at the cutoff is −3 dB, with `zero_phase` −6 dB.

    Shape:
        `(time,)` or `(..., channels, time)`.

    >>> LowPass(cutoff=(200.0, 4000.0), p=1.0)(torch.randn(8, 1, 100), 16_000).shape
    torch.Size([8, 1, 100])
    """

    kind = "lowpass"
    cutoff = Range((150.0, 7500.0), Butterworth.cutoff, doc="Cutoff, −3 dB.")
    order = order_range()

    def edges(self, drawn: Drawn) -> tuple[Tensor, ...]:
        """Return a tuple of the drawn cutoff in Hz, `(rows,)`, or `()` if all rows share it."""
        return (drawn.row_values("cutoff"),)


class HighPass(ButterworthFilter):
    """A Butterworth high-pass with a drawn cutoff and order.

    The gain at the cutoff is −3 dB, with `zero_phase` −6 dB.

    Shape:
        `(time,)` or `(..., channels, time)`.

    >>> HighPass(cutoff=(20.0, 200.0), p=1.0, zero_phase=True)(torch.randn(8, 1, 100), 16_000).shape
    torch.Size([8, 1, 100])
    """

    kind = "highpass"
    cutoff = Range((20.0, 2400.0), Butterworth.cutoff, doc="Cutoff, −3 dB.")
    order = order_range()

    def edges(self, drawn: Drawn) -> tuple[Tensor, ...]:
        """Return a tuple of the drawn cutoff in Hz, `(rows,)`, or `()` if all rows share it."""
        return (drawn.row_values("cutoff"),)


class Band(ButterworthFilter):
    """The base class of band-pass and band-stop filters with edges at `frequency · (1 ± bandwidth / 2)`.

    Raises:
        ParameterError: The upper edge could be at or above half the sample rate.
    """

    frequency = Range((200.0, 4000.0), Butterworth.cutoff, doc="Center of the band.")
    bandwidth = Range(
        (0.5, 1.99), low=0.1, high=1.99, above=0.0, below=2.0, doc="Width of the band as a fraction of its center."
    )
    order = order_range()

    def edges(self, drawn: Drawn) -> tuple[Tensor, ...]:
        """Return the lower and the upper edge of the band in Hz, each `(rows,)`, or `()` if all rows share it."""
        center, half = drawn.row_values("frequency"), drawn.row_values("bandwidth") / 2
        return center * (1 - half), center * (1 + half)

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
    """A Butterworth band-pass with a drawn order, center and width, and edges at `frequency · (1 ± bandwidth / 2)`.

    The gain at the edges is −3 dB, with `zero_phase` −6 dB.

    Shape:
        `(time,)` or `(..., channels, time)`.

    >>> BandPass(p=1.0)(torch.randn(8, 1, 100), 16_000).shape
    torch.Size([8, 1, 100])
    """

    kind = "bandpass"


class BandStop(Band):
    """A Butterworth band-stop with a drawn order, center and width, and edges at `frequency · (1 ± bandwidth / 2)`.

    The gain at the edges is −3 dB, with `zero_phase` −6 dB.

    Shape:
        `(time,)` or `(..., channels, time)`.

    >>> BandStop(p=1.0)(torch.randn(8, 1, 100), 16_000).shape
    torch.Size([8, 1, 100])
    """

    kind = "bandstop"
