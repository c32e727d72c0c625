"""The contract of dictionaries, states, copies and pickles, for every public class: the result is an equal module."""

from __future__ import annotations

import copy
import io
import json
import pickle
from typing import Any

import pytest
import torch
from torch import nn

import fxlab as fx
from tests.support.specimens import (
    ONE_VALUE,
    QUIET_INPUT,
    RATE,
    ROUNDED_RATIO,
    all_params,
    mark_slow,
    params_of,
    public_classes,
    random_values,
    same_modules,
    specimens,
    value_at,
)

CLASSES = public_classes()
SPECIMENS = specimens()


def variants(name: str) -> list[fx.Module]:
    """The specimen with its defaults, with other values, and with values of all or one that differ by example."""
    kind = CLASSES.get(name)
    modules = [SPECIMENS[name]()]
    if kind is not None:
        modules += [SPECIMENS[name](**random_values(kind, seed), sample_rate=44_100) for seed in (1, 2)]
    if kind is not None and name not in ONE_VALUE and params_of(kind):
        places = torch.tensor([[0.2, 0.4], [0.6, 0.8]], dtype=torch.float64)
        values = {param: value_at(declaration, places) for param, declaration in params_of(kind).items()}
        rows = {param: value[0].float() for param, value in values.items()}
        modules += [SPECIMENS[name](**values), SPECIMENS[name](**rows)]
        modules += [SPECIMENS[name](**{param: rows[param]}) for param in list(rows)[:1] if len(rows) > 1]
    return modules


def _structure_arguments(module: fx.Module) -> dict[str, Any]:
    """The arguments for a new module that can load the state of `module`: those that fix its structure."""
    continuous = (fx.Param, fx.ArrayParam)
    return {
        d.keyword: getattr(module, n)
        for n, d in module.declarations.items()
        if n not in params_of(module) and not (isinstance(d, continuous) and d.only is None)
    }


def has_equal_output(a: fx.Module, b: fx.Module) -> bool:
    x = torch.randn(2, 2, 64, dtype=torch.float64)
    return torch.equal(a(x, sample_rate=RATE), b(x, sample_rate=RATE))


@pytest.mark.parametrize("name", mark_slow(SPECIMENS))
def test_a_module_is_restored_from_its_dictionary_as_json(name):
    for module in variants(name):
        text = json.dumps(module.to_dict(), allow_nan=False)
        restored = fx.Module.from_dict(json.loads(text))
        assert same_modules(restored, module)
        assert has_equal_output(restored, module)
        assert restored.to_dict() == module.to_dict()


class Twice(fx.Module):
    """A user's class whose constructor takes a module, as that of `Mix` does."""

    gain = fx.Param(0.5, low=0.0, high=1.0)

    def __init__(self, module, *args, sample_rate=None, **kwargs):
        super().__init__(*args, sample_rate=sample_rate, **kwargs)
        self.module = module
        self.after = fx.LowPass(9000.0)

    def forward(self, x, sample_rate):
        return self.gain * self.after(self.module(self.module(x, sample_rate), sample_rate), sample_rate)


def test_a_module_in_the_constructor_is_in_the_dictionary():
    module = Twice(fx.HighPass(50.0) | fx.Peak(), gain=0.25, sample_rate=8000)
    module.after.cutoff = 2000.0
    description = json.loads(json.dumps(module.to_dict()))
    assert set(description) == {"type", "params", "sample_rate", "module", "parts"}
    assert same_modules(fx.Module.from_dict(description), module)
    with pytest.raises(fx.ParameterError, match="a Twice is described without its 'module'"):
        fx.Module.from_dict({key: value for key, value in description.items() if key != "module"})


@pytest.mark.parametrize("name", mark_slow(SPECIMENS))
def test_a_state_is_loaded_into_a_new_module(name):
    for module in variants(name):
        state = module.state_dict()
        fresh = SPECIMENS[name](**_structure_arguments(module))
        assert list(fresh.state_dict()) == list(state)
        fresh.load_state_dict(state, strict=True)
        for key, value in fresh.state_dict().items():
            assert value.shape == state[key].shape
            torch.testing.assert_close(value, state[key], rtol=0, atol=0, check_dtype=False)
        assert has_equal_output(fresh, module)


@pytest.mark.parametrize("name", mark_slow(SPECIMENS))
def test_the_state_contains_the_continuous_parameters_in_a_fixed_order(name):
    module = SPECIMENS[name]()
    walked = [path for path, _, declaration in module.walk() if isinstance(declaration, (fx.Param, fx.ArrayParam))]
    assert sorted(module.state_dict()) == sorted(walked)
    before = list(module.state_dict())
    for _, owner, declaration in module.walk():
        setattr(owner, declaration.name, getattr(owner, declaration.name))
    assert list(module.state_dict()) == before


@pytest.mark.parametrize(("name", "param"), mark_slow(all_params()))
def test_a_learned_state_is_loaded_into_a_plain_module_and_the_reverse(name, param):
    value = value_at(CLASSES[name].declarations[param], 0.3)
    learned = SPECIMENS[name](**{param: nn.Parameter(torch.tensor(value, dtype=torch.float64))})
    plain = SPECIMENS[name]()
    plain.load_state_dict(learned.state_dict())
    assert getattr(plain, param) == value
    parameter = getattr(learned, param)
    learned.load_state_dict(SPECIMENS[name]().state_dict())
    assert getattr(learned, param) is parameter  # an optimizer holds it
    assert parameter.item() == CLASSES[name].declarations[param].default


@pytest.mark.parametrize(("name", "param"), mark_slow(all_params()))
def test_a_state_of_another_shape_is_loaded_and_a_learned_parameter_stays_learned(name, param):
    values = value_at(CLASSES[name].declarations[param], torch.tensor([0.2, 0.9], dtype=torch.float64))
    learned = SPECIMENS[name](**{param: nn.Parameter(torch.tensor(CLASSES[name].declarations[param].default))})
    for state in (SPECIMENS[name](**{param: values}).state_dict(), SPECIMENS[name]().state_dict()):
        learned.load_state_dict(state)
        assert isinstance(getattr(learned, param), nn.Parameter)
        assert torch.equal(getattr(learned, param).detach(), state[param])
        assert [key for key, _ in learned.named_parameters()] == [param]


@pytest.mark.parametrize(("name", "param"), mark_slow(all_params()))
def test_a_state_with_an_invalid_batch_or_a_missing_key_is_rejected(name, param):
    state = SPECIMENS[name]().state_dict()
    with pytest.raises(fx.ParameterError, match=f"{param} is nan"):
        SPECIMENS[name]().load_state_dict({**state, param: torch.tensor([float(state[param]), torch.nan])})
    with pytest.raises(RuntimeError, match="Missing key"):
        SPECIMENS[name]().load_state_dict({key: value for key, value in state.items() if key != param})


@pytest.mark.slow
@pytest.mark.parametrize("name", mark_slow(SPECIMENS))
def test_copies_are_equal_and_independent(name):
    for module in variants(name):
        stored = io.BytesIO()
        torch.save(module.state_dict(), stored)
        stored.seek(0)
        loaded = SPECIMENS[name](**_structure_arguments(module))
        loaded.load_state_dict(torch.load(stored, weights_only=True))
        assert has_equal_output(loaded, module)
        for other in (copy.deepcopy(module), pickle.loads(pickle.dumps(module))):
            assert same_modules(other, module)
            assert repr(other) == repr(module)
            assert has_equal_output(other, module)
            before = repr(module)
            for _, owner, declaration in other.walk():
                if isinstance(declaration, fx.Param):
                    setattr(owner, declaration.name, declaration.from_slider(0.123))
            assert repr(module) == before


@pytest.mark.parametrize("name", mark_slow(SPECIMENS))
def test_a_change_of_dtype_does_not_round_the_parameters(name):
    for method, module in [
        (method, module)
        for method in ("half", "bfloat16", "float", "to")
        for module in [*variants(name), _make_learnable(SPECIMENS[name]())]
    ]:
        before = {key: value.clone() for key, value in module.state_dict().items()}
        parameters = list(module.parameters())
        assert (module.to(torch.float16) if method == "to" else getattr(module, method)()) is module
        for key, value in module.state_dict().items():
            assert value.dtype == before[key].dtype
            assert torch.equal(value, before[key])
        assert all(a is b for a, b in zip(module.parameters(), parameters, strict=True))


def test_a_change_of_dtype_applies_to_the_weights_of_a_wrapped_network():
    net = fx.LowPass(1234.567) | fx.wrap(nn.Conv1d(1, 1, 3, padding=1))
    net.to(torch.bfloat16)
    assert net[0].cutoff == 1234.567
    assert {weight.dtype for weight in net[1].parameters()} == {torch.bfloat16}
    assert net(torch.randn(1, 1, 32, dtype=torch.bfloat16), sample_rate=RATE).dtype == torch.bfloat16


def _make_learnable(module: fx.Module) -> fx.Module:
    for _, owner, declaration in module.walk():
        if isinstance(declaration, fx.Param) and declaration.applies(owner):
            value = torch.tensor(getattr(owner, declaration.name), dtype=torch.float32)
            setattr(owner, declaration.name, nn.Parameter(value))
    return module


def _is_learnable(module: fx.Module) -> bool:
    return module.differentiable and bool(list(_make_learnable(module).parameters()))


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", [name for name, make in SPECIMENS.items() if _is_learnable(make()) and name not in ROUNDED_RATIO]
)
def test_learned_parameters_are_changed_by_an_optimizer_step(name):
    module = _make_learnable(SPECIMENS[name]())
    optimizer = torch.optim.Adam(module.parameters(), lr=1e-2)
    x = torch.randn(2, 256) * QUIET_INPUT.get(name, 1.0)
    loss = (module(x, sample_rate=RATE) - torch.tensor([[0.3], [0.7]]) * x).square().sum()
    loss.backward()
    grads = [parameter.grad for parameter in module.parameters()]
    assert all(grad is not None and bool(torch.isfinite(grad)) for grad in grads)
    before = {key: value.clone() for key, value in module.state_dict().items()}
    optimizer.step()
    changed = [not torch.equal(value, before[key]) for key, value in module.state_dict().items()]
    assert any(changed)
