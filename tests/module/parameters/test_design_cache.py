"""What a module keeps between calls is never stale: after any change it answers as a module that has just been made."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from functools import partial

import pytest
import torch
from torch import Tensor, nn

import fxlab as fx
from tests.support.design_outcome import RATES, assert_answers_like_a_new_one, outcome
from tests.support.specimens import specimens

SPECIMENS = specimens()
STEPS = 6


# -- changes: each takes one part of the module that has parameters, and a source of random numbers -----------------


def tensor_of(part: fx.Module, draw: random.Random) -> tuple[str, Tensor] | None:
    """Return one of the continuous parameters that have an effect."""
    names = [name for name, declaration in part.continuous.items() if declaration.applies(part)]
    name = draw.choice(sorted(names)) if names else None
    return None if name is None else (name, part.values()[name])


def changed(value: Tensor, draw: random.Random) -> Tensor:
    """Return values near the old ones, and valid for most parameters."""
    factors = [draw.uniform(0.96, 1.02) for _ in range(value.numel())]
    return value.detach() * torch.tensor(factors, dtype=value.dtype).reshape(value.shape)


def assign(part: fx.Module, draw: random.Random) -> None:
    if found := tensor_of(part, draw):
        setattr(part, found[0], changed(found[1], draw))


def assign_the_same(part: fx.Module, draw: random.Random) -> None:
    if found := tensor_of(part, draw):
        setattr(part, found[0], found[1].detach().clone())


def assign_float32(part: fx.Module, draw: random.Random) -> None:
    if (found := tensor_of(part, draw)) and not found[1].is_complex():
        setattr(part, found[0], changed(found[1], draw).float())


def operate_in_place(part: fx.Module, draw: random.Random) -> None:
    if found := tensor_of(part, draw):
        with torch.no_grad():
            found[1].copy_(changed(found[1], draw))


def write_through_data(part: fx.Module, draw: random.Random) -> None:
    if found := tensor_of(part, draw):
        found[1].data.copy_(changed(found[1], draw))


def replace_data(part: fx.Module, draw: random.Random) -> None:
    if found := tensor_of(part, draw):
        found[1].data = changed(found[1], draw)


def write_through_numpy(part: fx.Module, draw: random.Random) -> None:
    if found := tensor_of(part, draw):
        found[1].detach().numpy()[...] = changed(found[1], draw).numpy()


def optimize(part: fx.Module, draw: random.Random) -> None:
    found = tensor_of(part, draw)
    if found and not found[1].is_complex() and part.differentiable:
        setattr(part, found[0], nn.Parameter(changed(found[1], draw)))
        value = part.get_parameter(found[0])
        value.grad = torch.full_like(value, draw.uniform(-1.0, 1.0))
        kind = draw.choice([torch.optim.SGD, partial(torch.optim.Adam, fused=True), torch.optim.AdamW])
        kind([value], lr=1e-3 * float(value.detach().abs().mean())).step()


def toggle_gradient(part: fx.Module, draw: random.Random) -> None:
    found = tensor_of(part, draw)
    if found and not found[1].is_complex():
        found[1].requires_grad_(not found[1].requires_grad)


def load(part: fx.Module, draw: random.Random) -> None:
    state = {name: changed(value, draw) for name, value in part.state_dict().items()}
    part.load_state_dict(state, assign=draw.random() < 0.5)


def choose(part: fx.Module, draw: random.Random) -> None:
    """Set a discrete parameter."""
    allowed: dict[str, Callable[[], object]] = {}
    for name, declaration in part.declarations.items():
        if isinstance(declaration, fx.Choice):
            allowed[name] = partial(draw.choice, declaration.choices)
        elif isinstance(declaration, fx.Switch):
            allowed[name] = partial(draw.choice, (True, False))
        elif isinstance(declaration, fx.Count):
            low, high, step = declaration.low, min(declaration.high, declaration.low + 24), declaration.multiple
            allowed[name] = partial(draw.randrange, low, high + 1, step)
    if allowed:
        name = draw.choice(sorted(allowed))
        setattr(part, name, allowed[name]())


def convert(part: fx.Module, draw: random.Random) -> None:
    draw.choice([part.half, part.float, part.double])()


def move(part: fx.Module, draw: random.Random) -> None:
    """Let a parameter be moved by a control, or change a value of the control that moves it."""
    controls = part.controls()
    if controls:
        draw.choice(list(controls.values())).low *= 0.99  # type: ignore[attr-defined]
        return
    found = tensor_of(part, draw)
    if found and isinstance(part.declarations[found[0]], fx.Param) and found[1].ndim == 0:
        value = float(found[1])
        setattr(part, found[0], fx.LFO(draw.uniform(1.0, 20.0), *sorted((0.98 * value, 1.01 * value))))


CHANGES = (
    assign, assign_the_same, assign_float32, operate_in_place, write_through_data, replace_data, write_through_numpy,
    optimize, toggle_gradient, load, choose, convert, move,
)  # fmt: skip


def edit(chain: fx.Chain, draw: random.Random) -> None:
    """Change the stages of a chain."""
    changes: list[Callable[[], object]] = [
        lambda: setattr(chain, "bypassed", {draw.randrange(len(chain))}),
        lambda: setattr(chain, "soloed", {draw.randrange(len(chain))}),
        lambda: setattr(chain, "soloed", ()),
        lambda: chain.move(0, len(chain) - 1),
        lambda: chain.append(fx.Peak(draw.uniform(100, 900), 3.0)),
        lambda: chain.insert(0, chain.pop()),
        lambda: chain.__setitem__(0, fx.HighPass(draw.uniform(100, 900))),
    ]
    draw.choice(changes)()


@pytest.mark.slow
@pytest.mark.parametrize("name", SPECIMENS)
def test_after_any_changes_a_module_answers_like_a_new_one(name: str) -> None:
    draw = random.Random(name)
    module = SPECIMENS[name]()
    assert_answers_like_a_new_one(module)
    for _ in range(STEPS):
        parts = [part for part in module.modules() if isinstance(part, fx.Module) and part.declarations]
        if parts:
            with suppress(fx.ParameterError):  # a few of the values are not valid
                draw.choice(CHANGES)(draw.choice(parts), draw)
        for chain in [part for part in module.modules() if isinstance(part, fx.Chain)]:
            edit(chain, draw)
        with torch.set_grad_enabled(draw.random() < 0.5):
            assert_answers_like_a_new_one(module, draw.choice(RATES))


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
@pytest.mark.parametrize(
    "make",
    [
        lambda: fx.LowPass(900.0) | fx.Butterworth(2000.0, 3) | fx.FIR([0.5, 0.3]),
        lambda: fx.Mix(fx.StateVariable(500.0) + fx.Chebyshev1(3000.0), 0.4),
        lambda: fx.SOS([[1.0, 0.5, 0.2, 1.0, -0.4, 0.1]]) | fx.WindowedSinc(4000.0, taps=31) | fx.Crossover(),
    ],
)
def test_each_kind_of_change_is_noticed_in_every_part(
    make: Callable[[], fx.Module], change: Callable[[fx.Module, random.Random], None]
) -> None:
    module, draw = make(), random.Random(1)
    for part in [part for part in module.modules() if isinstance(part, fx.Module) and part.values()]:
        before = outcome(module)
        change(part, draw)
        assert_answers_like_a_new_one(module)
        with torch.no_grad():
            assert_answers_like_a_new_one(module)
        is_flat = isinstance(part, fx.Crossover)  # its gains of 0 dB may be multiplied
        if change not in (assign_the_same, toggle_gradient, choose, convert, move) and not is_flat:
            assert isinstance(before, str) or not torch.equal(before, outcome(module))  # type: ignore[arg-type]
