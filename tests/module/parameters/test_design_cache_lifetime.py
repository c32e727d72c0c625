"""Which designs a module keeps and for how long: calls, copies, gradients, modes of PyTorch, and threads."""

from __future__ import annotations

import copy
import gc
import pickle
import random
import threading
from weakref import ref

import pytest
import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

import fxlab as fx
from fxlab.engine.recursion.prepared_sections import PreparedSections
from fxlab.module.lti import kept_sections
from fxlab.module.parameters import design_cache, design_inputs
from fxlab.module.parameters.design_inputs import MAX_RESULTS, inputs_of, torch_environment
from tests.support.design_outcome import X, assert_answers_like_a_new_one, count_designs, outcome
from tests.support.specimens import RATE

# -- what is kept, and for how long ---------------------------------------------------------------------------------


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
    for method in ("__call__", "filter_finite"):
        monkeypatch.setattr(PreparedSections, method, lambda kept, x, state=None: observed(x, kept.sos, state))
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
        assert len(set(seen)) == len(seen) / 3 > 0


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
        return (
            len(design_inputs._RECORDS),
            len(design_cache._DERIVED),
            len(design_cache._KEPT),
            len(kept_sections._RECORDS),
        )

    before = count()
    module = fx.LowPass(torch.tensor([300.0, 900.0], dtype=torch.float64)) | fx.Peak(gain_db=3.0)
    for number in range(3 * MAX_RESULTS):
        module(X.expand(2, 2, 96), sample_rate=RATE + number)
    record = inputs_of(module[0], torch_environment())
    assert record is not None
    assert len(record.results) <= MAX_RESULTS
    assert len(record.checked) <= MAX_RESULTS
    assert len(design_cache._DERIVED[module]) <= MAX_RESULTS
    for number in range(20):
        module(X, sample_rate=RATE + number % 2)
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
