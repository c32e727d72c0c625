"""`ParameterOwner`: a torch module whose parameters are declared once, and checked, kept, moved and saved by that."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from difflib import get_close_matches
from typing import Any, ClassVar, Self

import torch
from torch import Tensor, nn

from fxlab.errors import ParameterError
from fxlab.module.checks import positive_rate
from fxlab.module.parameters.array import ArrayParam
from fxlab.module.parameters.constructor import check_class, signature, unknown
from fxlab.module.parameters.continuous import Continuous
from fxlab.module.parameters.design_cache import check_once
from fxlab.module.parameters.observers import changed
from fxlab.module.parameters.parameter import ParameterDeclaration


class ParameterOwner(nn.Module):
    """What `Module` knows about its parameters."""

    declarations: ClassVar[dict[str, ParameterDeclaration]] = {}
    ranks: ClassVar[dict[str, int]] = {}
    """How many dimensions of its own each declared array has."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        found: dict[str, ParameterDeclaration] = {}
        for base in reversed(cls.__mro__):
            for name, value in vars(base).items():
                found.pop(name, None)  # a parameter declared anew stands where the subclass puts it
                if isinstance(value, ParameterDeclaration):
                    found[name] = value
        check_class(cls)
        cls.declarations = found
        cls.ranks = {name: len(d.shape) for name, d in found.items() if isinstance(d, ArrayParam)}
        cls.__signature__ = signature(cls)  # type: ignore[attr-defined]

    def __init__(self, *args: Any, sample_rate: float | None = None, **kwargs: Any) -> None:
        super().__init__()
        self.__dict__["_discrete"] = {}
        self.sample_rate = None if sample_rate is None else positive_rate(sample_rate, type(self).__name__)
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
                raise ParameterError(unknown(self, name))
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
        if not name.startswith("_") and not hasattr(self, name) and self.declarations:
            near = get_close_matches(name, self.declarations, n=1, cutoff=0.8)
            if near and not isinstance(value, (nn.Module, Tensor)):
                raise ParameterError(unknown(self, name))
        super().__setattr__(name, value)
        if name == "sample_rate":
            changed(self)

    def walk(self) -> Iterator[tuple[str, Any, ParameterDeclaration]]:
        """Every parameter in it and in what it is made of: `(path, owner, declaration)`, as `("0.cutoff", …)`."""
        for prefix, module in self.named_modules():
            if isinstance(module, ParameterOwner):
                for name, declaration in module.declarations.items():
                    yield (f"{prefix}.{name}" if prefix else name), module, declaration

    def in_use(self) -> dict[str, ParameterDeclaration]:
        """The parameters of this module itself that mean something as it is."""
        return {name: d for name, d in self.declarations.items() if d.applies(self)}

    def values(self) -> dict[str, Tensor]:
        """The continuous parameters of this module itself, as the tensors that `state_dict` holds."""
        return {name: d.stored(self) for name, d in self.declarations.items() if isinstance(d, Continuous)}

    def check(self, sample_rate: float) -> None:
        """Raise a `ParameterError` where a value is not valid, or not at this sample rate."""
        check_once(self, sample_rate, lambda: self._check(sample_rate))

    def _check(self, sample_rate: float) -> None:
        for name, declaration in self.in_use().items():
            if isinstance(declaration, Continuous):
                declaration.check(declaration.stored(self), type(self).__name__, sample_rate)
            else:
                declaration.validate(getattr(self, name), type(self).__name__, sample_rate)

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> Self:
        # `.half()` and `.to(torch.bfloat16)` are about sound and weights: a cutoff keeps its digits, and only moves.
        # A learned one is changed in place, so its old digits are held by another tensor.
        kept = {n: v.data if isinstance(v, nn.Parameter) else v for n, v in self.values().items()}
        complex_ = {id(value) for value in self.values().values() if value.is_complex()}

        def moved(value: Tensor) -> Tensor:
            # A change to a real type would take the imaginary part away.
            if id(value) in complex_:
                return value.to(fn(torch.empty(0, device=value.device)).device)
            return fn(value)

        super()._apply(moved if complex_ else fn, recurse)  # type: ignore[no-untyped-call]
        for name, before in kept.items():
            after = self.values()[name]
            if after.dtype != before.dtype and after.device.type != "mps":
                if isinstance(after, nn.Parameter):
                    after.data = before.to(after.device)
                else:
                    self._buffers[name] = before.to(after.device)
        return self

    def _load_from_state_dict(self, state_dict: dict[str, Any], prefix: str, *args: Any, **kwargs: Any) -> None:
        # A value that varies over a batch, or no longer does, is still the same parameter.
        for name, value in self.values().items():
            loaded = state_dict.get(prefix + name)
            if isinstance(loaded, Tensor) and loaded.shape != value.shape:
                room = loaded.detach().clone().to(value.device)
                setattr(self, name, nn.Parameter(room) if isinstance(value, nn.Parameter) else room)
        super()._load_from_state_dict(state_dict, prefix, *args, **kwargs)
        changed(self)
