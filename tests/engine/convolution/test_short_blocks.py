"""Short blocks convolved with NumPy: the same outputs as `convolve`, and every other case is left to it."""

import pytest
import torch

from fxlab.engine import convolve
from fxlab.engine.convolution.short_blocks import convolve_short_block


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("shape", [(1,), (64,), (2, 512), (2, 3, 17)])
@pytest.mark.parametrize("count", [1, 2, 101])
def test_outputs_equal_those_of_convolve(dtype, shape, count):
    inputs = torch.randn(*shape[:-1], shape[-1] + count - 1, dtype=dtype, generator=torch.Generator().manual_seed(1))
    taps = torch.randn(count, dtype=torch.float64, generator=torch.Generator().manual_seed(2))
    y = convolve_short_block(inputs, taps)
    assert y.dtype == dtype
    tolerance = 1e-12 if dtype == torch.float64 else 1e-5
    torch.testing.assert_close(y, convolve(inputs, taps)[..., count - 1 :], rtol=0, atol=tolerance)


@pytest.mark.parametrize(
    ("inputs", "taps"),
    [
        (torch.zeros(2, 1 << 16), torch.zeros(511)),
        (torch.zeros(64, 100), torch.zeros(3)),
        (torch.zeros(2, 100), torch.zeros(2, 3)),
        (torch.zeros(2, 100), torch.zeros(3, requires_grad=True)),
        (torch.zeros(2, 100, dtype=torch.float16), torch.zeros(3)),
        (torch.zeros(2, 100, device="meta"), torch.zeros(3, device="meta")),
        (torch.zeros(0, 100), torch.zeros(3)),
        (torch.zeros(2, 2), torch.zeros(3)),
    ],
)
def test_other_cases_are_left_to_convolve(inputs, taps):
    assert convolve_short_block(inputs, taps) is None
