"""Values are read where PyTorch has them, through the wrappers of gradients too, and not under `vmap`."""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.engine.torch_support.known_values import (
    all_true,
    any_true,
    numpy_values,
    scalar_value,
    unwrap_gradients,
    unwrap_transforms,
)


def read(x: Tensor) -> list[object]:
    values = numpy_values(x)
    return [any_true(x > 2), all_true(x > 0), scalar_value(x.sum()), None if values is None else values.tolist()]


def test_values_of_a_plain_tensor_are_read():
    assert read(torch.tensor([1.0, 3.0])) == [True, True, 4.0, [1.0, 3.0]]
    assert read(torch.tensor([-1.0, 2.0], requires_grad=True)) == [False, False, 1.0, [-1.0, 2.0]]


def test_values_under_a_gradient_transform_are_read():
    seen = []

    def energy(x: Tensor) -> Tensor:
        seen.append(read(x))
        assert unwrap_gradients(x).tolist() == unwrap_transforms(x).tolist() == [1.0, 3.0]
        return x.square().sum()

    x = torch.tensor([1.0, 3.0])
    torch.func.grad(energy)(x)
    torch.func.jvp(energy, (x,), (torch.ones_like(x),))
    assert seen == [[True, True, 4.0, [1.0, 3.0]]] * 2


def test_values_under_vmap_are_unknown():
    seen = []

    def energy(x: Tensor) -> Tensor:
        seen.append(read(x))
        assert unwrap_gradients(x) is x
        assert unwrap_transforms(x).tolist() == [[1.0, 3.0], [5.0, 7.0]]
        return x.square().sum()

    torch.vmap(energy)(torch.tensor([[1.0, 3.0], [5.0, 7.0]]))
    assert seen == [[False, False, None, None]]
