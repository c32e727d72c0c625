"""`Audition`: an augmentation whose draw is selected by a parameter, for panels."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor

from fxlab.augment.augmentation import Augmentation
from fxlab.augment.compose.container import Container
from fxlab.augment.drawing.batch import as_batch
from fxlab.augment.drawing.random_source import RandomNumbers
from fxlab.augment.drawing.range import Options
from fxlab.errors import SignalError
from fxlab.module import Count, Module, Switch


class DrawnValue(NamedTuple):
    """A drawn value as a panel displays it.

    `label` is the name of the parameter, after that of the augmentation if this is a part of a container. `text` is the
    value with its unit, if it has one. `position` is the place of the value on the sliders of the range: from 0 to 1
    between their ends. The options of a list have places at equal distances. An augmentation that is not applied has
    one entry with the text "not applied" and the position 0.
    """

    label: str
    text: str
    position: float


class DrawNumber(Count):
    """The declaration of the number of a draw, for which a panel has a button that draws again."""

    kind = "draw"


class Audition(Module):
    """A module that applies an augmentation with the draw whose number is the parameter `draw`.

    Equal calls of an `Audition` return equal outputs. The panel of an augmentation, with the sliders of its ranges and
    a button that draws again, runs an `Audition`. A call changes neither the augmentation's last draw nor the number of
    its calls. A frozen draw is not used, and `eval()` of the augmentation has no effect.

    Args:
        module: The augmentation.
        draw: The number of the draw, at least 1. The drawn values also depend on the seed of the augmentation.
        always: Whether each `p`, of the augmentation and of its parts, counts as 1.
        sample_rate: The sample rate in Hz for calls that do not give one.

    Shape:
        Input `(time,)` or `(..., channels, time)`; some augmentations change the length.

    Raises:
        SignalError: The input or the output of the augmentation is a spectrogram.

    >>> from fxlab.augment import Gain
    >>> audition = Audition(Gain(gain_db=(-20.0, 0.0), seed=1), draw=2)
    >>> torch.equal(audition(torch.ones(4), 8000), audition(torch.ones(4), 8000))
    True
    """

    _is_describable = False

    draw = DrawNumber(1, low=1, high=100, doc="Number of the draw: another number draws again.")
    module: Augmentation
    always = Switch(True, doc="Whether it is applied even where p would leave the sound as it is.")

    def __init__(
        self, module: Augmentation, draw: int = 1, always: bool = True, *, sample_rate: float | None = None
    ) -> None:
        if not (module.takes_sound and module.gives_sound):
            raise SignalError(
                f"{module._name()} augments spectrograms, and a panel plays sounds. Look at the augmented feature: "
                f"signal | fx.MelSpectrogram() | {module._name()}(…)."
            )
        super().__init__(draw=draw, always=always, sample_rate=sample_rate)
        self.module = module

    def forward(self, x: Tensor, sample_rate: float) -> Tensor:
        """Return `x` augmented with the draw that the parameter `draw` selects."""
        return self._run(x, sample_rate)[0]

    def output_rate(self, sample_rate: float | None = None) -> float:
        """Return the sample rate of the output in Hz, which may depend on the draw, for an input at `sample_rate`.

        None stands for the sample rate of the `Audition`. To find the result, a short silence is augmented, which also
        sets `last_values`.
        """
        rate = self._resolve_rate(sample_rate)
        return self._run(torch.zeros(1, 1, 64), rate)[1]

    def drawn_values(self, x: Tensor, sample_rate: float) -> list[DrawnValue]:
        """Augment `x`, and return the values that were drawn from the ranges and options.

        Of the values that a range or a list of options has for several examples or channels, only the first is
        returned. An augmentation that is not applied has the text "not applied".
        """
        self._run(x, sample_rate)
        return self.last_values

    @property
    def last_values(self) -> list[DrawnValue]:
        """The values that `drawn_values` returns, from the last call of `forward`, `output_rate` or `drawn_values`.

        Before such a call the list is empty.
        """
        values: list[DrawnValue] = self.__dict__.get("_drawn", [])
        return values

    def _run(self, x: Tensor, sample_rate: float) -> tuple[Tensor, float]:
        augmentations = [part for part in self.module.modules() if isinstance(part, Augmentation)]
        before = [part._draw for part in augmentations]
        batch = as_batch(x, sample_rate, (None, None), self._name())
        numbers = RandomNumbers((self.module.seed, 0, self.draw), auditioned=True, always=self.always)
        done = self.module.run(batch, numbers, None)
        self.__dict__["_drawn"] = list(_texts(self.module, ""))
        for part, draw in zip(augmentations, before, strict=True):
            part.__dict__["_draw"] = draw
        y = done.x.reshape(*x.shape[:-2], *done.x.shape[1 if x.ndim > 1 else 2 :])
        return y, done.rate


def _texts(augmentation: Augmentation, owner: str) -> Iterator[DrawnValue]:
    """Yield the first value that an augmentation drew from each range or list of options, then those of its parts.

    `owner` is the text in front of the labels; for a part of a container it names the augmentation.
    """
    draw = augmentation._draw
    assert draw is not None
    if not bool(draw.applied[0]):
        yield DrawnValue(owner.removesuffix(" · ") or augmentation._name(), "not applied", 0.0)
        return
    for name, declaration in augmentation.ranges.items():
        if name not in draw.values:
            continue
        value = float(draw.values[name].flatten()[0])
        label = f"{owner}{declaration.label}"
        if isinstance(declaration, Options):
            options = getattr(augmentation, name)
            yield DrawnValue(label, str(options[int(value)]), (value + 0.5) / len(options))
        else:
            position = declaration.to_slider(value) if value > 0 or declaration.scale == "linear" else 0.0
            shown = round(value) if declaration.whole else float(f"{value:.3g}")
            yield DrawnValue(label, declaration.format(shown), position)
    if isinstance(augmentation, Container):
        for key in draw.parts:
            part = augmentation[int(key.split(".")[1])]
            if isinstance(part, Augmentation):
                yield from _texts(part, f"{part._name()} · " if part.ranges else "")
