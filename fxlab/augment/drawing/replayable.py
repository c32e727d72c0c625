"""`Replayable`: a module that draws from a seed and records its draw, which can be frozen, replayed and saved."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, Self

from fxlab.augment.drawing.draw import Draw
from fxlab.augment.drawing.random_source import RandomSource
from fxlab.errors import FxlabError, ParameterError
from fxlab.module import Module
from fxlab.module.serialization import Build, check_known, decode_parameters


class Replayable(Module):
    """The base class of modules that draw random numbers from a seed and record the draw of their last call.

    The record can be read (`last_draw`), repeated by this module (`freeze_parameters`) and repeated by an equal module
    (`replay`). The state dictionary and the description in JSON contain the record, the seed and the numbers of calls.

    Args:
        args: The declared parameters by position.
        seed: A whole number of at least 0; None for one from the operating system.
        kwargs: The declared parameters by name, and `sample_rate`.

    Raises:
        ParameterError: A value or the seed is invalid.
    """

    # So that passed checks of ranges are kept.
    not_design_inputs = frozenset({"_source", "_draw", "_is_frozen", "_checked_values"})

    _source: RandomSource
    _draw: Draw | None
    _is_frozen: bool

    def __init__(self, *args: Any, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        source = RandomSource(seed, type(self).__name__)
        self.__dict__.update(_source=source, _draw=None, _is_frozen=False, _checked_values=None)

    @abstractmethod
    def check_draw(self, draw: Draw) -> None:
        """Raise a `ParameterError` if a draw to be replayed does not belong to this module."""

    @property
    def seed(self) -> int:
        """The seed of the random numbers.

        A part of a container uses its own seed only if it was given.
        """
        return self._source.seed

    @property
    def last_draw(self) -> dict[str, Any] | None:
        """The draw of the last call, or the draw to be replayed, as a dictionary that JSON can represent.

        It is None if there is neither.
        """
        return None if self._draw is None else self._draw.to_dict()

    @property
    def is_frozen(self) -> bool:
        """Whether the draw `last_draw` is frozen, so that calls in training mode repeat it."""
        return self._is_frozen

    def freeze_parameters(self) -> Self:
        """Repeat the last draw in all following calls until `unfreeze_parameters`, and return the module.

        If the draw has values for each example or channel, the inputs of these calls must have as many examples or
        channels as the input that it was made for.

        Raises:
            FxlabError: Nothing has been drawn yet.
        """
        if self._draw is None:
            raise FxlabError(f"{self._name()} has not been called yet, so there is no draw to freeze. Call it first.")
        self.__dict__["_is_frozen"] = True
        return self

    def unfreeze_parameters(self) -> Self:
        """Draw new values at every call again, and return the module."""
        self.__dict__["_is_frozen"] = False
        return self

    def replay(self, draw: dict[str, Any]) -> Self:
        """Repeat `draw`, a value of `last_draw`, in all following calls until `unfreeze_parameters`; return the module.

        `draw` may come from an equal module, also in another process.

        Raises:
            ParameterError: `draw` is not a dictionary that `last_draw` returns, or does not fit this module.
        """
        made = Draw.from_dict(draw)
        self.check_draw(made)
        self.__dict__["_draw"] = made
        return self.freeze_parameters()

    def restart(self, seed: int | None = None) -> Self:
        """Restart the sequence of draws, with another seed if one is given, and return the module.

        The sequences of its parts restart too, with their own seeds. A frozen draw stays frozen.

        Raises:
            ParameterError: The seed is not a whole number of at least 0.
        """
        if seed is not None:
            self.__dict__["_source"] = RandomSource(seed, self._name())
        for part in self.modules():
            if isinstance(part, Replayable):
                part._source.restart()
        return self

    def _check_indices(self, draw: Draw, name: str, count: int) -> None:
        """Raise a `ParameterError` if the drawn values `name` exist and are not all indices below `count`."""
        value = draw.values.get(name)
        if (
            value is not None
            and value.numel()
            and (value.is_floating_point() or not bool(((value >= 0) & (value < count)).all()))
        ):
            raise self._wrong_draw(f"{name} is {value.tolist()}, and must be whole numbers from 0 to {count - 1}")

    def _wrong_draw(self, reason: str) -> ParameterError:
        return ParameterError(
            f"{self._name()}: the draw does not belong to this augmentation: {reason}. Pass the dictionary that "
            "last_draw of an equal augmentation returned."
        )

    def get_extra_state(self) -> dict[str, Any]:
        """Return the state beyond the parameters: seed, numbers of calls, the last draw, and whether it is frozen."""
        return {**self._source.state(), "draw": self.last_draw, "frozen": self._is_frozen}

    def set_extra_state(self, state: dict[str, Any]) -> None:
        """Restore the state that `get_extra_state` returned.

        Raises:
            ParameterError: `state` is not what `get_extra_state` returns, or its draw does not fit this module.
        """
        description = state.get("draw") if isinstance(state, dict) else None
        draw = None if description is None else Draw.from_dict(description)
        if draw is not None:
            self.check_draw(draw)
        self._source.load(state)
        self.__dict__.update(_draw=draw, _is_frozen=draw is not None and bool(state.get("frozen", False)))

    def _describe(self) -> dict[str, Any]:
        return {**super()._describe(), "random": self.get_extra_state()}

    @classmethod
    def _rebuild(cls, description: dict[str, Any], build: Build) -> Module:
        made = super()._rebuild({k: v for k, v in description.items() if k != "random"}, build)
        if "random" in description:
            made.set_extra_state(description["random"])
        return made

    def _arguments(self) -> list[str]:
        return [*super()._arguments(), *([f"seed={self.seed}"] if self._source.is_given else [])]


def declared_parameters(cls: type[Replayable], description: dict[str, Any]) -> dict[str, Any]:
    """Return the declared parameters of `cls` and the sample rate from `description`, decoded, by name.

    Raises:
        ParameterError: The parameters are not a dictionary, or one of them is not declared.
    """
    params = decode_parameters(cls, description)
    known = {"sample_rate", *cls.declarations, *(declaration.keyword for declaration in cls.declarations.values())}
    check_known(cls, params, known)
    return params
