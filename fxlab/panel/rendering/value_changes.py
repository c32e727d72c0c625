"""`set_values`: sets several values of a module, in an order in which each is valid."""

from __future__ import annotations

from typing import Any, NamedTuple

from fxlab.errors import FxlabError
from fxlab.panel.controls.control_binding import ControlBinding
from fxlab.panel.rendering.render_error import RenderError


class ValueChange(NamedTuple):
    """The change of the value of one control."""

    path: str
    """The path of the parameter."""
    binding: ControlBinding
    previous: Any
    """The value before the change."""
    value: Any
    """The new value."""


def set_values(changes: list[ValueChange], sample_rate: float) -> None:
    """Make all `changes`, or none if a value is not valid at the sample rate `sample_rate`, in Hz.

    The order is that of the list, except that a value that is rejected is tried again after the others: the lower end
    of a range may only be valid once the upper end has been raised.

    Raises:
        RenderError: A value is not valid, even after the others have been set.
    """
    done: list[ValueChange] = []
    pending = changes
    while pending:
        refused: list[tuple[ValueChange, FxlabError]] = []
        for change in pending:
            try:
                change.binding.set(change.value)
                change.binding.check(sample_rate)
                done.append(change)
            except FxlabError as error:
                change.binding.set(change.previous)
                refused.append((change, error))
        if len(refused) == len(pending):
            for change in reversed(done):
                change.binding.set(change.previous)
            first, reason = refused[0]
            raise RenderError(str(reason), first.path) from reason
        pending = [change for change, _ in refused]
