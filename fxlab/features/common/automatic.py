"""Declarations that accept None, as the arguments of torchaudio's transforms do.

A slider has no place for None, so the number 0 stands for it and selects the automatic value of the parameter.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from torch import Tensor

from fxlab.errors import ParameterError
from fxlab.module import Choice, Count, Param
from fxlab.module.parameters.parameter_declaration import Only


class AutoCount(Count):
    """The declaration of an integer for which 0, also written None, selects the automatic value.

    >>> AutoCount(high=4096, doc="Hop; 0 or None is half the window.").validate(None, "Spectrogram")
    0
    """

    zero_is_automatic = True

    def __init__(self, default: int = 0, *, high: int, unit: str = "", doc: str = "") -> None:
        super().__init__(default, low=0, high=high, at_least=0, unit=unit, doc=doc)

    def validate(self, value: Any, owner: str, sample_rate: float | None = None) -> int:
        """Return `value` as an `int`, 0 for None; see `Count.validate`."""
        return 0 if value is None else super().validate(value, owner, sample_rate)

    def allowed(self, sample_rate: float | None = None) -> str:
        """Return the valid range in words."""
        unit = f" {self.unit}" if self.unit else ""
        return f"a whole number of at least 1{unit}, or None (0) for the automatic value"


class AutoParam(Param):
    """The declaration of a number for which 0, also written None, selects the automatic value.

    >>> AutoParam(0.0, low=0.0, high=8000.0, unit="Hz", doc="0 or None is half the sample rate.").default
    0.0
    """

    zero_is_automatic = True

    def as_default(self, value: Any) -> float:
        """Return `value` as a `float`, 0 for None."""
        return 0.0 if value is None else super().as_default(value)

    def tensor(self, value: Any, owner: str) -> Tensor:
        """Return `value` as a tensor, 0 for None."""
        return super().tensor(0.0 if value is None else value, owner)

    def _is_valid(self, value: Any, is_finite: Any, sample_rate: float | None) -> Any:
        return is_finite & ((value == 0) | super()._is_valid(value, is_finite, sample_rate))

    def allowed(self, sample_rate: float | None = None) -> str:
        """Return the valid range in words."""
        return f"{super().allowed(sample_rate)}, or None (0) for the automatic value"


class UpperFrequency(AutoParam):
    """The declaration of the upper end of a band in Hz; 0 or None stands for half the sample rate."""

    def __init__(self, *, high: float = 20_000.0, doc: str = "") -> None:
        super().__init__(0.0, low=0.0, high=high, unit="Hz", above=0.0, below="nyquist", doc=doc)

    def _is_valid(self, value: Any, is_finite: Any, sample_rate: float | None) -> Any:
        is_edge = False if sample_rate is None else value == sample_rate / 2
        return is_edge | super()._is_valid(value, is_finite, sample_rate)

    def allowed(self, sample_rate: float | None = None) -> str:
        """Return the valid range in words."""
        known = f" ({sample_rate / 2:g} Hz)" if sample_rate else ""
        return f"above 0 Hz and at most half the sample rate{known}, or None (0) for half the sample rate"


class AliasChoice(Choice):
    """The declaration of a choice that also accepts the values that torchaudio uses for the options.

    `aliases` maps each of these values to the name of the option.

    >>> AliasChoice("window", ("none", "window"), aliases={True: "window", False: "none"}).validate(True, "Spectrogram")
    'window'
    """

    def __init__(
        self,
        default: str,
        choices: tuple[str, ...],
        *,
        aliases: Mapping[Any, str],
        doc: str = "",
        only: Only | None = None,
    ) -> None:
        super().__init__(default, choices, doc=doc, only=only)
        self.aliases = MappingProxyType(dict(aliases))

    def validate(self, value: Any, owner: str, sample_rate: float | None = None) -> str:
        """Return the name of the option that `value` stands for.

        Raises:
            ParameterError: The value is neither an option nor an alias.
        """
        for alias, name in self.aliases.items():
            # 1 == True in Python, so a bool equals only a bool; 2 and 2.0 are equal.
            same_type = isinstance(alias, bool) == isinstance(value, bool)
            if value is alias or (isinstance(value, (int, float)) and same_type and value == alias):
                return str(name)
        if isinstance(value, str):
            return super().validate(value, owner, sample_rate)
        raise ParameterError(f"{self._full_name(owner)} is {value!r}; it must be {self.allowed()}.")

    def allowed(self, sample_rate: float | None = None) -> str:
        """Return the allowed names in words, with aliases."""
        others = {name: alias for alias, name in self.aliases.items()}
        return "one of " + ", ".join(
            f"{choice!r} (or {others[choice]!r})" if choice in others else repr(choice) for choice in self.choices
        )
