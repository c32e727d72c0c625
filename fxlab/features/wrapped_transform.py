"""`wrap_class`: a class of transforms, such as one of torchaudio's, as a module with sliders for its arguments."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from fxlab.errors import ParameterError
from fxlab.features.axis import Axis
from fxlab.features.common import parameters
from fxlab.features.common.feature_module import Description, FeatureModule
from fxlab.module import Choice, Module, Param
from fxlab.module.parameters.constructor import INSTANCE_ATTRIBUTES
from fxlab.module.parameters.parameter_declaration import ParameterDeclaration
from fxlab.module.slider_inference import parameter_from_argument

PROBE_RATE = 16_000
"""Sample rate in Hz and length in samples of the sound with which `wrap_class` determines the shape of the output."""
WINDOWS: dict[str, Callable[..., Tensor]] = {
    "hann": torch.hann_window,
    "hamming": torch.hamming_window,
    "blackman": torch.blackman_window,
    "bartlett": torch.bartlett_window,
    "boxcar": torch.ones,
}
KNOWN: dict[str, Callable[[], ParameterDeclaration]] = {
    "n_fft": parameters.fft_length,
    "win_length": parameters.window_length,
    "hop_length": parameters.hop,
    "pad": parameters.zeros,
    "f_min": parameters.lower_frequency,
    "f_max": parameters.upper_frequency,
    "pad_mode": parameters.pad_mode,
    "mel_scale": parameters.mel_scale,
    "window_fn": lambda: Choice("hann", tuple(WINDOWS), doc="Window of each frame."),
}
"""The declarations of arguments that torchaudio's transforms share, whose sliders do not follow from the defaults."""


class WrappedTransform(Module):
    """The base class of modules that build a transform from the values of their parameters; see `wrap_class`."""

    _is_describable = False
    _kind: type[nn.Module]
    _fixed: dict[str, Any]
    _given: dict[str, Any]
    _takes_sample_rate: bool
    _built: tuple[Any, nn.Module] | None = None

    def transform(self, sample_rate: float) -> nn.Module:
        """Return the transform with the current values.

        It is built again only when a value has changed, or the sample rate, if the transform takes that as an argument.
        """
        values: dict[str, Any] = {}
        for name, declaration in self.declarations.items():
            value: Any = getattr(self, name)
            value = float(value) if isinstance(declaration, Param) else value
            value = None if declaration.zero_is_automatic and value == 0 else value
            values[name] = WINDOWS[value] if name == "window_fn" else value
        if self._takes_sample_rate:
            values["sample_rate"] = int(sample_rate) if sample_rate == int(sample_rate) else sample_rate
        if self._built is None or self._built[0] != values:
            self.__dict__["_built"] = values, self._kind(**self._fixed, **values)
        assert self._built is not None
        return self._built[1]

    def forward(self, x: Tensor, sample_rate: float) -> Tensor:
        """Return the result of the wrapped transform for `x`."""
        result: Tensor = self.transform(sample_rate).to(device=x.device, dtype=x.dtype)(x)
        return result

    def __reduce__(self) -> tuple[Any, ...]:
        # The class is made by `wrap_class`, and pickle cannot find it by its name.
        state = {key: value for key, value in self.__dict__.items() if key != "_built"}
        return wrap_class, (self._kind, self._given), state


class WrappedFeature(WrappedTransform, FeatureModule):
    """The base class of modules for a transform whose output is not a sound; see `wrap_class`."""

    _last: tuple[int, int, int] = 1, 1, 1
    """The numbers of rows and frames of the last output, and the number of samples of its input."""

    def forward(self, x: Tensor, sample_rate: float) -> Tensor:
        """Return the result of the transform, and record its shape for `describe` and `hop`.

        Integers and booleans are converted to the dtype of `x`.
        """
        y = super().forward(x, sample_rate)
        y = y if y.is_floating_point() or y.is_complex() else y.to(x.dtype)
        self.__dict__["_last"] = y.shape[-2] if self.has_rows else 1, y.shape[-1], x.shape[-1]
        return y

    def describe(self, sample_rate: float) -> Description:
        """Return the description of the output of the last call.

        The rows have frequencies if there are `n_fft // 2 + 1`, the bins of the FFT of a real signal; otherwise they
        are numbered.
        """
        rows, n_fft = self._last[0], getattr(self, "n_fft", self._fixed.get("n_fft"))
        name, axis = type(self).__name__, Axis("Row", "", torch.arange(rows, dtype=torch.float64))
        if n_fft is not None and rows == n_fft // 2 + 1:
            axis = Axis("Frequency", "Hz", torch.arange(rows, dtype=torch.float64) * (sample_rate / n_fft))
        power = getattr(self, "power", self._fixed.get("power", 0))
        # Without a power, the spectra are complex.
        kind = "magnitude" if power in (1, None) else "power" if power == 2 else "linear"
        quantity = {"power": "Power", "magnitude": "Magnitude"}.get(kind, "Value")
        return Description(name, quantity, "", axis, kind)

    def frame_times(self, frames: int, sample_rate: float) -> Tensor:
        """Return the times of the frames in seconds, `(frames,)`, as if the first were centered on the first sample."""
        return torch.arange(frames, dtype=torch.float64) * (self.hop() / sample_rate)

    def hop(self) -> int:
        """Return the distance between frames in samples: that of the transform, or an estimate from the last call.

        The estimate for an output without frames is the length of the sound.
        """
        _, frames, samples = self._last
        known = getattr(self._built[1], "hop_length", None) if self._built else None
        return int(known or max(1, round(samples / max(1, frames))))


def wrap_class(kind: type[nn.Module], given: dict[str, Any]) -> Module:
    """Return a module that applies transforms of the class `kind`.

    `given` has declarations of parameters, or fixed values, for arguments of the class. Another argument becomes a
    parameter if it is in `KNOWN` or its default is a number or a switch, unless modules have an attribute of its name;
    otherwise it keeps its default. `sample_rate` is that of the sound. Gradients reach the input, but not the
    parameters.

    Raises:
        ParameterError: The class has no arguments, an argument is unknown or has neither a value nor a default, a
            default is not allowed by the declaration in `KNOWN`, a declaration has the name of an attribute of modules,
            or the transform does not process sounds.

    >>> import torchaudio
    >>> wrap_class(torchaudio.transforms.SpectralCentroid, {"n_fft": 512})
    SpectralCentroid()
    """
    parameters_of_init = list(inspect.signature(kind.__init__).parameters.items())[1:]
    open_ended = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    accepted = {name: argument for name, argument in parameters_of_init if argument.kind not in open_ended}
    if not accepted:
        raise ParameterError(f"{kind.__name__} is a class; a stage is an instance of it: {kind.__name__}(…).")
    for name in given:
        if name not in accepted:
            raise ParameterError(f"wrap: {kind.__name__} takes no argument {name!r}; it takes {', '.join(accepted)}.")
    declared: dict[str, ParameterDeclaration] = {}
    fixed: dict[str, Any] = {}
    for name, argument in accepted.items():
        if name in given:
            is_declared = isinstance(given[name], ParameterDeclaration)
            (declared if is_declared else fixed)[name] = copy.copy(given[name]) if is_declared else given[name]
        elif name != "sample_rate":
            declaration = declaration_of(kind, name, argument)
            declared |= {} if declaration is None else {name: declaration}
    attributes = {
        "__doc__": inspect.getdoc(kind) or "",
        "_kind": kind,
        "_fixed": fixed,
        "_given": given,
        "_takes_sample_rate": "sample_rate" in accepted and "sample_rate" not in fixed,
    }
    probe: WrappedTransform = type(kind.__name__, (WrappedTransform,), {**declared, **attributes})()
    rows = rows_of_output(probe)
    if rows is None:
        return probe
    again = {name: copy.copy(declaration) for name, declaration in declared.items()}
    module: WrappedFeature = type(kind.__name__, (WrappedFeature,), {**again, **attributes, "has_rows": rows})()
    return module


def declaration_of(kind: type[nn.Module], name: str, argument: inspect.Parameter) -> ParameterDeclaration | None:
    """Return the declaration of the parameter for the argument `name` of `kind`, or None if it keeps its default.

    Raises:
        ParameterError: The argument has no default, or one that its declaration in `KNOWN` does not allow.
    """
    if argument.default is argument.empty:
        raise ParameterError(
            f"wrap: {kind.__name__} needs a value for {name!r}: fx.wrap({kind.__name__}, {name}=…), with a number, or "
            "with a declaration such as fx.Param or fx.Count for a slider."
        )
    if hasattr(WrappedFeature, name) or name in INSTANCE_ATTRIBUTES:  # the name of an attribute of the module
        return None
    if name in KNOWN:
        return known_declaration(kind, name, argument.default)
    try:
        return parameter_from_argument(name, argument)
    except ParameterError:  # neither a number nor a switch
        return None


def known_declaration(kind: type[nn.Module], name: str, default: Any) -> ParameterDeclaration:
    """Return the declaration in `KNOWN` of the argument `name` of `kind`, with its `default`.

    For a default that is None or callable, the default of the declaration is kept.

    Raises:
        ParameterError: The declaration does not allow the default.
    """
    declaration = KNOWN[name]()
    declaration.name = declaration.keyword = name  # for an error; no class has set them yet
    if default is None or callable(default):
        return declaration
    try:
        value = declaration.validate(default, kind.__name__)
    except ParameterError as error:
        raise ParameterError(
            f"wrap: the default of {error} Give another value, or a declaration of your own: "
            f"fx.wrap({kind.__name__}, {name}=…)."
        ) from None
    declaration.default = float(value) if isinstance(declaration, Param) else value
    return declaration


def rows_of_output(probe: WrappedTransform) -> bool | None:
    """Return whether the output of the transform of `probe` has an axis of rows before the frames; None for a sound.

    An output `(channels, time)` is considered a sound if it is real, floating-point and has more than an eighth of the
    samples of the input.

    Raises:
        ParameterError: The transform does not process sounds.
    """
    name = type(probe).__name__
    sound = torch.randn(1, PROBE_RATE, generator=torch.Generator().manual_seed(0))
    try:
        with torch.no_grad():
            y = probe.transform(PROBE_RATE)(sound)
    except Exception as error:
        raise ParameterError(f"wrap: {name} cannot process a sound of shape (1, {PROBE_RATE}): {error}") from error
    if not isinstance(y, Tensor) or y.ndim not in (2, 3):
        found = f"shape {tuple(y.shape)}" if isinstance(y, Tensor) else type(y).__name__
        raise ParameterError(
            f"wrap: {name} returns {found} for a sound of one channel; it must return (channels, time), (channels, "
            "frames) or (channels, rows, frames)."
        )
    if y.ndim == 3:
        return True
    return None if y.is_floating_point() and y.shape[-1] > PROBE_RATE // 8 else False
