"""Whoever watches a module hears that something was set on it, and nothing else."""

from __future__ import annotations

import copy
import gc
import threading
import weakref

import torch

import fxlab as fx
from fxlab.module.parameters.observers import _WATCHED, Watch


def listening(*modules: fx.Module) -> tuple[Watch, list[str]]:
    heard: list[str] = []
    watch = Watch(lambda: heard.append(threading.current_thread().name))
    watch.follow(modules)
    return watch, heard


def test_everything_that_sets_a_value_is_heard():
    classical, chain = fx.Butterworth(), fx.LowPass() | fx.HighPass()
    equaliser = fx.GraphicEQ()
    watch, heard = listening(classical, chain, *chain, equaliser)
    changes = [
        lambda: setattr(classical, "order", 6),
        lambda: setattr(classical, "kind", "highpass"),
        lambda: setattr(chain[0], "cutoff", 500.0),
        lambda: setattr(chain[0], "q", torch.nn.Parameter(torch.tensor(2.0))),
        lambda: setattr(equaliser, "gains_db", [1.0] * 10),
        lambda: setattr(chain, "bypassed", {1}),
        lambda: chain.move(0, 1),
        lambda: setattr(classical, "sample_rate", 48_000.0),
        lambda: setattr(chain, "sample_rate", None),
        lambda: classical.load_state_dict(fx.Butterworth(order=6, kind="highpass", cutoff=50.0).state_dict()),
    ]
    for number, change in enumerate(changes):
        before = len(heard)
        change()
        assert len(heard) > before, f"change {number} was not heard"
    heard.clear()
    chain(torch.zeros(1, 9), sample_rate=8000)
    _ = repr(chain), chain.to_dict(), chain[0].cutoff, copy.deepcopy(chain), chain.to("cpu")
    assert heard == []
    watch.close()


def test_it_hears_of_those_that_it_follows_now():
    a, b = fx.LowPass(), fx.LowPass()
    first, of_first = listening(a)
    second, of_second = listening(a, b)
    a.cutoff = 1.0
    assert (len(of_first), len(of_second)) == (1, 1)
    second.follow([b, b])
    a.cutoff = 2.0
    b.cutoff = 3.0
    assert (len(of_first), len(of_second)) == (2, 2)
    copy.deepcopy(b).cutoff = 4.0
    assert len(of_second) == 2
    first.close()
    second.close()
    a.cutoff = 5.0
    assert (len(of_first), len(of_second)) == (2, 2)
    assert not {id(module) for module in _WATCHED} & {id(a), id(b)}


def test_it_keeps_nobody_alive():
    module = fx.LowPass()
    watch, heard = listening(module)
    gone = weakref.ref(module)
    del module
    gc.collect()
    assert gone() is None
    module = fx.LowPass()
    watch.follow([module])
    end = weakref.ref(watch)
    del watch
    gc.collect()
    assert end() is None
    module.cutoff = 300.0
    assert heard == []


def test_threads_that_set_and_follow_at_once():
    modules = [fx.LowPass() for _ in range(8)]
    watch, heard = listening(*modules)
    stop = threading.Event()

    def follow() -> None:
        while not stop.is_set():
            watch.follow(modules[:4])
            watch.follow(modules)

    thread = threading.Thread(target=follow)
    thread.start()
    for number in range(3000):
        modules[0].cutoff = 100.0 + number
    stop.set()
    thread.join()
    assert len(heard) == 3000  # the first is followed throughout
    watch.close()


def test_a_watch_may_end_while_another_begins_to_follow():
    """As a panel does that is collected as garbage just then, on the same thread."""
    left, _ = listening(fx.LowPass())
    module = fx.HighPass()

    def modules():
        left.close()
        yield module

    held = Watch(lambda: None)
    held.follow([fx.LowPass()])
    # The collector may run wherever something is made: here where the watch looks at what it followed.
    held._followed = (left.close, *held._followed)  # type: ignore[assignment]
    thread = threading.Thread(target=lambda: held.follow(modules()), daemon=True)
    thread.start()
    thread.join(10.0)
    assert not thread.is_alive()
    assert module in _WATCHED
