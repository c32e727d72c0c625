"""`Sum`: modules in parallel, `a + b`; and what a weighted sum of branches answers about itself."""

from __future__ import annotations

import math
import warnings
from abc import abstractmethod
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from fxlab.errors import ParameterError
from fxlab.module.lti import LTI
from fxlab.module.module import Module
from fxlab.module.wrap import wrap


class Parallel(LTI):
    """Branches that hear the same input and are added, each with a weight; `Sum` and `Mix` are the two."""

    @abstractmethod
    def _branches(self) -> list[tuple[Tensor | float, Module | None]]:
        """`(weight, module)` of each branch; a module of None is a plain wire."""

    @property
    def is_lti(self) -> bool:  # type: ignore[override]
        """Whether every branch is linear and time-invariant."""
        return all(module is None or module.is_lti for _, module in self._branches())

    def _ready(self, sample_rate: float | None) -> float:
        for _, module in self._branches():
            if module is not None and not module.is_lti:
                raise ParameterError(
                    f"{self._name()}: its branch {module!r} is not linear and time-invariant, so the whole has "
                    "no response."
                )
        return super()._ready(sample_rate)

    def _response(self, frequencies: Tensor, rate: float) -> Tensor:
        total: Tensor | None = None
        for weight, module in self._branches():
            if isinstance(module, LTI):
                part = module._response(frequencies, rate)
            else:
                part = torch.ones(frequencies.shape, dtype=torch.complex128)
            scaled = _weigh(weight, part)
            total = scaled if total is None else total + scaled
        assert total is not None
        return total

    def _group_delay(self, frequencies: Tensor, rate: float) -> Tensor:
        # -d(phase)/d(omega) = -Im(H'/H), and H' from forward-mode differentiation is exact.
        per_radian = torch.full_like(frequencies, rate / (2 * math.pi))
        with warnings.catch_warnings():  # torch's own, of the first use of forward mode
            warnings.simplefilter("ignore", FutureWarning)
            pair = torch.func.jvp(lambda f: torch.view_as_real(self._response(f, rate)), (frequencies,), (per_radian,))
        response, slope = pair[0], pair[1]
        ratio = torch.view_as_complex(slope.contiguous()) / torch.view_as_complex(response.contiguous())
        return -ratio.imag

    def _roots(self, rate: float) -> tuple[Tensor, Tensor]:
        numerator, denominator = self._polynomials(rate)
        zeros = torch.from_numpy(np.roots(np.trim_zeros(numerator, "b")).astype(np.complex128))
        poles = torch.from_numpy(np.roots(np.trim_zeros(denominator, "b")).astype(np.complex128))
        return zeros, poles

    def _sos(self, rate: float) -> Tensor:
        from scipy.signal import tf2sos

        numerator, denominator = self._polynomials(rate)
        return torch.from_numpy(np.ascontiguousarray(tf2sos(numerator, denominator)))

    def _polynomials(self, rate: float) -> tuple[np.ndarray, np.ndarray]:
        """Numerator and denominator over a common denominator, in powers of 1/z. Detached: roots have no batch."""
        tops: list[np.ndarray] = []
        bottoms: list[np.ndarray] = []
        for weight, module in self._branches():
            factor = torch.as_tensor(weight).detach().to("cpu", torch.float64)
            if factor.ndim and factor.numel() > 1:
                raise ParameterError(f"{self._name()}: ask for roots and sections one example at a time.")
            top, bottom = np.ones(1), np.ones(1)
            if isinstance(module, LTI):
                sections = module._sos(rate).detach().cpu()
                if sections.ndim > 2:
                    raise ParameterError(f"{self._name()}: ask for roots and sections one example at a time.")
                for section in sections.numpy():
                    top, bottom = np.convolve(top, section[:3]), np.convolve(bottom, section[3:])
            tops.append(top * float(factor))
            bottoms.append(bottom)
        denominator = np.ones(1)
        for bottom in bottoms:
            denominator = np.convolve(denominator, bottom)
        numerator = np.zeros(len(denominator) + max(len(top) for top in tops))
        for number, top in enumerate(tops):
            product = top
            for other, bottom in enumerate(bottoms):
                if other != number:
                    product = np.convolve(product, bottom)
            numerator[: len(product)] += product
        return np.trim_zeros(numerator, "b") if numerator.any() else np.zeros(1), denominator


class Sum(Parallel):
    """Modules in parallel: `Sum(a, b)`, or `a + b`, adds what `a` and `b` make of the same input.

    Shape:
        `(time,)` or `(..., channels, time)`.

    >>> from fxlab.filters import HighPass, LowPass
    >>> both = LowPass(cutoff=200.0) + HighPass(cutoff=2000.0)
    >>> both
    LowPass(cutoff=200.0) + HighPass(cutoff=2000.0)
    >>> round(both.response([0.0], sample_rate=48_000).abs().item(), 6)
    1.0
    """

    def __init__(self, *branches: Any, sample_rate: float | None = None) -> None:
        super().__init__(sample_rate=sample_rate)
        if not branches:
            raise ParameterError("Sum needs at least one branch.")
        flat: list[Module] = []
        for branch in branches:
            module = branch if isinstance(branch, Module) else wrap(branch)
            if type(module) is Sum and module.sample_rate in (None, self.sample_rate):
                flat.extend(module)
            else:
                flat.append(module)
        for number, module in enumerate(flat):
            self.add_module(str(number), module)

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[Module]:
        return iter(self._modules.values())  # type: ignore[arg-type]

    def __getitem__(self, index: int) -> Module:
        return list(self)[index]

    def _branches(self) -> list[tuple[Tensor | float, Module | None]]:
        return [(1.0, branch) for branch in self]

    def forward(self, x: Tensor, sample_rate: float) -> Tensor:
        """Add what the branches give."""
        first, *rest = self
        y = first(x, sample_rate=sample_rate)
        for branch in rest:
            y = y + branch(x, sample_rate=sample_rate)
        return y

    def forward_block(self, x: Tensor, state: Any, sample_rate: float) -> tuple[Tensor, Any]:
        """Add what the branches give for the next block."""
        states = list(state) if state is not None else [None] * len(self)
        total: Tensor | None = None
        for number, branch in enumerate(self):
            y, states[number] = branch._advance(x, states[number], sample_rate)
            total = y if total is None else total + y
        assert total is not None
        return total, states

    def __repr__(self) -> str:
        if len(self) < 2 or self.sample_rate is not None:
            rate = [] if self.sample_rate is None else [f"sample_rate={self.sample_rate!r}"]
            return f"Sum({', '.join([*map(repr, self), *rate])})"
        return " + ".join(f"({branch!r})" if " | " in repr(branch) else repr(branch) for branch in self)


def _weigh(weight: Tensor | float, part: Tensor) -> Tensor:
    """`part` `(batch…, n)` times a weight of shape `()`, `(batch,)` or `(batch, channels)`."""
    if not isinstance(weight, Tensor) or weight.ndim == 0:
        return part * weight
    weight = weight.double()
    if part.ndim - 1 > weight.ndim:
        weight = weight.reshape(weight.shape + (1,) * (part.ndim - 1 - weight.ndim))
    return part * weight[..., None]
