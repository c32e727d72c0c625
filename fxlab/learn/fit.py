"""`fit`: find the parameters with which a module's output, or its response, is closest to a target."""

from __future__ import annotations

import copy
import math
import warnings
from collections.abc import Callable
from numbers import Integral
from typing import Any, Literal

import torch
from torch import Tensor
from tqdm.auto import tqdm

from fxlab.errors import ParameterError
from fxlab.learn.fit_result import Fit
from fxlab.learn.losses.loss import Loss
from fxlab.learn.objective import LossFunction, Objective, Target, make_objective
from fxlab.learn.search import Search, Step
from fxlab.learn.search_space import SearchSpace
from fxlab.module import Module
from fxlab.signal import Signal
from fxlab.signal.samples import check_seed, is_number

LAST_RATE = 0.01
"""The final learning rate of Adam, as a fraction of the initial one."""
TOLERANCE = 1e-4
"""An improvement by more than this fraction of the loss within `patience` steps counts as progress."""


def fit(
    module: Module,
    input: Signal | Tensor | None = None,
    target: Target | None = None,
    *,
    loss: LossFunction | None = None,
    steps: int = 300,
    starts: int = 1,
    optimizer: Literal["adam", "lbfgs"] = "adam",
    learning_rate: float | None = None,
    patience: int = 100,
    sample_rate: float | None = None,
    seed: int = 0,
    progress: bool = True,
    on_step: Callable[[Step], object] | None = None,
) -> Fit:
    """Change the learned parameters of `module` so that its output, or its magnitude response, approaches `target`.

    The parameters that `module.learn` selected are optimized in the coordinates of their sliders, which may be
    logarithmic, so one learning rate suits all of them. No value leaves the range of its slider, which is extended to
    the initial value if necessary. Arrays without sliders, such as the coefficients of `SOS` and `TransferFunction`,
    have no limits; values with which such a filter is unstable are discarded, unless it is unstable initially. For a
    target curve, poles outside the unit circle are reflected into it instead.

    With several starts, further values, spread over the ranges, are optimized too, and the best start is kept. `module`
    gets the values of the smallest loss, even if the fit is interrupted from the keyboard.

    With `"adam"`, the fit ends with a warning if no start has a finite loss, or if the gradient for a parameter has
    no finite element. With `"lbfgs"`, a warning is given if the last loss of a start is not finite.

    Args:
        module: A module with parameters that `module.learn` selected.
        input: The input, a Signal or a tensor `(..., channels, time)` or `(time,)`. A target curve needs none.
        target: A Signal or tensor like the output; or a curve `(frequencies in Hz, levels in dB)` for the magnitude
            response; or a function of the output tensor that returns a tensor with a single number, to be minimized.
        loss: For a target signal, a function of the output and the target that returns a tensor with a single number,
            such as one of `fx.losses`. Default: `WaveformAndSpectrum`. A target curve has the mean square difference
            in dB as its loss.
        steps: The largest number of steps of each start.
        starts: The number of starting points; the first is the current values.
        optimizer: `"adam"`, which runs all starts at the same time as examples of one batch, or `"lbfgs"`, which needs
            fewer steps near a minimum and runs the starts one by one.
        learning_rate: With `"adam"`, the length of the first steps, where 1 is the length of a slider; default 0.05.
            With `"lbfgs"`, the first step of a line search relative to the quasi-Newton step; default 0.5.
        patience: With `"adam"`, the fit stops early if the best loss has not fallen by 0.01 % in this number of steps.
        sample_rate: In Hz; needed if neither the input nor the module has one.
        seed: The seed of the further starting points, a whole number from -2^63 to 2^64 - 1.
        progress: Whether to show a progress bar.
        on_step: A function that is called with a `Step` after every evaluation of the loss.

    Returns:
        A `Fit` with the losses of all steps, the values of the best start, and the reason why the fit ended.

    Raises:
        ParameterError: No parameter is learned, a stage has no gradient, the loss does not depend on the parameters,
            the module cannot be copied, or an argument is invalid.
        SignalError: The input or its sample rate is missing, the input or target is empty or not finite, or input,
            output and target differ in length, channels or sample rate.

    >>> import fxlab as fx
    >>> x = fx.noise(duration=0.2, sample_rate=16_000, seed=1)
    >>> hidden = fx.LowPass(cutoff=2000.0, q=1.5)
    >>> found = fit(fx.LowPass(cutoff=500.0).learn(), x, x | hidden, steps=200, progress=False)
    >>> round(found.module.cutoff.item()), round(found.module.q.item(), 2)
    (2000, 1.5)
    """
    if target is None:
        raise ParameterError("fit: the target is missing; give a Signal, a curve, or a function of the output.")
    for name, number in (("steps", steps), ("starts", starts), ("patience", patience)):
        if not is_count(number):
            raise ParameterError(f"fit: {name} is {number!r}; it must be a whole number, at least 1.")
    seed = check_seed("fit", seed)
    if optimizer not in ("adam", "lbfgs"):
        raise ParameterError(f"fit: optimizer {optimizer!r} is unknown; use 'adam' or 'lbfgs'.")
    if learning_rate is not None and not (is_number(learning_rate) and 0 < learning_rate < math.inf):
        raise ParameterError(f"fit: learning_rate is {learning_rate!r}; it must be a number above 0.")
    rate_hint = sample_rate if sample_rate is not None or isinstance(input, Signal) else module.sample_rate
    objective, rate = make_objective(module, input, target, loss, rate_hint, 1 if optimizer == "lbfgs" else starts)
    space = SearchSpace(module, rate)
    before = _copy(module)
    search = Search(objective, space, starts, on_step)
    bar = tqdm(total=steps, desc="fit", disable=not progress, leave=False)
    try:
        first = space.first_positions(starts, seed)
        with torch.enable_grad():
            if optimizer == "adam":
                stopped = _run_adam(search, first, int(steps), learning_rate or 0.05, patience, bar)
            else:
                stopped = _run_lbfgs(search, first, int(starts), int(steps), learning_rate or 0.5, bar)
    except KeyboardInterrupt:
        stopped = "interrupted"
    finally:
        bar.close()
        found = search.finish()
    if stopped.startswith("the loss"):
        warnings.warn(f"fit: {stopped}; the best values before it are kept.", stacklevel=2)
    return Fit(module, before, target, rate, *found, stopped, objective.describe_miss(search.best_loss))


def _run_adam(  # noqa: PLR0917
    search: Search, first: dict[str, Tensor], steps: int, learning_rate: float, patience: int, bar: tqdm
) -> str:
    positions = {path: place.clone().requires_grad_() for path, place in first.items()}
    optimizer = torch.optim.Adam(positions.values(), lr=learning_rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps, learning_rate * LAST_RATE)
    reference, since = math.inf, 0
    search.begin()
    for number in range(steps + 1):
        optimizer.zero_grad()
        losses, values = search.evaluate(positions)
        search.record(losses, values)
        if not bool(losses.isfinite().any()):
            return _describe_nan(number, values)
        _check_graph(losses)
        if number == steps:
            break
        torch.where(losses.isfinite(), losses, 0.0).sum().backward()  # type: ignore[no-untyped-call]
        bad = [path for path, place in positions.items() if place.grad is not None and not place.grad.isfinite().all()]
        for path in bad:
            gradient = positions[path].grad
            assert gradient is not None
            if not gradient.isfinite().any():
                return f"the loss has a gradient for {path} that is not finite, at step {number}"
            gradient.nan_to_num_(0.0, 0.0, 0.0)
        optimizer.step()
        schedule.step()
        bar.update()
        bar.set_postfix_str(f"loss {search.best_loss:.4g}", refresh=False)
        if search.best_loss == 0 and _is_an_error(search.objective):
            return "the target is met exactly"
        since += 1
        if reference == math.inf or search.best_loss < reference - TOLERANCE * abs(reference):
            reference, since = search.best_loss, 0
        if since >= patience:
            return f"no progress in {patience} steps"
    return "all steps done"


def _run_lbfgs(  # noqa: PLR0917
    search: Search, first: dict[str, Tensor], starts: int, steps: int, learning_rate: float, bar: tqdm
) -> str:
    stopped = "all steps done"
    for start in range(starts):
        positions = {
            path: (place if starts == 1 else place[start]).clone().requires_grad_() for path, place in first.items()
        }
        optimizer = torch.optim.LBFGS(
            positions.values(), lr=learning_rate, max_iter=steps, max_eval=2 * steps, line_search_fn="strong_wolfe",
            tolerance_change=1e-14, tolerance_grad=1e-12,
        )  # fmt: skip
        search.begin()

        def closure(positions: dict[str, Tensor] = positions, optimizer: torch.optim.Optimizer = optimizer) -> Tensor:
            optimizer.zero_grad()
            losses, values = search.evaluate(positions)
            search.record(losses, values)
            _check_graph(losses)
            total = losses.sum()
            if bool(total.isfinite()):
                total.backward()  # type: ignore[no-untyped-call]
            bar.set_postfix_str(f"loss {search.best_loss:.4g}", refresh=False)
            return total

        optimizer.step(closure)  # type: ignore[no-untyped-call]
        bar.update(steps / starts)
        if not bool(search.last_loss.isfinite().all()):
            stopped = _describe_nan(search.count - 1, search.last_values)
    return stopped


def is_count(number: Any) -> bool:
    """Return whether `number` is a whole number of at least 1, and not a bool."""
    return type(number) is not bool and isinstance(number, Integral) and int(number) >= 1


def _is_an_error(objective: Objective) -> bool:
    """Return whether a loss of 0 means that the target is met: for a curve, or a `Loss` without values below 0."""
    loss = getattr(objective, "loss", None)
    return objective.kind == "response" or (isinstance(loss, Loss) and loss.is_nonnegative)


def _check_graph(losses: Tensor) -> None:
    if not losses.requires_grad:
        raise ParameterError(
            "fit: the loss does not depend on the parameters with gradients; it must not use detach(), item() or NumPy."
        )


def _copy(module: Module) -> Module:
    try:
        return copy.deepcopy(module)
    except ParameterError as error:
        raise ParameterError(f"fit: the module must be copied, to show it before and after. {error}") from None


def _describe_nan(step: int, values: dict[str, Tensor]) -> str:
    listed = ", ".join(f"{path} = {value.detach().flatten()[0]:.6g}" for path, value in list(values.items())[:6])
    return f"the loss is not finite at step {step}, with {listed}"
