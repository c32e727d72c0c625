"""`order_by_default`: the order of a filter whose coefficients have no values, as under `vmap` or in a graph."""

from __future__ import annotations

import torch

from fxlab.engine.torch_support.tracing import outside_of_graphs
from fxlab.module import Chain, LinearAnalysis, Param, Recursive
from fxlab.module.checks import not_recordable
from fxlab.module.parameters.active_values import use_values


def order_by_default(module: LinearAnalysis, rate: float) -> int:
    """Return the order of a filter at a sample rate in Hz, without the values of its parameters.

    The result is the order with the default values of the parameters, or twice the number of sections where these do
    not determine it.

    Raises:
        FxlabError: PyTorch records a graph, and the order depends on the values of an array.
    """
    if isinstance(module, Chain):
        return sum(order_by_default(stage, rate) for stage in module._linear_stages())
    if not isinstance(module, Recursive):
        return 2 * module._sos(rate).shape[-2]
    own = {name: d for name, d in module.declarations.items() if isinstance(d, Param)}
    if len(own) < len(module.values()):  # arrays have no default that shows which sections are of first order
        if torch.compiler.is_compiling():
            raise not_recordable(
                "ZeroPhase",
                f"the length by which it extends the signal depends on the values of the {type(module).__name__}",
                'Give it a pad_length, or set padding="none".',
            )
        return 2 * module._sos(rate).shape[-2]
    with outside_of_graphs():
        defaults = {name: torch.tensor(d.default, dtype=torch.float64, device="cpu") for name, d in own.items()}
        with use_values(module, defaults):
            sos = module.design(rate)
        return 2 * sos.shape[-2] - min(int((sos[..., place] == 0).sum()) for place in (2, 5))
