"""`ParameterObserver`: a callback for changes of a module's values or stages, as for a panel that shows the module.

A notification does not contain the change; the observer reads the module again. Changes inside a tensor, such as an
optimizer's step, are not reported.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary, ref

if TYPE_CHECKING:
    from fxlab.module.parameters.owner import ParameterOwner

# Reentrant, because the garbage collector may run while this thread holds the lock, and close a panel's observer.
_LOCK = threading.RLock()
_OBSERVERS: WeakKeyDictionary[ParameterOwner, tuple[ref[ParameterObserver], ...]] = WeakKeyDictionary()
_latest_change = object()


class ParameterObserver:
    """An object that calls `on_change` whenever a value or the stages of an observed module change.

    `on_change` is called on the thread that set the value, which may be that of a training loop: it must return at once
    and not raise. Only a weak reference to the observer is kept, so the caller must keep the observer.

    >>> from fxlab.filters import LowPass
    >>> seen, lowpass = [], LowPass()
    >>> observer = ParameterObserver(lambda: seen.append(lowpass.cutoff))
    >>> observer.observe([lowpass])
    >>> lowpass.cutoff = 500.0
    >>> observer.close()
    >>> lowpass.cutoff = 600.0
    >>> seen
    [500.0]
    """

    def __init__(self, on_change: Callable[[], None]) -> None:
        self.on_change = on_change
        self._observed: tuple[ref[ParameterOwner], ...] = ()

    def observe(self, modules: Iterable[ParameterOwner]) -> None:
        """Observe exactly these modules; stop observing all others."""
        wanted = {id(module): module for module in modules}
        with _LOCK:
            for module in (found for reference in self._observed if (found := reference()) is not None):
                if wanted.pop(id(module), None) is not None:
                    wanted[id(module)] = module  # this module is observed already
                    continue
                others = tuple(observer for observer in _OBSERVERS.get(module, ()) if observer() not in (self, None))
                if others:
                    _OBSERVERS[module] = others
                else:
                    _OBSERVERS.pop(module, None)
            for module in wanted.values():
                present = _OBSERVERS.get(module, ())
                if all(observer() is not self for observer in present):
                    _OBSERVERS[module] = (*present, ref(self))
            self._observed = tuple(ref(module) for module in wanted.values())

    def close(self) -> None:
        """Stop observing all modules."""
        self.observe(())


def notify_changed(module: ParameterOwner) -> None:
    """Record a change, as `mark_change` does, and call `on_change` of every observer of `module`."""
    mark_change()
    if not _OBSERVERS:
        return
    for reference in _OBSERVERS.get(module, ()):
        observer = reference()
        if observer is not None:
            observer.on_change()


def mark_change() -> None:
    """Record that an attribute of a module has been set; `latest_change` then returns a different object."""
    global _latest_change  # noqa: PLW0603
    _latest_change = object()


def latest_change() -> object:
    """Return an object that identifies the latest recorded change of any module; each change has a new object."""
    return _latest_change
