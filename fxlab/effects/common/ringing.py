"""`Ringing`: the base class of effects whose output continues after the end of the input."""

from __future__ import annotations

import math
from abc import abstractmethod
from typing import Any, NamedTuple

from torch import Tensor

from fxlab.effects.common.channels import has_no_channels
from fxlab.effects.common.largest_magnitude import largest_magnitude
from fxlab.engine.torch_support.tracing import is_recorded
from fxlab.errors import ParameterError
from fxlab.module import Choice, StatefulModule
from fxlab.module.checked_values import checked_values
from fxlab.module.checks import not_recordable
from fxlab.module.parameters.active_values import use_values
from fxlab.module.parameters.moving_values import moving_values, stored_values

TAIL_DB = 60.0
"""The decay, in dB, after which a tail ends, as in the definition of the reverberation time."""
MAX_TAIL = 600.0
"""The longest tail, in seconds."""


def tail_choice() -> Choice:
    """Declare whether the output ends with the input, or continues with the decay."""
    return Choice(
        "cut",
        ("cut", "ring"),
        doc=f"Whether the output ends with the input, or continues until it has decayed by {TAIL_DB:g} dB.",
    )


def decay_count(gain: float) -> int:
    """Return the number of passes through a loop with this gain after which a sound has decayed by `TAIL_DB`.

    For gains outside (0, 1) it is 0.

    >>> decay_count(0.5)
    10
    """
    return math.ceil(-TAIL_DB / 20 * math.log(10) / math.log(gain)) if 0 < gain < 1 else 0


class RingingState(NamedTuple):
    """The state of a stream: the last input block with all samples removed, and the state of the effect itself."""

    empty: Tensor
    inner: Any


class Ringing(StatefulModule):
    """An effect with a decay, such as an echo. With `tail="ring"` its output is longer than its input by the decay.

    A subclass declares `tail` with `tail_choice`, and defines `process_block` and `decay_samples`. Modules that contain
    others support the longer output: later stages of a `Chain` process the tail too, and shorter branches of a `Sum`,
    `Send` or `Mix` are padded with silence.
    """

    tail: Any

    @abstractmethod
    def process_block(self, x: Tensor, state: Any, sample_rate: float) -> tuple[Tensor, Any]:
        """Return the output for the next block, and the state after it; see `StatefulModule.forward_block`.

        Raises:
            NotImplementedError: The base class does not define this method; its subclasses do.
        """
        raise NotImplementedError

    @abstractmethod
    def decay_samples(self, sample_rate: float) -> int:
        """Return the number of samples after which the impulse response has decayed by at least `TAIL_DB`, 60 dB.

        Raises:
            NotImplementedError: The base class does not define this method; its subclasses do.
        """
        raise NotImplementedError

    def tail_samples(self, sample_rate: float | None = None) -> int:
        """Return the number of samples by which the output is longer than the input: 0 unless `tail` is `"ring"`.

        Raises:
            ParameterError: `tail` is `"ring"`, and the decay takes longer than ten minutes.
            SignalError: There is no sample rate.

        >>> from fxlab.effects import Delay
        >>> Delay(delay_ms=100.0, feedback=0.5, tail="ring").tail_samples(sample_rate=8000)
        8800
        """
        rate = self._resolve_rate(sample_rate)
        if self.tail == "cut":
            return 0
        count = self.decay_samples(rate)
        if count > MAX_TAIL * rate:
            raise ParameterError(
                f"{self._name()}: the sound takes {count / rate:.0f} s to decay by {TAIL_DB:g} dB; with tail='ring' it "
                f"must be at most {MAX_TAIL:g} s. Shorten the decay, or set tail='cut'."
            )
        return count

    def forward_block(self, x: Tensor, state: Any, sample_rate: float) -> tuple[Tensor, Any]:
        """Return the output for the next block, and the state after it, a `RingingState`.

        Raises:
            FxlabError: PyTorch records a graph, as in `torch.compile` and `torch.export`.
        """
        self._refuse_recording()
        before = None if state is None else state.inner
        y, inner = (x, before) if has_no_channels(x) else self.process_block(x, before, sample_rate)
        return y, RingingState(x.new_empty((*x.shape[:-1], 0)), inner)

    def flush_block(self, state: Any, sample_rate: float) -> Tensor | None:
        """Return the output after the end of the input, `(..., tail_samples)`.

        It is None if there was no block or there is no tail.

        Raises:
            ParameterError: A value is invalid, or the decay is too long for `tail="ring"`.
        """
        count = 0 if state is None else self.tail_samples(sample_rate)
        if not count:
            return None
        silence = state.empty.new_zeros((*state.empty.shape[:-1], count))
        moving = moving_values(self)
        if moving is None:
            return self.forward_block(silence, state, sample_rate)[0]
        values = checked_values(self, silence, sample_rate, moving.end, moving.finish())
        with use_values(self, values):
            return self.forward_block(silence, state, sample_rate)[0]

    def _refuse_recording(self) -> None:
        """Raise an `FxlabError` while PyTorch records a graph."""
        if is_recorded():
            raise not_recordable(
                self._name(),
                "the number of its operations depends on the values of its parameters and the length of the sound",
                "Record fx.FIR(taps) instead, with its response to an impulse as the taps.",
            )

    def _largest(self, name: str) -> float:
        """Return the largest magnitude of the parameter `name` in the whole batch, at any time if it moves."""
        control = self.controls().get(name)
        values = (stored_values(self)[name],) if control is None else control.limits()
        return max(largest_magnitude(value) for value in values)
