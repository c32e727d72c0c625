"""`Watch`: who is told when a value or a stage of a module is set, as a panel is that shows it.

A change says that something was set, not what: whoever is told looks for itself, when it has the time. Nothing is said
of what happens within a tensor: an optimizer's step changes learned parameters in place.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary, ref

if TYPE_CHECKING:
    from fxlab.module.parameters.owner import ParameterOwner

# While it is held, garbage may be collected on the same thread, and a panel among it stops following.
_LOCK = threading.RLock()
_WATCHED: WeakKeyDictionary[ParameterOwner, tuple[ref[Watch], ...]] = WeakKeyDictionary()


class Watch:
    """Calls `told` whenever something is set on one of the modules that it follows; whoever wants it keeps it.

    `told` is called on the thread that set it, which may be a training loop: it is to return at once, and not to raise.

    >>> from fxlab.filters import LowPass
    >>> seen, lowpass = [], LowPass()
    >>> watch = Watch(lambda: seen.append(lowpass.cutoff))
    >>> watch.follow([lowpass])
    >>> lowpass.cutoff = 500.0
    >>> watch.close()
    >>> lowpass.cutoff = 600.0
    >>> seen
    [500.0]
    """

    def __init__(self, told: Callable[[], None]) -> None:
        self.told = told
        self._followed: tuple[ref[ParameterOwner], ...] = ()

    def follow(self, modules: Iterable[ParameterOwner]) -> None:
        """Follow these from now on, and no others."""
        wanted = {id(module): module for module in modules}
        with _LOCK:
            for left in (found for held in self._followed if (found := held()) is not None):
                if wanted.pop(id(left), None) is not None:
                    wanted[id(left)] = left  # it is followed already
                    continue
                others = tuple(one for one in _WATCHED.get(left, ()) if one() not in (self, None))
                if others:
                    _WATCHED[left] = others
                else:
                    _WATCHED.pop(left, None)
            for module in wanted.values():
                present = _WATCHED.get(module, ())
                if all(one() is not self for one in present):
                    _WATCHED[module] = (*present, ref(self))
            self._followed = tuple(ref(module) for module in wanted.values())

    def close(self) -> None:
        """Follow nothing any more."""
        self.follow(())


def changed(module: ParameterOwner) -> None:
    """Tell those who watch it; where nobody watches anything, as in a training job, it costs next to nothing."""
    if not _WATCHED:
        return
    for one in _WATCHED.get(module, ()):
        watch = one()
        if watch is not None:
            watch.told()
