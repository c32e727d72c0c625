"""`StateShapeError`: the error for a state whose shape does not fit the other arguments of a recursion."""

from __future__ import annotations

from fxlab.errors import EngineError


class StateShapeError(EngineError):
    """A state has the shape `found`, but the other arguments need `needed`, or a shape that expands to it."""

    def __init__(self, message: str, found: tuple[int, ...], needed: tuple[int, ...]) -> None:
        super().__init__(message)
        self.found, self.needed = tuple(found), tuple(needed)
