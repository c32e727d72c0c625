"""The discrete parameters: `Choice` for a name, `Switch` for a boolean, `Count` for an integer.

They are part of a module's structure, like `kernel_size` of a convolution: they have no gradient, and they are in
`to_dict` but not in `state_dict`.
"""

from __future__ import annotations

from difflib import get_close_matches
from operator import index
from typing import Any

from fxlab.errors import ParameterError
from fxlab.module.parameters.parameter_declaration import Only
from fxlab.module.parameters.structure_declaration import StructureDeclaration


class Choice(StructureDeclaration):
    """The declaration of a parameter whose value is one of several names.

    Args:
        default: The name if none is given.
        choices: The allowed names.
        doc: One sentence for the API table and the panel.
        only: The name of another `Choice`, and its options for which this parameter has an effect; see `Param`.

    Raises:
        ParameterError: There are no names, or the default is not one of them.

    >>> Choice("lowpass", ["lowpass", "highpass"], doc="Which side passes.").allowed()
    "one of 'lowpass', 'highpass'"
    """

    kind = "choice"

    def __init__(
        self, default: str, choices: list[str] | tuple[str, ...], *, doc: str = "", only: Only | None = None
    ) -> None:
        super().__init__(default, doc=doc, only=only)
        self.choices = tuple(choices)
        if not self.choices:
            raise ParameterError("Choice: choices is empty; name at least one.")
        if default not in self.choices:
            raise ParameterError(f"Choice: the default {default!r} must be {self.allowed()}.")

    def validate(self, value: Any, owner: str, sample_rate: float | None = None) -> str:
        """Return `value` as a `str`, or raise a `ParameterError` that lists the allowed names."""
        if isinstance(value, str) and value in self.choices:
            return str(value)  # the `repr` of a NumPy string includes its class
        near = get_close_matches(str(value), self.choices, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise ParameterError(f"{self._full_name(owner)} is {value!r}; it must be {self.allowed()}.{hint}")

    def allowed(self, sample_rate: float | None = None) -> str:
        """Return the allowed names as text: `"one of 'a', 'b'"`."""
        return "one of " + ", ".join(repr(choice) for choice in self.choices)


class Switch(StructureDeclaration):
    """The declaration of a boolean parameter.

    Args:
        default: The value if none is given.
        doc: One sentence for the API table and the panel.

    >>> Switch(True, doc="Whether it acts.").default
    True
    """

    kind = "switch"

    def __init__(self, default: bool, *, doc: str = "") -> None:
        super().__init__(bool(default), doc=doc)

    def validate(self, value: Any, owner: str, sample_rate: float | None = None) -> bool:
        """Return `value`, or raise a `ParameterError` if it is not a `bool`."""
        # Numbers and strings are not converted, since `bool("no")` is True.
        if isinstance(value, bool):
            return value
        raise ParameterError(f"{self._full_name(owner)} is {value!r}; it must be {self.allowed()}.")

    def allowed(self, sample_rate: float | None = None) -> str:
        """Return the text `"True or False"`."""
        return "True or False"


class Count(StructureDeclaration):
    """The declaration of an integer parameter, such as an order or a number of taps.

    Args:
        default: The value if none is given.
        low: The lowest position of the slider.
        high: The highest position of the slider.
        at_least: The lowest valid value.
        at_most: The highest valid value; None if there is no limit.
        multiple: The number of which a valid value is a multiple; `low` and `high` must be multiples as well.
        unit: The unit, such as `"samples"`.
        scale: The taper of the slider: `"linear"`, or `"log"` with `low` above 0.
        doc: One sentence for the API table and the panel.
        only: The name of a `Choice`, and its options for which the parameter has an effect; see `Param`.

    Raises:
        ParameterError: The arguments are invalid or contradict each other.

    >>> Count(4, low=1, high=24, doc="Order.").validate(30, "Butterworth")
    30
    """

    kind = "count"

    def __init__(
        self,
        default: int,
        *,
        low: int,
        high: int,
        at_least: int = 1,
        at_most: int | None = None,
        multiple: int = 1,
        unit: str = "",
        scale: str = "linear",
        doc: str = "",
        only: Only | None = None,
    ) -> None:
        super().__init__(default, unit=unit, doc=doc, only=only)
        if not low < high:
            raise ParameterError(f"Count: low={low!r} must be below high={high!r}.")
        if scale != "linear" and not (scale == "log" and low > 0):
            raise ParameterError(
                f"Count: scale is {scale!r} with low={low!r}; it must be 'linear', or 'log' with low of at least 1."
            )
        if not (isinstance(multiple, int) and multiple >= 1 and low % multiple == high % multiple == 0):
            raise ParameterError(
                f"Count: low={low!r} and high={high!r} must be whole multiples of multiple={multiple!r}."
            )
        self.low, self.high, self.at_least, self.at_most, self.multiple = low, high, at_least, at_most, multiple
        self.scale = scale

    def validate(self, value: Any, owner: str, sample_rate: float | None = None) -> int:
        """Return `value` as an `int`.

        Raises:
            ParameterError: The value is not an integer (`4.0` is a float), is outside the valid range, or is not a
                multiple of `multiple`.
        """
        try:
            if isinstance(value, bool):
                raise TypeError
            number = index(value)
        except TypeError:
            raise ParameterError(f"{self._full_name(owner)} is {value!r}; it must be {self.allowed()}.") from None
        within = self.at_least <= number and (self.at_most is None or number <= self.at_most)
        if not within or number % self.multiple:
            raise ParameterError(f"{self._full_name(owner)} is {number}; it must be {self.allowed()}.")
        return number

    def allowed(self, sample_rate: float | None = None) -> str:
        """Return the valid range as text: `"a whole number of at least 1 and at most 24"`."""
        unit = f" {self.unit}" if self.unit else ""
        maximum = "" if self.at_most is None else f" and at most {self.at_most}"
        number = "a whole number" if self.multiple == 1 else f"a whole multiple of {self.multiple}"
        return f"{number} of at least {self.at_least}{maximum}{unit}"
