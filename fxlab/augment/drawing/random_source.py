"""Random numbers that are determined by a seed, the worker process and the number of the call."""

from __future__ import annotations

import secrets
import sys
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from fxlab.engine.torch_support.tracing import outside_of_transforms
from fxlab.errors import ParameterError
from fxlab.signal.samples import is_integer

WORKERS = 256
"""The number of counters: one for the main process and 255 for the workers; further workers share the last one."""


class RandomNumbers:
    """A sequence of random numbers for one call, which is the same on every platform and device.

    Args:
        key: Whole numbers that determine the sequence.
        path: Further whole numbers that determine it, such as the step and the index of a part of a container.
        auditioned: Whether the numbers are for an `Audition`, so that augmentations with a seed of their own, frozen
            ones and those after `eval()` draw from them too.
        always: Whether every `p` counts as 1.

    Source:
        J. K. Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011: Philox.

    >>> RandomNumbers((7, 0, 0)).uniform(2).equal(RandomNumbers((7, 0, 0)).uniform(2))
    True
    """

    def __init__(
        self, key: tuple[int, ...], path: tuple[int, ...] = (), *, auditioned: bool = False, always: bool = False
    ) -> None:
        self.key, self.path, self.auditioned, self.always = key, path, auditioned, always
        self._bits = np.random.Philox(np.random.SeedSequence(_words(key), spawn_key=path))

    def uniform(self, count: int) -> Tensor:
        """Return the next `count` numbers from 0 (included) to 1 (excluded), `(count,)`, in float64."""
        return torch.from_numpy(self.array(count))

    def array(self, count: int) -> NDArray[np.float64]:
        """Return the next `count` numbers as `uniform` does, but as an array."""
        shares: NDArray[np.float64] = np.multiply(self._bits.random_raw(count) >> np.uint64(11), 2.0**-53)
        return shares

    def integer(self) -> int:
        """Return the next number as a whole number from 0 to 2^63 − 1."""
        return int(self._bits.random_raw() >> np.uint64(1))

    def child(self, *numbers: int) -> RandomNumbers:
        """Return an independent sequence, which depends only on the key, the path and `numbers`."""
        path = (*self.path, *numbers)
        return RandomNumbers(self.key, path, auditioned=self.auditioned, always=self.always)


def _words(numbers: tuple[int, ...]) -> NDArray[np.uint32]:
    """Return the 32-bit words of whole numbers, the lowest of each first, as `SeedSequence` does in more time."""
    words = []
    for number in numbers:
        words.append(number & 0xFFFFFFFF)
        while number := number >> 32:
            words.append(number & 0xFFFFFFFF)
    return np.array(words, np.uint32)


class RandomSource:
    """The seed of an augmentation and the number of its calls in each process; the global generators are never used.

    In a worker of a `DataLoader` the random numbers also depend on the index of the worker. The counters of the calls
    are in shared memory: if the next epoch starts new workers, they continue the sequences of the previous ones.

    Args:
        seed: A whole number of at least 0; None for one from the operating system.
        owner: The name in error messages.

    Raises:
        ParameterError: The seed is not a whole number of at least 0.
    """

    def __init__(self, seed: int | None = None, owner: str = "RandomSource") -> None:
        if seed is not None and (isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or seed < 0):
            raise ParameterError(f"{owner}: seed is {seed!r}; it must be a whole number of at least 0, or None.")
        self.is_given = seed is not None
        self.seed = secrets.randbits(63) if seed is None else int(seed)
        self.counts: Tensor = torch.zeros(WORKERS, dtype=torch.int64).share_memory_()  # type: ignore[no-untyped-call]

    def next_call(self) -> RandomNumbers:
        """Count a call in this process, and return the random numbers for it."""
        worker = worker_index()
        slot = min(worker, WORKERS - 1)
        with outside_of_transforms():
            counts = self.counts.numpy()  # shares the memory, and is read in a tenth of the time
            count = int(counts[slot])
            counts[slot] = count + 1
        return RandomNumbers((self.seed, worker, count))

    def restart(self) -> None:
        """Set the numbers of calls to 0 in all processes, so that the sequence of random numbers begins again."""
        with outside_of_transforms():
            self.counts.zero_()

    def state(self) -> dict[str, Any]:
        """Return the seed, whether it was given, and the counters above 0, as a dictionary that JSON can represent."""
        counts = {str(slot): count for slot, count in enumerate(self.counts.tolist()) if count}
        return {"seed": self.seed, "seed_is_given": self.is_given, "calls": counts}

    def load(self, state: dict[str, Any]) -> None:
        """Restore the seed and the counters from `state`, a dictionary that `RandomSource.state` returned.

        Raises:
            ParameterError: `state` is not such a dictionary.
        """
        try:
            seed, calls = state["seed"], {int(slot): int(count) for slot, count in state.get("calls", {}).items()}
            is_valid = is_integer(seed) and seed >= 0
            is_valid &= all(0 <= slot < WORKERS and 0 <= count < 2**63 for slot, count in calls.items())
        except (KeyError, TypeError, ValueError, AttributeError):
            is_valid = False
        if not is_valid:
            raise ParameterError(
                "The state of an augmentation must hold 'seed', a whole number of at least 0, and 'calls', the numbers "
                f"of the calls by process, not {state!r}."
            )
        self.seed, self.is_given = seed, bool(state.get("seed_is_given", True))
        with outside_of_transforms():
            self.counts.zero_()
            for slot, count in calls.items():
                self.counts[slot] = count

    def __deepcopy__(self, memo: dict[int, Any]) -> RandomSource:
        made = RandomSource(self.seed)
        made.is_given = self.is_given
        made.counts.copy_(self.counts)
        return made


def worker_index() -> int:
    """Return 1, 2, … in the workers of a `DataLoader`, and 0 in any other process."""
    if "torch.utils.data" not in sys.modules:
        return 0
    from torch.utils.data import get_worker_info

    info = get_worker_info()
    return 0 if info is None else info.id + 1
