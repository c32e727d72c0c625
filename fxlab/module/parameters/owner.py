"""`ParameterOwner`: a PyTorch module whose declared parameters are checked, stored and saved."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from difflib import get_close_matches
from typing import Any, ClassVar, Self, cast

from torch import Tensor, nn

from fxlab.errors import ParameterError
from fxlab.module.checks import validate_rate
from fxlab.module.parameters.array import ArrayParam
from fxlab.module.parameters.constructor import check_declarations, constructor_signature, unknown_parameter_message
from fxlab.module.parameters.continuous import Continuous
from fxlab.module.parameters.design_cache import check_once
from fxlab.module.parameters.design_inputs import DesignInputs
from fxlab.module.parameters.kept_dtypes import keep_complex, restore_dtypes, values_before
from fxlab.module.parameters.learnable import freeze, learn
from fxlab.module.parameters.moving_value import MovingValue
from fxlab.module.parameters.observers import mark_change, notify_changed
from fxlab.module.parameters.parameter_declaration import ParameterDeclaration, python_literal


class ParameterOwner(nn.Module):
    """The base class of `Module` and `Control`, which constructs, checks, stores and saves the declared parameters."""

    declarations: ClassVar[dict[str, ParameterDeclaration]] = {}
    """The declared parameters by name."""
    continuous: ClassVar[dict[str, Continuous]] = {}
    """The declared parameters that are tensors, by name."""
    fixed_parameters: ClassVar[dict[str, str]] = {}
    """The names of continuous parameters whose values cannot be controls, each with the reason in a sentence."""
    rounded_parameters: ClassVar[dict[str, str]] = {}
    """The names of continuous parameters without gradient because a result is rounded, each with the reason."""
    refuses_moving_parts: ClassVar[str] = ""
    """The reason, in a sentence, why parameters of the parts must not be controls; empty if they may be."""
    ranks: ClassVar[dict[str, int]] = {}
    """The number of own dimensions of each declared array, without its batch dimensions."""
    not_design_inputs: ClassVar[frozenset[str]] = frozenset()
    """The names of attributes on which neither the design nor the check of the module depends."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        found: dict[str, ParameterDeclaration] = {}
        for base in reversed(cls.__mro__):
            for name, value in vars(base).items():
                found.pop(name, None)  # a redeclared parameter moves to its position in the subclass
                if isinstance(value, ParameterDeclaration):
                    found[name] = value
        check_declarations(cls)
        cls.declarations = found
        cls.continuous = {name: d for name, d in found.items() if isinstance(d, Continuous)}
        cls.ranks = {name: len(d.shape) for name, d in found.items() if isinstance(d, ArrayParam)}
        cls.__signature__ = constructor_signature(cls)  # type: ignore[attr-defined]

    def __init__(self, *args: Any, sample_rate: float | None = None, **kwargs: Any) -> None:
        super().__init__()
        self.__dict__["_discrete"] = {}
        self.sample_rate = None if sample_rate is None else validate_rate(sample_rate, type(self).__name__)
        names = [declaration.keyword for declaration in self.declarations.values()]
        if len(args) > len(names):
            raise ParameterError(
                f"{type(self).__name__} takes {len(names)} values ({', '.join(names) or 'none'}), not {len(args)}."
            )
        given = dict(zip(names, args, strict=False))
        for name, value in kwargs.items():
            if name in given:
                raise ParameterError(f"{type(self).__name__}: {name} is given twice, by position and by name.")
            if name not in names:
                raise ParameterError(unknown_parameter_message(self, name))
            given[name] = value
        for declaration in self.declarations.values():
            declaration.store(self, given.get(declaration.keyword, declaration.default))
        if self.sample_rate is not None:
            self.check(self.sample_rate)

    def __setattr__(self, name: str, value: Any) -> None:
        declaration = self.declarations.get(name)
        if declaration is not None:
            declaration.store(self, value)
            return
        if not (name == "sample_rate" or name.startswith("_") or hasattr(self, name)) and self.declarations:
            near = get_close_matches(name, self.declarations, n=1, cutoff=0.8)
            if near and not isinstance(value, (nn.Module, Tensor)):
                raise ParameterError(unknown_parameter_message(self, name))
        super().__setattr__(name, value)
        if name == "sample_rate":
            notify_changed(self)
        else:
            mark_change()

    def controls(self) -> dict[str, MovingValue]:
        """Return the controls that are values of this module's own parameters, by the name of the parameter."""
        if not self._modules:
            return {}
        found: dict[str, MovingValue] = {}
        for name in self.declarations:
            control: object = self._modules.get(name)
            if isinstance(control, MovingValue):
                found[name] = control
        return found

    def accept_control(self, name: str, control: MovingValue) -> None:
        """Raise a `ParameterError` if the parameter `name` cannot move.

        A subclass may also warn about a control that is unsuitable for the parameter.
        """
        reason = self.fixed_parameters.get(name)
        if reason is not None:
            self.declarations[name].refuse_control(type(self).__name__, control, reason)

    def walk(self) -> Iterator[tuple[str, Any, ParameterDeclaration]]:
        """Yield every parameter of the module and its parts as `(path, owner, declaration)`: `("0.cutoff", …)`."""
        for prefix, module in self.named_modules():
            if isinstance(module, ParameterOwner):
                for name, declaration in module.declarations.items():
                    yield (f"{prefix}.{name}" if prefix else name), module, declaration

    def in_use(self) -> dict[str, ParameterDeclaration]:
        """Return this module's own parameters that have an effect with its current values, by name."""
        return {name: d for name, d in self.declarations.items() if d.applies(self)}

    def learn(self, *names: str) -> Self:
        """Make parameters learnable, as `nn.Parameter`s; without names, all that can be learned.

        Returns the module.

        Args:
            names: Paths such as `"cutoff"` or, in a chain, `"0.cutoff"`; `*` matches any characters, as in `"1.*"`.

        Raises:
            ParameterError: A name matches no parameter that can be learned.

        >>> from fxlab.filters import Peak
        >>> eq = Peak(1000.0, gain_db=3.0).learn("gain_db")
        >>> [name for name, _ in eq.named_parameters()]
        ['gain_db']
        """
        learn(self, names)
        return self

    def freeze(self, *names: str) -> Self:
        """Convert learnable parameters to values that an optimizer does not change; without names, all of them.

        Returns the module.

        Args:
            names: Paths as for `learn`.

        Raises:
            ParameterError: A name matches no parameter that can be learned.

        >>> from fxlab.filters import Peak
        >>> eq = Peak(1000.0, gain_db=3.0).learn().freeze("q", "gain_db")
        >>> [name for name, _ in eq.named_parameters()]
        ['frequency']
        """
        freeze(self, names)
        return self

    def values(self) -> dict[str, Tensor]:
        """Return the tensors of this module's own continuous parameters by name.

        For a parameter that moves, the tensor is the value of the control at time 0.
        """
        return {name: d.stored(self) for name, d in self.continuous.items()}

    def encode_values(self) -> dict[str, Any]:
        """Return the values of this module's own parameters by keyword, as a JSON-compatible dictionary.

        Raises:
            ParameterError: A value cannot be described: a tensor on the meta device, or a `Follower` of a `Signal`.
        """
        return {d.keyword: d.encode(getattr(self, name)) for name, d in self.declarations.items()}

    @classmethod
    def decode_values(cls, encoded: dict[str, Any], owner: str) -> dict[str, Any]:
        """Return the values that `encode_values` encoded, by keyword; values of unknown keywords are unchanged."""
        declared = {declaration.keyword: declaration for declaration in cls.declarations.values()}
        return {
            name: declared[name].decode(value, owner) if name in declared else value for name, value in encoded.items()
        }

    def check(self, sample_rate: float) -> None:
        """Raise an error if a value is invalid at this sample rate in Hz.

        Raises:
            ParameterError: A value is invalid.
            SignalError: A control follows a signal with a different sample rate.
        """
        self._checked_inputs(sample_rate)

    def _checked_inputs(self, sample_rate: float) -> DesignInputs | None:
        """Check the values and return their record, or None if there is none; see `check_once`.

        `check` lists the errors.
        """
        if type(self)._check is ParameterOwner._check and (self._modules or not self.declarations):
            # A record would include the parts, and comparing all of them would take longer than this check.
            return check_once(self, sample_rate, self._check, record=False) if self.declarations else None
        return check_once(self, sample_rate, self._check)

    def _check(self, sample_rate: float) -> None:
        """Check the values; `check` calls this method unless the same values are known to be valid.

        Raises:
            ParameterError: A value is invalid at this sample rate, or a part has a control although parts cannot move.
            SignalError: A control follows a signal with a different sample rate.
        """
        for name, declaration in self.in_use().items():
            control: object = self._modules.get(name)
            if isinstance(control, MovingValue):
                declaration.check_control(control, type(self).__name__, sample_rate)  # type: ignore[attr-defined]
            elif isinstance(declaration, Continuous):
                declaration.check(declaration.stored(self), type(self).__name__, sample_rate)
            else:
                declaration.validate(getattr(self, name), type(self).__name__, sample_rate)
        if self.refuses_moving_parts:
            self._refuse_moving_parts()

    def _refuse_moving_parts(self) -> None:
        for path, part in self.named_modules():
            for name, control in part.controls().items() if isinstance(part, ParameterOwner) else ():
                raise ParameterError(
                    f"{type(self).__name__}: {path}.{name} is {control!r}, but its parts cannot move: "
                    f"{self.refuses_moving_parts} Give it a number."
                )

    def _arguments(self) -> list[str]:
        """Return the constructor's arguments as Python source; arguments with their default value are omitted."""
        given = []
        for name, declaration in self.declarations.items():
            text = declaration.source(getattr(self, name))
            if text != declaration.source(declaration.default):
                given.append(f"{declaration.keyword}={text}")
        if self.sample_rate is not None:
            given.append(f"sample_rate={python_literal(self.sample_rate)}")
        return given

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        for name, value in self.values().items():
            if not value.is_leaf:
                keyword = self.declarations[name].keyword
                raise ParameterError(
                    f"{type(self).__name__}: {keyword} is computed from other tensors, with gradients, so the module "
                    f"cannot be copied. Copy it before {keyword} is set, or set {keyword} to its value.detach()."
                )
        make, arguments, state = cast("tuple[Any, ...]", self.__reduce_ex__(4))[:3]
        made: Self = make(*copy.deepcopy(arguments, memo))
        memo[id(self)] = made
        made.__setstate__(copy.deepcopy(state, memo))  # type: ignore[no-untyped-call]
        return made

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> Self:
        # `.half()` and `.to(torch.bfloat16)` are meant for audio and weights: a cutoff changes its device and keeps
        # its dtype.
        previous = values_before(self)
        super()._apply(keep_complex(self, fn), recurse)  # type: ignore[no-untyped-call]
        restore_dtypes(self, previous)
        return self

    def _load_from_state_dict(  # noqa: PLR0917
        self,
        state_dict: dict[str, Any],
        prefix: str,
        local_metadata: dict[str, Any],
        strict: bool,
        missing_keys: list[str],
        unexpected_keys: list[str],
        error_msgs: list[str],
    ) -> None:
        # The state has the value at time 0 of a parameter that moves. To assign that value removes the control.
        controls = cast("dict[str, nn.Module]", self.controls())
        # A value may have batch dimensions only in the state or only in the module: it takes the shape in the state.
        for name, declaration in self.continuous.items():
            value = Continuous.stored(declaration, self)  # what the state holds, also of a control
            loaded = state_dict.get(prefix + name)
            if isinstance(loaded, Tensor) and loaded.shape != value.shape:
                resized = loaded.detach().clone().to(value.device)
                setattr(self, name, nn.Parameter(resized) if isinstance(value, nn.Parameter) else resized)
        unexpected: list[str] = []
        super()._load_from_state_dict(state_dict, prefix, local_metadata, strict, missing_keys, unexpected, error_msgs)
        self._modules.update(controls)
        unexpected_keys += [key for key in unexpected if key[len(prefix) :].split(".")[0] not in controls]
        notify_changed(self)
