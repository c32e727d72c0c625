"""An observer of modules is notified when something is set on one of them, and only then."""

from __future__ import annotations

import copy
import gc
import threading
import weakref

import torch

import fxlab as fx
from fxlab.module.parameters.observers import _OBSERVERS, ParameterObserver


def observe(*modules: fx.Module) -> tuple[ParameterObserver, list[str]]:
    """An observer of `modules`, and the names of the threads that notified it."""
    notifications: list[str] = []
    observer = ParameterObserver(lambda: notifications.append(threading.current_thread().name))
    observer.observe(modules)
    return observer, notifications


def test_everything_that_sets_a_value_notifies():
    classical, chain = fx.Butterworth(), fx.LowPass() | fx.HighPass()
    equalizer = fx.GraphicEQ()
    observer, notifications = observe(classical, chain, *chain, equalizer)
    changes = [
        lambda: setattr(classical, "order", 6),
        lambda: setattr(classical, "kind", "highpass"),
        lambda: setattr(chain[0], "cutoff", 500.0),
        lambda: setattr(chain[0], "q", torch.nn.Parameter(torch.tensor(2.0))),
        lambda: setattr(equalizer, "gains_db", [1.0] * 10),
        lambda: setattr(chain, "bypassed", {1}),
        lambda: chain.move(0, 1),
        lambda: classical.load_state_dict(fx.Butterworth(order=6, kind="highpass", cutoff=50.0).state_dict()),
    ]
    for number, change in enumerate(changes):
        before = len(notifications)
        change()
        assert len(notifications) > before, f"change {number} sent no notification"
    notifications.clear()
    chain(torch.zeros(1, 9), sample_rate=8000)
    _ = repr(chain), chain.to_dict(), chain[0].cutoff, copy.deepcopy(chain), chain.to("cpu")
    assert notifications == []
    observer.close()


def test_only_the_modules_of_the_last_call_are_observed():
    a, b = fx.LowPass(), fx.LowPass()
    first, of_first = observe(a)
    second, of_second = observe(a, b)
    a.cutoff = 1.0
    assert (len(of_first), len(of_second)) == (1, 1)
    second.observe([b, b])
    a.cutoff = 2.0
    b.cutoff = 3.0
    assert (len(of_first), len(of_second)) == (2, 2)
    copy.deepcopy(b).cutoff = 4.0
    assert len(of_second) == 2
    first.close()
    second.close()
    a.cutoff = 5.0
    assert (len(of_first), len(of_second)) == (2, 2)
    assert not {id(module) for module in _OBSERVERS} & {id(a), id(b)}


def test_neither_modules_nor_observers_are_kept_alive():
    module = fx.LowPass()
    observer, notifications = observe(module)
    module_reference = weakref.ref(module)
    del module
    gc.collect()
    assert module_reference() is None
    module = fx.LowPass()
    observer.observe([module])
    observer_reference = weakref.ref(observer)
    del observer
    gc.collect()
    assert observer_reference() is None
    module.cutoff = 300.0
    assert notifications == []


def test_values_set_on_one_thread_while_another_calls_observe():
    modules = [fx.LowPass() for _ in range(8)]
    observer, notifications = observe(*modules)
    stop = threading.Event()

    def observe_again() -> None:
        while not stop.is_set():
            observer.observe(modules[:4])
            observer.observe(modules)

    thread = threading.Thread(target=observe_again)
    thread.start()
    for number in range(3000):
        modules[0].cutoff = 100.0 + number
    stop.set()
    thread.join()
    assert len(notifications) == 3000  # the first module is observed throughout
    observer.close()


def test_an_observer_may_close_while_another_begins_to_observe():
    """A panel does this when it is garbage collected at that moment, on the same thread."""
    closing, _ = observe(fx.LowPass())
    module = fx.HighPass()

    def modules():
        closing.close()
        yield module

    observer = ParameterObserver(lambda: None)
    observer.observe([fx.LowPass()])
    # The collector may run wherever an object is made: here it runs where the observer reads its previous modules.
    observer._observed = (closing.close, *observer._observed)  # type: ignore[assignment]
    thread = threading.Thread(target=lambda: observer.observe(modules()), daemon=True)
    thread.start()
    thread.join(10.0)
    assert not thread.is_alive()
    assert module in _OBSERVERS
