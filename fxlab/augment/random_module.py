"""`random` and `RandomModule`: augmentations that draw the parameters of another module."""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from torch import Tensor

from fxlab.augment.augmentation import Augmentation
from fxlab.augment.drawing.draw import Drawn
from fxlab.augment.drawing.range import Options, Range
from fxlab.augment.drawing.replayable import declared_parameters
from fxlab.errors import ParameterError
from fxlab.module import Choice, Count, Module, Param, Switch
from fxlab.module.parameters.constructor import unknown_parameter_message
from fxlab.module.parameters.continuous import Continuous
from fxlab.module.parameters.moving_value import MovingValue
from fxlab.module.serialization import Build, named_entries


class RandomModule(Augmentation):
    """An augmentation that draws parameters of another module; see `random`.

    A subclass sets `processor` to the class of the module and `fixed` to the values of its fixed parameters by name,
    and declares a `Range` or `Options` under the name of each drawn parameter. `random` makes subclasses whose
    `processor` is None, and sets the attribute `module` of their instances.
    """

    processor: ClassVar[type[Module] | None] = None
    fixed: ClassVar[dict[str, Any]] = {}

    module: Module
    _drawn_names: ClassVar[tuple[str, ...]] = ()
    """The argument `names` with which `_random_class` made the class."""

    def __init__(self, *args: Any, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(*args, seed=seed, **kwargs)
        if self.processor is not None:
            self.module = self.make_module()

    def make_module(self) -> Module:
        """Return a new module of the class `processor` with the `fixed` parameters."""
        assert self.processor is not None
        return self.processor(**self.fixed)

    def augment(self, x: Tensor, sample_rate: float, drawn: Drawn) -> Tensor:
        """Return the output of the module for `x` `(rows, channels, time)`, each row with its drawn values.

        All rows are processed in one call of the module, or in one call for each combination of drawn options and
        counts, which cannot differ between the rows of a call.
        """
        discrete = [n for n in drawn if n in self.ranges and _is_structure(self.ranges[n])]
        picks = torch.stack([drawn.row_values(n).expand(len(x)).double() for n in discrete]) if discrete else None
        if picks is None or bool((picks == picks[:, :1]).all()):
            first = {} if picks is None else {n: self._option(n, picks[i, 0]) for i, n in enumerate(discrete)}
            return self.run_module(self._with_values(drawn, first, None), x, sample_rate)
        outputs: list[Tensor] = []
        combinations, group = torch.unique(picks, dim=1, return_inverse=True)
        order = [(group == number).nonzero().squeeze(-1) for number in range(combinations.shape[1])]
        for number, rows in enumerate(order):
            chosen = {n: self._option(n, combinations[i, number]) for i, n in enumerate(discrete)}
            part = x.index_select(0, rows.to(x.device))
            outputs.append(self.run_module(self._with_values(drawn, chosen, rows), part, sample_rate))
        joined = torch.cat(outputs)
        return joined.index_select(0, torch.cat(order).argsort().to(x.device))

    def run_module(self, module: Module, x: Tensor, sample_rate: float) -> Tensor:
        """Return the output of `module`, which has the drawn values, for `x` `(rows, channels, time)`."""
        return module(x, sample_rate)

    def augmented_rate(self, sample_rate: float, drawn: Drawn) -> float:
        """Return the sample rate in Hz of the module's output, with the options and counts of the first row."""
        first = {
            n: self._option(n, drawn.row_values(n).reshape(-1)[0]) for n, d in self.ranges.items() if _is_structure(d)
        }
        module = copy_with(self.module, first) if first else self.module
        return module.output_rate(sample_rate)

    def _with_values(self, drawn: Drawn, chosen: dict[str, Any], rows: Tensor | None) -> Module:
        names = [n for n, d in self.ranges.items() if not _is_structure(d)]
        values = {n: drawn.row_values(n) for n in names}
        if rows is not None:
            values = {n: v[rows] if v.ndim else v for n, v in values.items()}
        return copy_with(self.module, values | chosen)

    def _option(self, name: str, number: Tensor) -> Any:
        declaration = self.ranges[name]
        return int(number) if isinstance(declaration, Range) else getattr(self, name)[int(number)]

    @classmethod
    def _rebuild(cls, description: dict[str, Any], build: Build) -> Module:
        if cls.processor is not None:
            return super()._rebuild(description, build)
        params = named_entries(description, "params")
        if "module" not in description:
            raise ParameterError(f"from_dict: {description['type']} is described without its 'module'.")
        module = build(description["module"])
        options = description.get("options", [])
        if not isinstance(options, list) or not all(name in params for name in options):
            raise ParameterError(
                f"from_dict: 'options' of {description['type']} is {options!r}; it must be a list of names in 'params'."
            )
        names = (name for name in params if name in module.declarations)
        kind = _random_class(type(module), tuple(f"{name}:options" if name in options else name for name in names))
        made = kind(**declared_parameters(kind, description))
        made.module = module
        if "random" in description:
            made.set_extra_state(description["random"])
        return made

    def _describe(self) -> dict[str, Any]:
        description = super()._describe()
        if self.processor is None:
            description["type"] = "augment.RandomModule"
            description["module"] = description.pop("parts")["module"]
            options = [name.partition(":")[0] for name in self._drawn_names if name.endswith(":options")]
            if options:  # names of counts, of which a pair of numbers is a range otherwise
                description["options"] = options
        return description

    def __repr__(self) -> str:
        if self.processor is not None:
            return super().__repr__()
        fixed = self.module._arguments()
        module = f"{type(self.module).__name__}({', '.join(fixed)})" if fixed else type(self.module).__name__
        return f"augment.random({', '.join([module, *self._arguments()])})"

    def __reduce__(self) -> Any:
        if self.processor is not None:
            return super().__reduce__()
        return _make_empty, (type(self.module), self._drawn_names), self.__dict__

    def _name(self) -> str:
        return super()._name() if self.processor is not None else f"random({type(self.module).__name__})"


def random(
    kind: type[Module] | Module,
    /,
    *,
    p: float = 0.5,
    mode: str = "per_example",
    p_mode: str | None = None,
    seed: int | None = None,
    sample_rate: float | None = None,
    **ranges: Any,
) -> RandomModule:
    """Return an augmentation that draws parameters of a filter or effect from ranges.

    A pair `(low, high)` is a range, from which a number is drawn uniformly on the parameter's scale: for a cutoff,
    every octave is equally likely. A list contains the options of a parameter that is a name, a switch or a count. A
    single value is fixed. All rows of a batch are processed in one call of the module; drawn options and counts need
    one call for each combination.

    Args:
        kind: The class of the module, or a module whose other parameters keep their values.
        p: The probability that the augmentation is applied.
        mode: The group that shares the drawn values: `"per_batch"`, `"per_example"` or `"per_channel"`.
        p_mode: The group that shares the decision whether to apply the augmentation; None stands for that of `mode`.
        seed: A whole number of at least 0; None for one from the operating system.
        sample_rate: The sample rate in Hz for calls that do not give one.
        ranges: The ranges, options and fixed values, by the names of the module's parameters.

    Raises:
        ParameterError: `kind` is not a filter or effect, a name is unknown, a range or an argument is invalid, no
            parameter has a range or options, or a drawn parameter has the name of an attribute of augmentations, such
            as `module`.

    >>> from fxlab.filters import LowPass
    >>> augment = random(LowPass, cutoff=(200.0, 4000.0), p=1.0, seed=1)
    >>> y = augment(torch.randn(8, 1, 1000), 16_000)
    >>> [round(cutoff) for cutoff in augment.last_draw["values"]["cutoff"]][:3]
    [1047, 2422, 2156]
    """
    module = kind if isinstance(kind, Module) else None
    cls = type(kind) if isinstance(kind, Module) else kind
    if not (isinstance(cls, type) and issubclass(cls, Module)) or issubclass(cls, Augmentation):
        raise ParameterError(f"random takes a filter or an effect, a Module or its class, not {kind!r}.")
    keywords = {d.keyword: name for name, d in cls.declarations.items()}
    drawn: dict[str, Any] = {}
    fixed: dict[str, Any] = {}
    for keyword, value in ranges.items():
        declaration = cls.declarations.get(keywords.get(keyword, ""))
        if declaration is None:
            raise ParameterError(f"random: {unknown_parameter_message(module or cls(), keyword)}")
        if isinstance(value, (tuple, list)) and isinstance(declaration, (Param, Choice, Switch, Count)):
            drawn[keywords[keyword]] = tuple(value) if isinstance(declaration, Param) else value
        else:
            fixed[keyword] = value
    if not drawn:
        raise ParameterError(
            f"random({cls.__name__}) draws nothing; give a range for one of {', '.join(keywords)}, such as "
            f"{next(iter(keywords), 'cutoff')}=(low, high)."
        )
    template = copy_with(module, fixed) if module is not None else cls(**fixed)
    names = tuple(name if not isinstance(drawn[name], list) else f"{name}:options" for name in drawn)
    made = _random_class(cls, names)(**drawn, p=p, mode=mode, p_mode=p_mode, seed=seed, sample_rate=sample_rate)
    made.module = template
    return made


def drawn_parameters(module: Module) -> set[str]:
    """Return the dotted paths, relative to `module`, of the parameters that the `RandomModule`s in it draw.

    The values that these parameters have in `module` are not used.

    >>> from fxlab.filters import LowPass
    >>> drawn_parameters(random(LowPass, cutoff=(200.0, 4000.0)))
    {'module.cutoff'}
    """
    return {
        f"{path}.module.{name}".removeprefix(".")
        for path, part in module.named_modules()
        if isinstance(part, RandomModule)
        for name in part.ranges
    }


def inapplicable_parameters(module: Module) -> set[str]:
    """Return the dotted paths, relative to `module`, of parameters that no draw of a `RandomModule` makes effective.

    Such a parameter has an effect only for certain options of another parameter (`only` of a `Param`), which is drawn
    from options without these.

    >>> from fxlab.filters import Butterworth
    >>> inapplicable_parameters(random(Butterworth, kind=["lowpass", "highpass"]))
    {'module.upper'}
    """
    return {
        f"{path}.module.{name}".removeprefix(".")
        for path, part in module.named_modules()
        if isinstance(part, RandomModule)
        for name, declaration in part.module.declarations.items()
        if declaration.only is not None and isinstance(part.ranges.get(declaration.only[0]), Options)
        if not set(getattr(part, declaration.only[0])) & set(declaration.only[1])
    }


def copy_with(module: Module, values: dict[str, Any]) -> Module:
    """Return a shallow copy of `module` in which the parameters named in `values` have these values.

    A control of such a parameter is removed from the copy.
    """
    made = object.__new__(type(module))
    made.__dict__.update(module.__dict__)
    for name in ("_buffers", "_parameters", "_modules", "_discrete"):
        made.__dict__[name] = dict(module.__dict__[name])
    for name, value in values.items():
        declaration = module.declarations.get(name)
        if isinstance(declaration, Param) and isinstance(module._modules.get(name), MovingValue):
            made._modules.pop(name)
        setattr(made, name, value)
    return made


def _is_structure(declaration: Range | Options) -> bool:
    """Return whether the values of the declared parameter cannot differ between the rows of one call."""
    return isinstance(declaration, Options) or not (declaration.of is None or isinstance(declaration.of, Continuous))


_CLASSES: dict[tuple[type, tuple[str, ...]], type[RandomModule]] = {}


def _random_class(cls: type[Module], names: tuple[str, ...]) -> type[RandomModule]:
    """Return the class of augmentations that draw the parameters `names` of `cls`, the same class for equal arguments.

    A parameter is drawn from a range, or from options if it is a `Choice` or a `Switch` or `:options` follows its name.

    Raises:
        ParameterError: One of `names` is a name that augmentations use: `p`, `mode`, `p_mode` or `module`.
    """
    known = _CLASSES.get((cls, names))
    if known is not None:
        return known
    body: dict[str, Any] = {"__doc__": RandomModule.__doc__, "_is_describable": False, "__module__": __name__}
    body["_drawn_names"] = names
    for entry in names:
        name, _, is_options = entry.partition(":")
        declaration = cls.declarations[name]
        if name in ("p", "mode", "p_mode", "module"):
            raise ParameterError(
                f"random: the parameter {name!r} of {cls.__name__} has the name of one of random itself."
            )
        if isinstance(declaration, (Choice, Switch)) or is_options:
            body[name] = Options((declaration.default,), declaration)  # type: ignore[arg-type]
        else:
            default = declaration.default
            body[name] = Range((default, default), declaration)
    made: type[RandomModule] = type(f"random({cls.__name__})", (RandomModule,), body)
    return _CLASSES.setdefault((cls, names), made)


def _make_empty(cls: type[Module], names: tuple[str, ...]) -> RandomModule:
    kind = _random_class(cls, names)
    return kind.__new__(kind)
