"""The attack and the release time of modules that follow a level: followers and dynamics processors."""

from __future__ import annotations

from fxlab.module.parameters.param import Param


def attack(doc: str, default: float = 10.0) -> Param:
    """Declare an attack time, a time constant in ms."""
    return Param(default, low=0.1, high=200.0, unit="ms", scale="log", at_least=0.0, doc=doc)


def release(doc: str, default: float = 100.0) -> Param:
    """Declare a release time, a time constant in ms."""
    return Param(default, low=5.0, high=2000.0, unit="ms", scale="log", at_least=0.0, doc=doc)
