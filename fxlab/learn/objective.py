"""`Objective` and its subclasses: the functions of the parameter values that `fit` minimizes."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias, cast

import torch
from torch import Tensor, nn
from torch.func import functional_call

from fxlab.errors import ParameterError, SignalError
from fxlab.learn.losses.loss import Loss, as_tensors
from fxlab.learn.losses.waveform import ESR
from fxlab.learn.losses.waveform_and_spectrum import WaveformAndSpectrum
from fxlab.module import Module, has_response
from fxlab.signal import Signal

Target: TypeAlias = Signal | Tensor | tuple[Any, Any] | Callable[[Tensor], Tensor]
LossFunction: TypeAlias = Callable[[Tensor, Tensor], Tensor]


class Objective:
    """The base class of functions of parameter values `{path: tensor}` that return a loss for each start, `(starts,)`.

    Args:
        module: The module whose parameters are replaced by the values.
        starts: The number of starts, which are a leading dimension of the values if there are several.
    """

    kind = ""
    """The kind of the target: `"signal"`, `"response"` or `"function"`; empty in the base class."""

    def __init__(self, module: Module, starts: int) -> None:
        self.module, self.starts = module, starts

    def __call__(self, values: Mapping[str, Tensor]) -> Tensor:
        """Return the loss of each start, `(starts,)`, for the parameter values by path.

        Raises:
            NotImplementedError: The base class does not define this method; its subclasses do.
        """
        raise NotImplementedError

    def describe_miss(self, loss: float) -> str:
        """Return a text that states how far the module, whose loss is `loss`, is from the target."""
        return f"loss {loss:.4g}"


class OutputObjective(Objective):
    """The loss between the output for an input and a target signal, or a function of the output.

    Args:
        module: The module whose parameters are replaced by the values.
        starts: The number of starts, which are a leading dimension of the values if there are several.
        x: The samples of the input, `(..., channels, time)`.
        rate: The sample rate of the input in Hz.
        target: The samples of the target, or None if `loss` is a function of the output only.
        loss: A function of the output and the target, or of the output only, that returns a single number.
    """

    def __init__(  # noqa: PLR0917
        self, module: Module, starts: int, x: Tensor, rate: float, target: Tensor | None, loss: LossFunction
    ) -> None:
        super().__init__(module, starts)
        self.x = x if starts == 1 else x.expand(starts, *x.shape)
        self.rate, self.target, self.loss = rate, target, loss
        self.kind = "function" if target is None else "signal"

    def __call__(self, values: Mapping[str, Tensor]) -> Tensor:
        """Return the loss of each start, `(starts,)`, for the parameter values by path."""
        y = cast(
            "Tensor",
            functional_call(self.module, dict(values), (self.x,), {"sample_rate": self.rate}, tie_weights=False),
        )
        if self.target is not None and isinstance(self.loss, Loss):
            y, target = as_tensors(type(self.loss).__name__, y, self.target)
            losses = self.loss.per_example(y, target)
            return losses.mean()[None] if self.starts == 1 else losses.reshape(self.starts, -1).mean(-1)
        outputs = [y] if self.starts == 1 else list(y)
        found = [self.loss(one, self.target) if self.target is not None else self.loss(one) for one in outputs]  # type: ignore[call-arg]
        return torch.stack([_scalar(one) for one in found])

    def describe_miss(self, loss: float) -> str:
        """Return a text that states how far the output is from the target.

        For `ESR` and `WaveformAndSpectrum` it states the level in dB of the error of the module's present output,
        relative to the target; for other losses, and for a function of the output, it states `loss`.
        """
        if self.target is not None and isinstance(self.loss, (ESR, WaveformAndSpectrum)):
            with torch.no_grad():
                x = self.x if self.starts == 1 else self.x[0]
                level = 10 * math.log10(max(float(ESR()(self.module(x, sample_rate=self.rate), self.target)), 1e-30))
            return f"the error is {abs(level):.1f} dB {'below' if level <= 0 else 'above'} the target"
        return f"{getattr(self.loss, '__name__', type(self.loss).__name__)} {loss:.4g}"


class ResponseObjective(Objective):
    """The mean square difference between the level of a module's frequency response and a curve, in dB squared.

    Args:
        module: The module whose parameters are replaced by the values.
        starts: The number of starts, which are a leading dimension of the values if there are several.
        rate: The sample rate in Hz.
        frequencies: The frequencies of the curve in Hz.
        levels_db: The levels of the curve in dB, one for each frequency.
    """

    kind = "response"

    def __init__(self, module: Module, starts: int, rate: float, frequencies: Tensor, levels_db: Tensor) -> None:
        super().__init__(module, starts)
        self.holder = _Response(module)
        device = next((p.device for p in module.parameters()), frequencies.device)
        self.rate, self.frequencies, self.levels_db = rate, frequencies.to(device), levels_db.to(device)

    def __call__(self, values: Mapping[str, Tensor]) -> Tensor:
        """Return the mean square difference of each start, `(starts,)`, for the parameter values by path."""
        named = {f"module.{path}": value for path, value in values.items()}
        response: Tensor = functional_call(self.holder, named, (self.frequencies, self.rate), tie_weights=False)
        level = 20.0 * response.abs().clamp(min=1e-10).log10()
        errors = (level - self.levels_db).square()
        return errors.reshape(self.starts, -1).mean(-1)

    def describe_miss(self, loss: float) -> str:
        """Return a text with the root mean square difference in dB, the root of `loss`."""
        return f"the response differs from the target by {loss**0.5:.3g} dB (root mean square)"


class _Response(nn.Module):
    """A module whose call is `module.response`, so that `functional_call` can replace the parameters of `module`."""

    def __init__(self, module: Module) -> None:
        super().__init__()
        self.module = module

    def forward(self, frequencies: Tensor, rate: float) -> Tensor:
        return self.module.response(frequencies, rate)  # type: ignore[no-any-return, operator]


def make_objective(  # noqa: PLR0917
    module: Module,
    x: Signal | Tensor | None,
    target: Target,
    loss: LossFunction | None,
    sample_rate: float | None,
    starts: int,
) -> tuple[Objective, float]:
    """Return the objective and the sample rate in Hz; see `fit` for the arguments, of which `x` is `input`.

    Raises:
        ParameterError: `module` is not a module, a stage of it has no gradient, or `target` or `loss` is invalid.
        SignalError: The input or its sample rate is missing, the input or target is empty or not finite, or input,
            output and target differ in length, channels or sample rate.
    """
    if not isinstance(module, Module):
        raise ParameterError(f"fit: {type(module).__name__} is not a module of fxlab; chain modules with a | b.")
    _check_differentiable(module)
    if x is None and not isinstance(target, (tuple, list)):
        raise SignalError("fit: the input is missing; give a Signal, or a tensor with sample_rate.")
    rate = _common_rate(module, x, target, sample_rate)
    if isinstance(target, (tuple, list)):
        if loss is not None:
            raise ParameterError("fit: a target curve has its own loss, the mean square error in dB; leave out loss.")
        frequencies, levels = _curve(target, rate)
        if not has_response(module):
            raise ParameterError(
                f"fit: {type(module).__name__} has no frequency response, which a target curve needs. Give an "
                "input and a target signal, or a function of the output."
            )
        return ResponseObjective(module, starts, rate, frequencies, levels), rate
    samples = _samples(x)
    if samples is None:
        raise SignalError(f"fit: the input is {x!r}; give a Signal, or a tensor with sample_rate.")
    if callable(target) and not isinstance(target, (Signal, Tensor)):
        if loss is not None:
            raise ParameterError(
                "fit: the target is a function of the output, so there is no place for a loss as well."
            )
        return OutputObjective(module, starts, samples, rate, None, cast("LossFunction", target)), rate
    wanted = _samples(target)
    if wanted is None:
        raise ParameterError(
            f"fit: the target is {_short(target)}; it must be a Signal, a tensor, a pair (frequencies in Hz, levels in "
            "dB), or a function of the output."
        )
    if isinstance(loss, Loss):
        loss.check_rate("fit: ", "the output", module.output_rate(rate))
    for name, part in (("input", samples), ("target", wanted)):
        if not part.shape[-1] or not bool(part.isfinite().all()):
            raise SignalError(f"fit: the {name} is empty, or has samples that are not finite.")
    objective = OutputObjective(
        module, starts, samples, rate, wanted, loss or WaveformAndSpectrum(module.output_rate(rate))
    )
    with torch.no_grad():
        as_tensors("fit", module(samples, sample_rate=rate), wanted)
    return objective, rate


def _short(value: Any) -> str:
    return repr(value) if isinstance(value, (str, int, float)) else f"an object of type {type(value).__name__}"


def _samples(x: Any) -> Tensor | None:
    if isinstance(x, Signal):
        return x.samples
    if isinstance(x, Tensor):
        return x if x.ndim > 1 else x[None]
    return None


def _common_rate(module: Module, x: Any, target: Any, sample_rate: float | None) -> float:
    rates = {"the input": x.sample_rate if isinstance(x, Signal) else None}
    rates["sample_rate"] = sample_rate
    known = {name: rate for name, rate in rates.items() if rate is not None}
    if not known:
        return module._resolve_rate(None)
    if len(set(known.values())) > 1:
        listed = " and ".join(f"{name} has {rate:g} Hz" for name, rate in known.items())
        raise SignalError(f"fit: the sample rates differ: {listed}. Resample one of them with fx.Resample.")
    rate = float(next(iter(known.values())))
    if isinstance(target, Signal) and target.sample_rate != module.output_rate(rate):
        raise SignalError(
            f"fit: the target has a sample rate of {target.sample_rate:g} Hz and the output of the module "
            f"{module.output_rate(rate):g} Hz; resample one of them with fx.Resample."
        )
    return rate


def _check_differentiable(module: Module) -> None:
    for path, part in module.named_modules():
        inner = [child for child in part.children() if isinstance(child, Module) and not child.differentiable]
        if isinstance(part, Module) and not part.differentiable and not inner:
            name = f"{path} ({type(part).__name__})" if path else type(part).__name__
            raise ParameterError(f"fit: {name} has no gradient, so nothing can be learned through it; remove it.")


def _curve(target: Sequence[Any], rate: float) -> tuple[Tensor, Tensor]:
    if len(target) != 2:
        raise ParameterError(
            f"fit: a target curve is a pair (frequencies in Hz, levels in dB), not {len(target)} objects."
        )
    try:
        frequencies, levels = (torch.as_tensor(part, dtype=torch.float64).flatten() for part in target)
    except (TypeError, ValueError, RuntimeError):
        raise ParameterError("fit: a target curve is a pair of lists: frequencies in Hz and levels in dB.") from None
    if len(frequencies) != len(levels) or not len(levels):
        raise ParameterError(
            f"fit: the target curve has {len(frequencies)} frequencies and {len(levels)} levels; give one level for "
            "each frequency."
        )
    if not (torch.isfinite(frequencies).all() and torch.isfinite(levels).all()):
        raise ParameterError("fit: the target curve has values that are not finite; remove these points.")
    if float(frequencies.min()) < 0 or float(frequencies.max()) > rate / 2:
        raise ParameterError(
            f"fit: the target curve reaches from {float(frequencies.min()):g} Hz to {float(frequencies.max()):g} Hz; "
            f"its frequencies must lie between 0 and half the sample rate ({rate / 2:g} Hz)."
        )
    return frequencies, levels


def _scalar(value: Tensor) -> Tensor:
    if not isinstance(value, Tensor) or value.numel() != 1:
        shape = tuple(value.shape) if isinstance(value, Tensor) else value
        raise ParameterError(f"fit: the loss returned {shape!r}; it must return a tensor with a single number.")
    return value.reshape(())
