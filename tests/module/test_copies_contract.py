"""A processor written down, copied, sent or saved is the same processor, for every public one."""

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
    RATE,
    all_params,
    params_of,
    public_classes,
    random_values,
    same_modules,
    specimens,
    value_at,
)

CLASSES = public_classes()
SPECIMENS = specimens()


def some(name: str) -> list[fx.Module]:
    """It with defaults, with other values, and with values that vary over a batch."""
    kind = CLASSES.get(name)
    made = [SPECIMENS[name]()]
    if kind is not None:
        made += [SPECIMENS[name](**random_values(kind, seed), sample_rate=44_100) for seed in (1, 2)]
        for param, declaration in params_of(kind).items():
            places = torch.tensor([[0.2, 0.4], [0.6, 0.8]], dtype=torch.float64)
            made.append(SPECIMENS[name](**{param: value_at(declaration, places)}))
            made.append(SPECIMENS[name](**{param: value_at(declaration, places[0]).float()}))
    return made


def _rest(made: fx.Module) -> dict[str, Any]:
    """What its constructor takes beside what a state holds."""
    held = (fx.Param, fx.ArrayParam)
    return {
        d.keyword: getattr(made, n)
        for n, d in made.declarations.items()
        if n not in params_of(made) and not (isinstance(d, held) and d.only is None)
    }


def sounds_alike(a: fx.Module, b: fx.Module) -> bool:
    x = torch.randn(2, 2, 64, dtype=torch.float64)
    return torch.equal(a(x, sample_rate=RATE), b(x, sample_rate=RATE))


@pytest.mark.parametrize("name", SPECIMENS)
def test_a_dictionary_survives_json(name):
    for made in some(name):
        text = json.dumps(made.to_dict(), allow_nan=False)
        back = fx.Module.from_dict(json.loads(text))
        assert same_modules(back, made)
        assert sounds_alike(back, made)
        assert back.to_dict() == made.to_dict()


class Twice(fx.Module):
    """A teacher's own, made of another module as `Mix` is."""

    gain = fx.Param(0.5, low=0.0, high=1.0)

    def __init__(self, module, *args, sample_rate=None, **kwargs):
        super().__init__(*args, sample_rate=sample_rate, **kwargs)
        self.module = module
        self.after = fx.LowPass(9000.0)

    def forward(self, x, sample_rate):
        return self.gain * self.after(self.module(self.module(x, sample_rate), sample_rate), sample_rate)


def test_a_module_made_of_a_module_is_a_dictionary_too():
    made = Twice(fx.HighPass(50.0) | fx.Peak(), gain=0.25, sample_rate=8000)
    made.after.cutoff = 2000.0
    described = json.loads(json.dumps(made.to_dict()))
    assert set(described) == {"type", "params", "sample_rate", "module", "parts"}
    assert same_modules(fx.Module.from_dict(described), made)
    with pytest.raises(fx.ParameterError, match="a Twice is described without its 'module'"):
        fx.Module.from_dict({key: value for key, value in described.items() if key != "module"})


@pytest.mark.parametrize("name", SPECIMENS)
def test_state_dict_there_and_back(name):
    for made in some(name):
        state = made.state_dict()
        fresh = SPECIMENS[name](**_rest(made))
        assert list(fresh.state_dict()) == list(state)
        fresh.load_state_dict(state, strict=True)
        for key, value in fresh.state_dict().items():
            assert value.shape == state[key].shape
            torch.testing.assert_close(value, state[key], rtol=0, atol=0, check_dtype=False)
        assert sounds_alike(fresh, made)


@pytest.mark.parametrize("name", SPECIMENS)
def test_the_state_holds_the_continuous_parameters_and_keeps_their_order(name):
    made = SPECIMENS[name]()
    walked = [path for path, _, declaration in made.walk() if isinstance(declaration, (fx.Param, fx.ArrayParam))]
    assert sorted(made.state_dict()) == sorted(walked)
    before = list(made.state_dict())
    for _, owner, declaration in made.walk():
        setattr(owner, declaration.name, getattr(owner, declaration.name))
    assert list(made.state_dict()) == before


@pytest.mark.parametrize(("name", "param"), all_params())
def test_learned_state_goes_into_a_plain_module_and_back(name, param):
    value = value_at(CLASSES[name].declarations[param], 0.3)
    learned = SPECIMENS[name](**{param: nn.Parameter(torch.tensor(value, dtype=torch.float64))})
    plain = SPECIMENS[name]()
    plain.load_state_dict(learned.state_dict())
    assert getattr(plain, param) == value
    parameter = getattr(learned, param)
    learned.load_state_dict(SPECIMENS[name]().state_dict())
    assert getattr(learned, param) is parameter  # an optimiser holds it
    assert parameter.item() == CLASSES[name].declarations[param].default


@pytest.mark.parametrize(("name", "param"), all_params())
def test_a_state_of_another_shape_is_taken_and_what_was_learned_is_still_learned(name, param):
    values = value_at(CLASSES[name].declarations[param], torch.tensor([0.2, 0.9], dtype=torch.float64))
    learned = SPECIMENS[name](**{param: nn.Parameter(torch.tensor(CLASSES[name].declarations[param].default))})
    for state in (SPECIMENS[name](**{param: values}).state_dict(), SPECIMENS[name]().state_dict()):
        learned.load_state_dict(state)
        assert isinstance(getattr(learned, param), nn.Parameter)
        assert torch.equal(getattr(learned, param).detach(), state[param])
        assert [key for key, _ in learned.named_parameters()] == [param]


@pytest.mark.parametrize(("name", "param"), all_params())
def test_a_state_with_an_invalid_batch_or_a_missing_key_is_refused(name, param):
    state = SPECIMENS[name]().state_dict()
    with pytest.raises(fx.ParameterError, match=f"{param} is nan"):
        SPECIMENS[name]().load_state_dict({**state, param: torch.tensor([float(state[param]), torch.nan])})
    with pytest.raises(RuntimeError, match="Missing key"):
        SPECIMENS[name]().load_state_dict({key: value for key, value in state.items() if key != param})


@pytest.mark.parametrize("name", SPECIMENS)
def test_copies_are_equal_and_apart(name):
    for made in some(name):
        stored = io.BytesIO()
        torch.save(made.state_dict(), stored)
        stored.seek(0)
        loaded = SPECIMENS[name](**_rest(made))
        loaded.load_state_dict(torch.load(stored, weights_only=True))
        assert sounds_alike(loaded, made)
        for other in (copy.deepcopy(made), pickle.loads(pickle.dumps(made))):
            assert same_modules(other, made)
            assert repr(other) == repr(made)
            assert sounds_alike(other, made)
            before = repr(made)
            for _, owner, declaration in other.walk():
                if isinstance(declaration, fx.Param):
                    setattr(owner, declaration.name, declaration.from_slider(0.123))
            assert repr(made) == before


@pytest.mark.parametrize("name", SPECIMENS)
@pytest.mark.parametrize("how", ["half", "bfloat16", "float", "to"])
def test_a_change_of_dtype_leaves_the_parameters_their_digits(name, how):
    for made in [*some(name), _learning(SPECIMENS[name]())]:
        before = {key: value.clone() for key, value in made.state_dict().items()}
        parameters = list(made.parameters())
        assert (made.to(torch.float16) if how == "to" else getattr(made, how)()) is made
        for key, value in made.state_dict().items():
            assert value.dtype == before[key].dtype
            assert torch.equal(value, before[key])
        assert all(a is b for a, b in zip(made.parameters(), parameters, strict=True))


def test_the_weights_of_a_wrapped_network_do_change_their_dtype():
    net = fx.LowPass(1234.567) | fx.wrap(nn.Conv1d(1, 1, 3, padding=1))
    net.to(torch.bfloat16)
    assert net[0].cutoff == 1234.567
    assert {weight.dtype for weight in net[1].parameters()} == {torch.bfloat16}
    assert net(torch.randn(1, 1, 32, dtype=torch.bfloat16), sample_rate=RATE).dtype == torch.bfloat16


def _learning(made: fx.Module) -> fx.Module:
    for _, owner, declaration in made.walk():
        if isinstance(declaration, fx.Param) and declaration.applies(owner):
            value = torch.tensor(getattr(owner, declaration.name), dtype=torch.float32)
            setattr(owner, declaration.name, nn.Parameter(value))
    return made


def _learns(made: fx.Module) -> bool:
    return made.differentiable and bool(list(_learning(made).parameters()))


@pytest.mark.parametrize("name", [name for name, make in SPECIMENS.items() if _learns(make())])
def test_every_learned_parameter_takes_a_step(name):
    made = _learning(SPECIMENS[name]())
    optimiser = torch.optim.Adam(made.parameters(), lr=1e-2)
    x = torch.randn(1, 256)
    loss = (made(x, sample_rate=RATE) - 0.5 * x).square().sum()
    loss.backward()
    grads = [parameter.grad for parameter in made.parameters()]
    assert all(grad is not None and bool(torch.isfinite(grad)) for grad in grads)
    before = {key: value.clone() for key, value in made.state_dict().items()}
    optimiser.step()
    moved = [not torch.equal(value, before[key]) for key, value in made.state_dict().items()]
    assert any(moved)
