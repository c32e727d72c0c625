"""Gradients for a state space compared with PyTorch's autograd through the same matrices."""

import pytest
import torch

from fxlab.engine.recursion.matrices.block_gradients import BlockGradients, state_space_gradients
from fxlab.engine.recursion.matrices.block_matrices import block_matrices, transition_matrix
from fxlab.engine.recursion.matrices.state_space import StateSpace
from tests.support.signals import noise


@pytest.mark.parametrize("filters", [(), (3,)])
@pytest.mark.parametrize(("length", "partial"), [(1, 0), (2, 1), (8, 5), (16, 7)])
def test_gradients_equal_those_of_autograd(filters, length, partial):
    n = 3
    leaves = StateSpace(
        0.4 * noise(*filters, n, n),
        noise(*filters, n, seed=1),
        noise(*filters, n, seed=2),
        noise(*filters, 1, seed=3)[..., 0],
    )
    for leaf in leaves:
        leaf.requires_grad_()
    block = block_matrices(leaves, length)
    outputs = [block.H, block.O, block.R, block.squares[-1]]
    if partial:
        outputs.append(transition_matrix(block, partial))
    grads = [noise(*output.shape, seed=2 + number) for number, output in enumerate(outputs)]
    expected = torch.autograd.grad(outputs, list(leaves), grads)
    space = StateSpace(*(leaf.detach().numpy() for leaf in leaves))
    arrays = [grad.numpy() for grad in grads]
    step = (partial, arrays[4]) if partial else None
    found = state_space_gradients(space.C, block_matrices(space, length), BlockGradients(*arrays[:4]), step)
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(torch.as_tensor(one), other, rtol=1e-12, atol=1e-12)
