"""What a module keeps between calls is never stale: after any change it answers as a module that has just been made."""

from __future__ import annotations

import copy
import gc
import pickle
import random
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from weakref import ref

import pytest
import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

import fxlab as fx
from fxlab.module.parameters import design_cache, design_inputs
from fxlab.module.parameters.design_inputs import MAX_RESULTS, inputs_of, torch_environment
from tests.support.specimens import RATE, specimens

SPECIMENS = specimens()
X = torch.randn(2, 96, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
RATES = (RATE, 44_100.0, 96_000.0)
STEPS = 6


def outcome(module: fx.Module, x: Tensor = X, rate: float = RATE) -> Tensor | str:
    """Return the output, or the message of the error."""
    try:
        return module(x, sample_rate=rate)
    except fx.FxlabError as error:
        return str(error)


def assert_answers_like_a_new_one(module: fx.Module, rate: float = RATE) -> None:
    expected, found = outcome(copy.deepcopy(module), rate=rate), outcome(module, rate=rate)
    if isinstance(expected, str) or isinstance(found, str):
        assert found == expected
    else:
        assert torch.equal(found, expected)


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


# -- what is kept, and for how long ---------------------------------------------------------------------------------


def count_designs(monkeypatch: pytest.MonkeyPatch, kind: type[fx.Module]) -> list[float]:
    """Return a list to which each design of `kind` appends its sample rate."""
    seen: list[float] = []
    plain = kind.design  # type: ignore[attr-defined]
    monkeypatch.setattr(kind, "design", lambda self, rate: (seen.append(rate), plain(self, rate))[1])
    return seen


def test_a_design_is_computed_once_for_its_values_and_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = count_designs(monkeypatch, fx.Butterworth)
    chain = fx.Butterworth(900.0) | fx.Butterworth(3000.0)
    stream = chain.stream(RATE)
    for _ in range(3):
        chain(X, sample_rate=RATE)
        stream(X)
        chain[0](X, sample_rate=RATE)
        chain.response([100.0], RATE)
    assert seen == [RATE] * 2
    chain(X, sample_rate=44_100)
    assert seen == [RATE] * 2 + [44_100] * 2
    chain[0].cutoff = 800.0
    chain(X, sample_rate=RATE)
    assert seen[4:] == [RATE]
    chain[0].cutoff = 800.0  # another tensor with the same value
    chain(X, sample_rate=RATE)
    assert len(seen) == 5


def test_the_engine_receives_the_same_tensor_while_nothing_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    from fxlab.module.compose import section_runs
    from fxlab.module.lti import recursive

    seen: list[tuple[int, int]] = []
    plain = recursive.sosfilt

    def observed(x: Tensor, sos: Tensor, state: Tensor | None = None) -> tuple[Tensor, Tensor]:
        seen.append((id(sos), sos._version))
        return plain(x, sos, state)

    monkeypatch.setattr(recursive, "sosfilt", observed)
    monkeypatch.setattr(section_runs, "sosfilt", observed)
    batch = torch.tensor([300.0, 900.0], dtype=torch.float64)
    kept = [
        fx.LowPass(500.0),
        fx.LowPass(batch),
        fx.LowPass(batch) | fx.Peak(gain_db=3.0),
        fx.Chain(fx.HighPass(), fx.LowPass(), fx.FIR([1.0, 0.5]), fx.Peak(), fx.Notch()),
    ]
    x = torch.randn(2, 3, 32)
    for module in kept:
        module(x, sample_rate=RATE)
        seen.clear()
        with torch.inference_mode():
            module(x, sample_rate=RATE)
        stream = module.stream(RATE)
        stream(x)
        stream(x[..., :7])
        assert len(set(seen)) == len(seen) / 3


def test_results_given_to_the_user_are_his_own() -> None:
    module, chain, fir = fx.LowPass(700.0), fx.LowPass(700.0) | fx.Peak(gain_db=3.0), fx.FIR([0.5, 0.25])
    expected = [outcome(made) for made in (module, chain, fir)]
    for result in (module.sos(RATE), chain.sos(RATE), fir.kernel(RATE), fir.ba(RATE)[0], fir.sos(RATE)):
        result.numpy()[...] *= 2
    for made, before in zip((module, chain, fir), expected, strict=True):
        assert torch.equal(outcome(made), before)  # type: ignore[arg-type]


def test_copies_pickles_and_states_hold_nothing_of_it() -> None:
    module, fresh = fx.LowPass(700.0) | fx.Butterworth(), fx.LowPass(700.0) | fx.Butterworth()
    outcome(module)
    assert [vars(part).keys() for part in module.modules()] == [vars(part).keys() for part in fresh.modules()]
    assert module.state_dict().keys() == fresh.state_dict().keys()
    assert len(pickle.dumps(module)) == len(pickle.dumps(fresh))
    for other in (copy.deepcopy(module), pickle.loads(pickle.dumps(module)), copy.copy(module[0])):
        part = other[0] if isinstance(other, fx.Chain) else other
        part.cutoff = 300.0
        assert_answers_like_a_new_one(other)
        assert_answers_like_a_new_one(module)


def test_memory_is_bounded_and_freed_with_the_module() -> None:
    def count() -> tuple[int, ...]:
        gc.collect()
        return len(design_inputs._RECORDS), len(design_cache._DERIVED), len(design_cache._KEPT)

    before = count()
    module = fx.LowPass(torch.tensor([300.0, 900.0], dtype=torch.float64)) | fx.Peak(gain_db=3.0)
    for number in range(3 * MAX_RESULTS):
        module(X.expand(2, 2, 96), sample_rate=RATE + number)
    record = inputs_of(module[0], torch_environment())
    assert record is not None
    assert len(record.results) <= MAX_RESULTS
    assert len(record.checked) <= MAX_RESULTS
    assert len(design_cache._DERIVED[module]) <= MAX_RESULTS
    for _ in range(20):
        module[0].cutoff = float(torch.rand(()) * 1000 + 100)
        module(X, sample_rate=RATE)
    assert len(design_cache._KEPT) - before[2] < 4 * MAX_RESULTS
    gone = ref(module[0])
    del module, record
    assert count() == before
    assert gone() is None


# -- gradients, transforms and modes --------------------------------------------------------------------------------


def gradients(module: fx.Module, x: Tensor) -> list[Tensor]:
    inputs = [*module.parameters(), x]
    return list(torch.autograd.grad(module(x, sample_rate=RATE).square().sum(), inputs))


def learned_chain() -> fx.Chain:
    cutoff = nn.Parameter(torch.tensor(900.0, dtype=torch.float64))
    return fx.Chain(fx.LowPass(cutoff), fx.Butterworth(3000.0), fx.FIR(nn.Parameter(torch.tensor([0.5, 0.2]))))


def test_gradients_are_those_of_a_module_that_keeps_nothing() -> None:
    x = X.clone().requires_grad_()
    expected = gradients(learned_chain(), x)
    chain = learned_chain()
    with torch.no_grad():
        outcome(chain)
    with torch.inference_mode():
        outcome(chain, X.clone())
    for _ in range(2):
        found = gradients(chain, x)
        assert all(torch.equal(a, b) for a, b in zip(found, expected, strict=True))
    frozen = learned_chain().requires_grad_(False)
    with torch.inference_mode():
        outcome(frozen, X.clone())
    (grad,) = torch.autograd.grad(frozen(x, sample_rate=RATE).square().sum(), x)
    torch.testing.assert_close(grad, expected[-1])
    assert [value.requires_grad for value in gradients_of_values(chain, x)] == [True] * 3


def gradients_of_values(module: fx.Module, x: Tensor) -> list[Tensor]:
    inputs = [*module.parameters(), x]
    return list(torch.autograd.grad(module(x, sample_rate=RATE).square().sum(), inputs, create_graph=True))


def test_a_value_with_a_graph_is_designed_for_each_call() -> None:
    corner = torch.tensor(900.0, dtype=torch.float64, requires_grad=True)
    module = fx.LowPass(corner * 2)
    for _ in range(2):
        (grad,) = torch.autograd.grad(module(X, sample_rate=RATE).square().sum(), corner, retain_graph=True)
        assert float(grad) != 0
    record = inputs_of(module, torch_environment())
    assert record is not None
    assert not record.results


def test_transforms_neither_read_nor_fill_it() -> None:
    module = fx.LowPass(900.0) | fx.Butterworth(3000.0)
    outcome(module)
    corners = torch.tensor([300.0, 900.0, 2000.0], dtype=torch.float64)

    def output(cutoff: Tensor) -> Tensor:
        return torch.func.functional_call(module, {"0.cutoff": cutoff}, (X, RATE))

    mapped = torch.func.vmap(output)(corners)
    for cutoff, y in zip(corners, mapped, strict=True):
        expected = (fx.LowPass(float(cutoff)) | fx.Butterworth(3000.0))(X, sample_rate=RATE)
        torch.testing.assert_close(y, expected, rtol=1e-9, atol=1e-12)
    slope = torch.func.grad(lambda c: output(c).square().sum())(corners[1])
    _, forward = torch.func.jvp(lambda c: output(c).square().sum(), (corners[1],), (torch.ones_like(corners[1]),))
    torch.testing.assert_close(slope, forward, rtol=1e-8, atol=1e-12)
    assert_answers_like_a_new_one(module)
    assert torch.equal(output(corners[0]), (fx.LowPass(300.0) | fx.Butterworth(3000.0))(X, sample_rate=RATE))


class Recording(TorchDispatchMode):
    """A mode as in tracing: it sees every operation."""

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]
        return func(*args, **(kwargs or {}))


class Observing(TorchFunctionMode):
    """A mode that sees every call of a function of torch."""

    def __torch_function__(self, func, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]
        return func(*args, **(kwargs or {}))


def test_under_a_mode_that_sees_all_operations_a_design_is_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = count_designs(monkeypatch, fx.LowPass)
    module = fx.LowPass(900.0)
    outcome(module)
    for mode in (Recording(), Observing()):
        with mode:
            outcome(module)
            outcome(module)
    outcome(module)
    assert len(seen) == 5


def test_defaults_of_torch_that_affect_a_design_are_noticed() -> None:
    class Constant(fx.Recursive):
        def design(self, sample_rate: float) -> Tensor:
            return torch.tensor([[1 / 3, 0.0, 0.0, 1.0, 0.0, 0.0]])

    module, x = Constant(), X.float()
    single = module(x, sample_rate=RATE).double()
    torch.set_default_dtype(torch.float64)
    try:
        assert module._sos(RATE).dtype == torch.float64
        assert not torch.equal(module(X, sample_rate=RATE), single)
    finally:
        torch.set_default_dtype(torch.float32)
    assert module._sos(RATE).dtype == torch.float32
    with torch.device("meta"):
        assert module._sos(RATE).is_meta
    assert not module._sos(RATE).is_meta


# -- threads --------------------------------------------------------------------------------------------------------


def test_a_value_that_changes_during_a_design_leaves_no_stale_design(monkeypatch: pytest.MonkeyPatch) -> None:
    reached, go_on = threading.Event(), threading.Event()
    plain = fx.LowPass.design

    def slow(self: fx.LowPass, rate: float) -> Tensor:
        if threading.current_thread() is worker:
            reached.set()
            assert go_on.wait(30)
        return plain(self, rate)

    module = fx.LowPass(900.0)
    worker = threading.Thread(target=outcome, args=(module,))
    monkeypatch.setattr(fx.LowPass, "design", slow)
    for change in ("q", "cutoff"):
        reached.clear(), go_on.clear()
        worker = threading.Thread(target=outcome, args=(module,))
        module.sample_rate = None
        module.cutoff = 901.0 if change == "q" else 902.0
        worker.start()
        assert reached.wait(30)
        before = getattr(module, change)
        setattr(module, change, before * 1.5)
        setattr(module, change, before)  # so that the values after the design are those before it
        go_on.set()
        worker.join()
        assert_answers_like_a_new_one(module)


def test_threads_that_set_and_call_get_the_output_of_a_value_that_was_set() -> None:
    module, corners = fx.LowPass(300.0) | fx.Peak(500.0, 3.0), (300.0, 900.0, 2700.0)
    outputs = [(fx.LowPass(c) | fx.Peak(500.0, 3.0))(X, sample_rate=RATE) for c in corners]
    wrong: list[Tensor] = []

    def work(seed: int) -> None:
        draw = random.Random(seed)
        for _ in range(60):
            module[0].cutoff = draw.choice(corners)
            y = module(X, sample_rate=RATE)
            if not any(torch.equal(y, expected) for expected in outputs):
                wrong.append(y)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert_answers_like_a_new_one(module)
