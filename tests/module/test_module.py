"""`Module`: what a short subclass inherits, and the errors for wrong calls, joins and declarations."""

from __future__ import annotations

import inspect
import json

import numpy as np
import pytest
import torch
from torch import nn

import fxlab as fx
from fxlab import hooks
from tests.support.specimens import same_modules
from tests.support.teacher_modules import Crossed, Shaper, Smooth, Tremolo

RATE = 8000.0
TEACHERS = {"Tremolo": Tremolo, "Smooth": Smooth, "Shaper": Shaper}


def test_constructor_order_defaults_and_help():
    assert str(inspect.signature(Tremolo)) == "(rate_hz=5.0, depth=0.5, *, sample_rate=None)"
    assert Tremolo(3, 0.25).rate_hz == 3.0
    assert Tremolo(depth=0.25).depth == 0.25
    assert isinstance(Tremolo.rate_hz, fx.Param)  # on the class it is the declaration itself


def test_repr_omits_default_values():
    assert repr(Tremolo()) == "Tremolo()"
    assert repr(Tremolo(rate_hz=5)) == "Tremolo()"
    assert repr(Tremolo(7, depth=0.1, sample_rate=RATE)) == "Tremolo(rate_hz=7.0, depth=0.1, sample_rate=8000.0)"
    assert repr(Shaper(curve="cube", times=3, invert=True)) == "Shaper(curve='cube', times=3, invert=True)"
    assert repr(torch.nn.Sequential(Tremolo(3))) == "Sequential(\n  (0): Tremolo(rate_hz=3.0)\n)"


def test_a_call_runs_forward():
    x = torch.ones(1, 4, dtype=torch.float64)
    expected = [1.0, 0.75, 0.5, 0.75]
    torch.testing.assert_close(Tremolo()(x, sample_rate=20.0)[0], torch.tensor(expected).double())
    assert Tremolo()(x.float(), sample_rate=20.0).dtype == torch.float32  # a scalar parameter does not change the dtype


@pytest.mark.parametrize("name", TEACHERS)
def test_dictionary_and_state_dict_round_trip(name):
    kind = TEACHERS[name]
    for made in (kind(), kind(sample_rate=RATE)):
        for param, declaration in made.declarations.items():
            if isinstance(declaration, fx.Param):
                setattr(made, param, declaration.from_slider(0.4))
        described = made.to_dict()
        assert described["type"] == f"{kind.__module__}.{name}"
        assert same_modules(fx.Module.from_dict(json.loads(json.dumps(described))), made)
        fresh = kind()
        fresh.load_state_dict(made.state_dict())
        assert all(
            torch.equal(a, b) for a, b in zip(fresh.state_dict().values(), made.state_dict().values(), strict=True)
        )


@pytest.mark.parametrize("name", TEACHERS)
def test_gradients_reach_the_parameters(name):
    kind = TEACHERS[name]
    declared = {n: d for n, d in kind.declarations.items() if isinstance(d, fx.Param)}
    leaves = [torch.tensor(d.from_slider(0.6), dtype=torch.float64, requires_grad=True) for d in declared.values()]
    x = torch.randn(2, 30, dtype=torch.float64)

    def run(*values):
        return kind(**dict(zip(declared, values, strict=True)))(x, sample_rate=50.0)

    assert torch.autograd.gradcheck(run, leaves)
    assert all(bool(grad != 0) for grad in torch.autograd.grad(run(*leaves).square().sum(), leaves))


def test_parameters_may_differ_by_example_without_code_for_it():
    x = torch.randn(3, 2, 40, dtype=torch.float64)
    rates = torch.tensor([[2.0, 3.0], [4.0, 5.0], [6.0, 7.0]], dtype=torch.float64)
    y = Tremolo(rate_hz=rates, depth=[0.1, 0.5, 0.9])(x, sample_rate=100.0)
    for example, channel in np.ndindex(3, 2):
        alone = Tremolo(rates[example, channel].item(), [0.1, 0.5, 0.9][example])(
            x[example, channel], sample_rate=100.0
        )
        torch.testing.assert_close(y[example, channel], alone)


def test_without_forward_block_it_cannot_stream():
    stream = Tremolo().stream(RATE)
    with pytest.raises(fx.FxlabError) as caught:
        stream(torch.zeros(1, 8))
    for word in ("Tremolo cannot stream", "forward_block(self, x, state, sample_rate)", "the whole signal in one call"):
        assert word in str(caught.value)
    with pytest.raises(fx.FxlabError, match="Tremolo cannot stream"):
        (fx.LowPass() | Tremolo()).stream(RATE)(torch.zeros(1, 8))


def test_a_recursive_subclass_streams_and_has_a_response():
    x = torch.randn(1, 50, dtype=torch.float64)
    stream = Smooth(0.7).stream(RATE)
    torch.testing.assert_close(torch.cat([stream(x[:, :20]), stream(x[:, 20:])], -1), Smooth(0.7)(x, sample_rate=RATE))
    assert Smooth(0.7).response(0.0, RATE).item() == pytest.approx(1.0)
    assert Smooth(0.7).poles(RATE).tolist() == [pytest.approx(0.7)]
    assert Smooth(0.7).zeros(RATE).tolist() == [0.0]  # z / (z - pole)


def test_the_output_for_a_signal_must_be_a_valid_signal():
    class Spectrum(fx.Module):
        def forward(self, x, sample_rate):
            return torch.stack([x, x])

    class Broken(fx.Module):
        def forward(self, x, sample_rate):
            return x / 0

    sound = fx.Signal(torch.ones(1, 8), RATE)
    with pytest.raises(fx.SignalError, match=r"^The output of Spectrum is not a valid signal: .*\(2, 1, 8\)"):
        Spectrum()(sound)
    with pytest.raises(fx.SignalError, match=r"^The output of Broken is not a valid signal: 8 of 8 samples are NaN or"):
        sound | Broken()


def test_a_class_without_forward_or_design_is_abstract():
    class Empty(fx.Module):
        pass

    class Undesigned(fx.Recursive):
        pass

    with pytest.raises(fx.FxlabError, match=r"Empty is abstract .* does not define forward\(self, x, sample_rate\)"):
        Empty()(torch.zeros(3), sample_rate=RATE)
    with pytest.raises(fx.FxlabError, match=r"Undesigned is abstract .* does not define design\(self, sample_rate\)"):
        Undesigned()(torch.zeros(3), sample_rate=RATE)


def test_panel_calls_the_registered_hook(monkeypatch):
    monkeypatch.setitem(hooks._TARGETS, "panel", "tests.module.test_module:panel_stub")
    sound = fx.Signal(torch.zeros(1, 8), RATE)
    made = Tremolo()
    assert made.panel(sound, device="cpu") == (made, sound, {"device": "cpu"})


def panel_stub(module, signal, **options):
    return module, signal, options


# -- own constructors ---------------------------------------------------------------------------------------


def test_an_own_constructor_and_parts():
    assert str(inspect.signature(Crossed)) == "(corner, width=2.0, *, sample_rate=None)"
    assert list(inspect.signature(fx.Send).parameters)[:2] == ["buses", "levels_db"]
    made = Crossed(500.0, width=3.0)
    made.inner.cutoff = 700.0
    assert [path for path, _, _ in made.walk()] == ["width", "inner.cutoff", "inner.q"]
    with pytest.raises(fx.ParameterError, match="its constructor needs corner, which is not a declared parameter"):
        made.to_dict()  # it could not be rebuilt


def test_parts_without_arguments_are_rebuilt_from_a_dictionary():
    class Pair(fx.Module):
        mix = fx.Param(0.5, low=0.0, high=1.0)

        def __init__(self):
            super().__init__()
            self.low, self.high = fx.LowPass(200.0), fx.HighPass(2000.0)

        def forward(self, x, sample_rate):
            return self.mix * self.low(x, sample_rate=sample_rate) + self.high(x, sample_rate=sample_rate)

    made = Pair()
    made.mix, made.low.cutoff, made.high.q = 0.25, 321.0, 2.0
    back = fx.Module.from_dict(json.loads(json.dumps(made.to_dict())))
    assert same_modules(back, made)
    x = torch.randn(1, 60)
    assert torch.equal(back(x, sample_rate=RATE), made(x, sample_rate=RATE))


def test_the_error_names_what_a_dictionary_cannot_hold():
    class Learned(fx.Module):
        def __init__(self):
            super().__init__()
            self.net = nn.Linear(2, 2)
            self.register_buffer("table", torch.zeros(3))

        def forward(self, x, sample_rate):
            return x

    with pytest.raises(fx.ParameterError, match=r"holds net, table.*state_dict"):
        Learned().to_dict()


def test_parameters_of_a_part_read_as_numbers_while_the_module_runs():
    seen = []

    class Whole(fx.Module):
        cutoff = fx.Param(100.0, low=20.0, high=400.0, unit="Hz")

        def __init__(self):
            super().__init__()
            self.low = fx.LowPass(300.0)

        def forward(self, x, sample_rate):
            y = self.low(x, sample_rate=sample_rate)
            seen.append((self.low.cutoff, self.low.q, self.cutoff))
            return y

    Whole()(torch.zeros(1, 8), sample_rate=RATE)
    low, q, own = seen[0]
    assert (type(low), type(q), low) == (float, float, 300.0)
    assert isinstance(own, torch.Tensor)  # its own value again, although the part ran in between


# -- invalid declarations ------------------------------------------------------------------------


def test_a_subclass_may_redeclare_add_and_remove_parameters():
    class Fast(Tremolo):
        rate_hz = fx.Param(12.0, low=5.0, high=40.0, unit="Hz")
        shape = fx.Choice("sine", ["sine", "square"])

    class Fixed(Tremolo):
        depth = 1.0

    assert list(Fast.declarations) == ["depth", "rate_hz", "shape"]
    assert Fast().rate_hz == 12.0
    assert Tremolo().rate_hz == 5.0
    assert list(Fixed.declarations) == ["rate_hz"]
    assert Fixed().depth == 1.0


def test_one_declaration_cannot_have_two_names():
    with pytest.raises(fx.ParameterError, match="one declaration; give each name its own"):

        class Twin(fx.Module):
            left = right = fx.Param(1.0, low=0.0, high=2.0)


@pytest.mark.parametrize(
    "name", ["sample_rate", "forward", "panel", "values", "half", "stream", "training", "_modules", "_discrete"]
)
def test_a_parameter_may_not_have_the_name_of_a_module_attribute(name):
    with pytest.raises(fx.ParameterError, match=f"Odd: a parameter cannot be called '{name}'"):
        type("Odd", (fx.Module,), {name: fx.Param(1.0, low=0.0, high=2.0)})


def test_an_invalid_default_raises_at_the_declaration():
    with pytest.raises(fx.ParameterError, match="Odd: depth is 2; it must be at most 1"):
        type("Odd", (fx.Module,), {"depth": fx.Param(2.0, low=0.0, high=1.0, at_most=1.0)})
    with pytest.raises(fx.ParameterError, match="Odd: order is 0; it must be a whole number of at least 1"):
        type("Odd", (fx.Module,), {"order": fx.Count(0, low=1, high=4)})


# -- joining --------------------------------------------------------------------------------------------------------


def test_operators_make_chains_and_sums():
    a, b, c = fx.LowPass(), fx.HighPass(), fx.Peak()
    assert isinstance(a | b | c, fx.Chain)
    assert len(a | b | c) == len(a | (b | c)) == 3
    assert isinstance(a + b + c, fx.Sum)
    assert len(a + b + c) == len(a + (b + c)) == 3
    assert isinstance((a | torch.tanh)[1], fx.Module)
    assert isinstance((torch.tanh | a)[0], fx.Module)


@pytest.mark.parametrize(
    ("join", "says"),
    [
        (lambda m: torch.zeros(3) | m, r"takes a Signal, not Tensor; write Signal\(samples, sample_rate\) \| module"),
        (lambda m: np.zeros(3) | m, r"takes a Signal, not ndarray"),
        (lambda m: 3 | m, r"takes a Signal, not int"),
        (lambda m: m | torch.zeros(3), r"A signal stands on the left: write signal \| LowPass\(\)"),
        (lambda m: m | fx.Signal(torch.zeros(3), RATE), r"A signal stands on the left"),
    ],
)
def test_only_a_signal_may_stand_on_the_left_of_a_module(join, says):
    with pytest.raises(fx.SignalError, match=says):
        join(fx.LowPass())


@pytest.mark.parametrize(
    ("join", "says"),
    [
        (lambda: fx.LowPass() | fx.HighPass, r"HighPass is a class; a stage is an instance of it: HighPass\(…\)"),
        (lambda: fx.LowPass | fx.HighPass(), r"LowPass is a class"),
        (lambda: fx.LowPass() | 3, r"must be a Module or callable on a tensor, not int: 3"),
        (lambda: fx.Chain(fx.LowPass(), [fx.HighPass()]), r"must be a Module or callable on a tensor, not list"),
        (fx.Sum, r"Sum needs at least one branch"),
    ],
)
def test_what_cannot_be_a_stage_raises(join, says):
    with pytest.raises(fx.ParameterError, match=says):
        join()


def test_a_module_cannot_be_added_to_a_number():
    with pytest.raises(fx.ParameterError, match="a Module or a callable, not int"):
        fx.LowPass() + 3
