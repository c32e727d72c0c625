"""`Row`: a call of another tool, the call in fxlab that replaces it, and how the two are compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from scipy import signal

import fxlab as fx
from fxlab import augment

RATE = 48_000
SOUND = np.random.default_rng(1).standard_normal(4800) * 0.01
IMPULSE_RESPONSE = np.exp(-np.arange(400) / 80.0) * np.random.default_rng(2).standard_normal(400)
B, A = signal.butter(3, 0.2)


@dataclass(frozen=True)
class Row:
    """A row of a table.

    `theirs` is the call as it is written with the other tool; it is evaluated where the tool is a Python package that
    the tests import. Elsewhere `reference` is the same calculation with SciPy. A row that has neither, or
    whose `tolerance` is None, is only run: the filters behind the two calls differ, and `note` says how.
    """

    theirs: str
    ours: str
    reference: str = ""
    tolerance: float | None = 1e-9
    note: str = ""


def names(**more: Any) -> dict[str, Any]:
    """Return the names that the calls of another tool use: `x` is a NumPy array of one channel."""
    return {
        "np": np,
        "torch": torch,
        "signal": signal,
        "fs": RATE,
        "x": SOUND,
        "h": IMPULSE_RESPONSE,
        "b": B,
        "a": A,
        "sos": signal.butter(4, 2000, fs=RATE, output="sos"),
        "zpk": signal.cheby1(4, 1, 0.2, output="zpk"),
        "f": np.array([20.0, 100.0, 1000.0, 5000.0, 20_000.0]),
        **more,
    }


def our_names() -> dict[str, Any]:
    """Return the names that the calls of fxlab use: `x` is a tensor `(channels, time)`."""
    x = torch.from_numpy(SOUND)[None]
    return names(fx=fx, augment=augment, x=x, stereo=torch.cat([x, x.flip(-1)]))


def array(value: Any) -> np.ndarray:
    """Return a result as an array without axes of length 1."""
    if isinstance(value, fx.Signal):
        value = value.samples
    if isinstance(value, torch.Tensor):
        value = value.detach().numpy()
    return np.squeeze(np.asarray(value))


def difference(row: Row, theirs: dict[str, Any]) -> float | None:
    """Run both calls of a row; return the largest relative difference, or None without a reference.

    `theirs` are the names of the other tool; empty where it cannot be imported.
    """
    ours = eval(row.ours, our_names())
    call = row.reference or (row.theirs if theirs else "")
    if not call or row.tolerance is None:
        return None
    expected, found = array(eval(call, theirs or names())), array(ours)
    if expected.shape != found.shape:
        raise AssertionError(f"{row.ours}: {found.shape} is not the shape {expected.shape} of {call}")
    return float(np.abs(found - expected).max() / max(1e-12, np.abs(expected).max()))
