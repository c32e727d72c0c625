"""`convolve` against SciPy in float64, its gradients, PyTorch's transforms, and its errors."""

import numpy as np
import pytest
import scipy.signal
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from fxlab.engine import convolve
from fxlab.engine.convolution.frame_plan import choose_frame_plan
from fxlab.errors import EngineError


def reference(x: torch.Tensor, taps: torch.Tensor) -> np.ndarray:
    """Convolve row by row with SciPy in float64, and cut to the signal's length."""
    lead = torch.broadcast_shapes(x.shape[:-1], taps.shape[:-1])
    rows = x.expand(*lead, -1).reshape(-1, x.shape[-1]).double().numpy()
    kernels = taps.expand(*lead, -1).reshape(-1, taps.shape[-1]).double().numpy()
    method = "direct" if x.shape[-1] * taps.shape[-1] < 1e7 else "fft"
    pairs = zip(rows, kernels, strict=True)
    out = [scipy.signal.convolve(row, kernel, method=method)[: x.shape[-1]] for row, kernel in pairs]
    return np.stack(out).reshape(*lead, x.shape[-1])


def error_db(y: torch.Tensor, expected: np.ndarray) -> float:
    """Return the RMS of the difference over the RMS of the expected values, in dB."""
    difference = y.double().numpy() - expected
    return float(20 * np.log10(np.sqrt((difference**2).mean()) / np.sqrt((expected**2).mean()) + 1e-20))


@pytest.mark.parametrize("taps", [1, 2, 5, 17, 33, 34, 101, 513, 2047, 30_000, 50_000])
@pytest.mark.parametrize("length", [1, 2, 31, 1000, 48_000])
def test_matches_scipy(length: int, taps: int) -> None:
    generator = torch.Generator().manual_seed(length * 7919 + taps)
    x = torch.randn(2, length, dtype=torch.float64, generator=generator)
    h = torch.randn(taps, dtype=torch.float64, generator=generator)
    expected = reference(x, h)
    assert error_db(convolve(x, h), expected) < -270
    assert error_db(convolve(x.float(), h.float()), expected) < -115


@pytest.mark.parametrize("taps", [40, 600, 5000])
def test_as_many_signals_as_kernels_that_are_combined_with_one_another(taps: int) -> None:
    generator = torch.Generator().manual_seed(taps)
    x = torch.randn(2, 1, 20_000, dtype=torch.float64, generator=generator)
    h = torch.randn(2, taps, dtype=torch.float64, generator=generator)
    assert error_db(convolve(x, h), reference(x, h)) < -270


@settings(max_examples=60, deadline=None)
@given(
    length=st.integers(1, 3000),
    taps=st.integers(1, 600),
    lead=st.sampled_from(
        [((), ()), ((), (3,)), ((3,), ()), ((2, 3), (3,)), ((2, 1), (3,)), ((2, 3), (2, 1)), ((4,), (4,))]
    ),
    seed=st.integers(0, 2**31),
)
def test_any_length_and_leading_dims(
    length: int, taps: int, lead: tuple[tuple[int, ...], tuple[int, ...]], seed: int
) -> None:
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(*lead[0], length, dtype=torch.float64, generator=generator)
    h = torch.randn(*lead[1], taps, dtype=torch.float64, generator=generator)
    y = convolve(x, h)
    assert y.shape == (*torch.broadcast_shapes(lead[0], lead[1]), length)
    np.testing.assert_allclose(y.numpy(), reference(x, h), atol=1e-11)


@pytest.mark.parametrize("taps", [3, 33, 200])
def test_impulse_gives_the_taps_and_an_impulse_response_delays(taps: int) -> None:
    h = torch.linspace(1.0, 2.0, taps)
    impulse = torch.zeros(1000)
    impulse[100] = 1.0
    y = convolve(impulse, h)
    torch.testing.assert_close(y[100 : 100 + taps], h)
    assert y[:100].abs().max() < 1e-6
    assert y[100 + taps :].abs().max() < 1e-6


@pytest.mark.parametrize("taps", [1, 5, 200, 3000])
@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_non_finite_sample_affects_only_outputs_that_depend_on_it(taps: int, value: float) -> None:
    generator = torch.Generator().manual_seed(8)
    x = torch.randn(2, 9000, generator=generator)
    h = torch.randn(taps, generator=generator)
    clean = convolve(x, h)
    x[0, 4000] = value
    y = convolve(x, h)
    assert not y[0, 4000 : 4000 + taps].isfinite().any()
    torch.testing.assert_close(y[1], clean[1])
    torch.testing.assert_close(y[0, :4000], clean[0, :4000], rtol=1e-4, atol=1e-4)
    assert y[0, 4000 + taps :].isfinite().all()


def test_finite_samples_may_have_an_infinite_sum_or_an_infinite_output() -> None:
    x = torch.full((4,), 3e38)
    assert convolve(x, torch.tensor([0.5])).tolist() == (0.5 * x).tolist()
    assert convolve(x, torch.tensor([2.0, 1.0])).isposinf().all()


def test_many_rows_and_long_signals_over_several_tiles() -> None:
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(30, 60_000, generator=generator)
    shared, per_row = torch.randn(101, generator=generator), torch.randn(30, 101, generator=generator)
    assert error_db(convolve(x, shared), reference(x, shared)) < -115
    assert error_db(convolve(x, per_row), reference(x, per_row)) < -115


@pytest.mark.slow
@pytest.mark.parametrize(
    ("x_shape", "taps_shape"),
    [((2, 7), (3,)), ((2, 3, 40), (3, 20)), ((2, 1, 5), (3, 9)), ((150,), (2, 70)), ((90,), (120,))],
)
def test_gradients_first_order(x_shape: tuple[int, ...], taps_shape: tuple[int, ...]) -> None:
    generator = torch.Generator().manual_seed(2)
    x = torch.randn(x_shape, dtype=torch.float64, generator=generator, requires_grad=True)
    h = torch.randn(taps_shape, dtype=torch.float64, generator=generator, requires_grad=True)
    is_long = x.numel() > 60  # then derivatives in one random direction are compared, and not each by itself
    assert torch.autograd.gradcheck(convolve, (x, h), check_forward_ad=True, fast_mode=is_long)


@pytest.mark.slow
@pytest.mark.parametrize(("x_shape", "taps_shape"), [((2, 7), (3,)), ((2, 1, 5), (3, 9)), ((2, 60), (2, 50))])
def test_gradients_second_order(x_shape: tuple[int, ...], taps_shape: tuple[int, ...]) -> None:
    generator = torch.Generator().manual_seed(3)
    x = torch.randn(x_shape, dtype=torch.float64, generator=generator, requires_grad=True)
    h = torch.randn(taps_shape, dtype=torch.float64, generator=generator, requires_grad=True)
    assert torch.autograd.gradgradcheck(convolve, (x, h))


@pytest.mark.parametrize(
    ("length", "taps"), [(20_000, 20), (20_000, 700), (30_000, 9000), (9000, 30_000), (200_000, 70_000)]
)
def test_long_gradients_match_one_large_transform(length: int, taps: int) -> None:
    generator = torch.Generator().manual_seed(4)
    x = torch.randn(2, length, dtype=torch.float64, generator=generator, requires_grad=True)
    h = torch.randn(taps, dtype=torch.float64, generator=generator, requires_grad=True)
    weight = torch.randn(2, length, dtype=torch.float64, generator=generator)
    ours = torch.autograd.grad((convolve(x, h) * weight).sum(), (x, h))
    size = length + taps
    plain = torch.fft.irfft(torch.fft.rfft(x, size) * torch.fft.rfft(h, size), size)[:, :length]
    theirs = torch.autograd.grad((plain * weight).sum(), (x, h))
    for gradient, expected in zip(ours, theirs, strict=True):
        assert error_db(gradient, expected.numpy()) < -270


def test_float32_tap_gradient_over_a_minute_stays_exact() -> None:
    generator = torch.Generator().manual_seed(5)
    x = torch.randn(2_000_000, generator=generator)
    h = torch.randn(101, generator=generator, requires_grad=True)
    convolve(x, h).sum().backward()
    expected = np.array([x[: len(x) - k].double().sum() for k in range(101)])
    assert h.grad is not None
    assert error_db(h.grad, expected) < -100


def test_vmap_grad_and_hessian() -> None:
    generator = torch.Generator().manual_seed(6)
    x = torch.randn(4, 2, 50, generator=generator)
    h = torch.randn(9, 4, generator=generator)
    mapped = torch.func.vmap(convolve, in_dims=(0, 1))(x, h)
    torch.testing.assert_close(mapped, convolve(x, h.T[:, None]))

    def energy(signal: torch.Tensor, kernel: torch.Tensor) -> torch.Tensor:
        return convolve(signal, kernel).square().sum()

    per_example = torch.func.vmap(torch.func.grad(energy, argnums=(0, 1)))(x, h.T)
    for i in range(4):
        one = torch.func.grad(energy, argnums=(0, 1))(x[i], h[:, i])
        torch.testing.assert_close(per_example[0][i], one[0], rtol=1e-4, atol=1e-4)
        torch.testing.assert_close(per_example[1][i], one[1], rtol=1e-4, atol=1e-4)
    curvature = torch.func.hessian(lambda kernel: energy(x[0], kernel))(h[:, 0])
    columns = torch.stack([convolve(x[0], torch.eye(9)[k]).flatten() for k in range(9)])
    torch.testing.assert_close(curvature, 2 * columns @ columns.T, rtol=1e-4, atol=1e-3)


@pytest.mark.slow
def test_compiles_and_exports_as_one_operator() -> None:
    generator = torch.Generator().manual_seed(9)
    x = torch.randn(2, 300, generator=generator, requires_grad=True)
    h = torch.randn(40, generator=generator, requires_grad=True)

    class Model(torch.nn.Module):
        def forward(self, x: torch.Tensor, h: torch.Tensor) -> torch.Tensor:
            return convolve(2 * x, h).sin()

    plain = Model()
    compiled = torch.compile(plain, backend="aot_eager", fullgraph=True)
    torch.testing.assert_close(compiled(x, h), plain(x, h))
    ours = torch.autograd.grad(compiled(x, h).sum(), (x, h))
    torch.testing.assert_close(ours, torch.autograd.grad(plain(x, h).sum(), (x, h)))
    lengths = {"x": {1: torch.export.Dim("time", min=2)}, "h": None}
    exported = torch.export.export(plain, (x, h), dynamic_shapes=lengths).module()
    longer = torch.randn(2, 5000, generator=generator)
    torch.testing.assert_close(exported(longer, h), plain(longer, h))
    mapped = torch.compile(torch.func.vmap(convolve, (0, None)), backend="aot_eager", fullgraph=True)
    torch.testing.assert_close(mapped(x, h), convolve(x, h))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_computes_in_float32(dtype: torch.dtype) -> None:
    x, h = torch.linspace(-1, 1, 3000).to(dtype), torch.ones(300).to(dtype) / 300
    y = convolve(x, h)
    assert y.dtype == dtype
    torch.testing.assert_close(y, convolve(x.float(), h.float()).to(dtype))


@pytest.mark.parametrize("taps", [5, 400])
def test_autocast_does_not_lower_the_precision(taps: int) -> None:
    generator = torch.Generator().manual_seed(7)
    x, h = torch.randn(3000, generator=generator), torch.randn(taps, generator=generator)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        y = convolve(x, h)
    torch.testing.assert_close(y, convolve(x, h))


def test_inputs_are_not_modified_and_may_have_any_strides() -> None:
    x = torch.arange(2000.0).reshape(1000, 2)
    copy, h = x.clone(), torch.tensor([1.0, -1.0])
    y = convolve(x.T, h)
    assert torch.equal(x, copy)
    torch.testing.assert_close(y, convolve(x.T.contiguous(), h))
    torch.testing.assert_close(convolve(x[::2, 0], h), convolve(x[::2, 0].contiguous(), h))


def test_empty_signal() -> None:
    h = torch.ones(3, requires_grad=True)
    y = convolve(torch.zeros(2, 0), h)
    assert y.shape == (2, 0)
    y.sum().backward()
    assert h.grad is not None
    assert torch.equal(h.grad, torch.zeros(3))
    assert convolve(torch.zeros(0, 5), torch.ones(2)).shape == (0, 5)


@pytest.mark.parametrize(
    ("x", "taps", "message"),
    [
        (torch.zeros(4), torch.zeros(0), "at least one tap"),
        (torch.tensor(1.0), torch.ones(2), "no dimensions"),
        (torch.zeros(4, dtype=torch.int64), torch.ones(2), "int64"),
        (torch.zeros(4), torch.ones(2, dtype=torch.complex64), "complex64"),
        (torch.zeros(4, dtype=torch.float64), torch.ones(2), "float32 and x is torch.float64"),
        (torch.zeros(3, 4), torch.ones(2, 2), r"\(3, 4\).*\(2, 2\)"),
        (torch.zeros(4), torch.ones(2, device="meta"), "meta"),
        ([1.0, 2.0], torch.ones(2), "list"),
    ],
)
def test_errors_name_the_value(x: torch.Tensor, taps: torch.Tensor, message: str) -> None:
    with pytest.raises(EngineError, match=message):
        convolve(x, taps)


def test_plan_is_direct_for_short_kernels_and_an_fft_for_long_ones() -> None:
    assert choose_frame_plan(1_000_000, 3).n_fft == 0
    assert choose_frame_plan(1_000_000, 101).n_fft > 0
    assert choose_frame_plan(1_000_000, 2047).n_fft >= 4096
    assert choose_frame_plan(441_000, 132_300).partitions > 1
    for length, taps in ((1, 1), (10, 200), (3000, 3000), (100_000, 50_000)):
        plan = choose_frame_plan(length, taps)
        partition = taps if plan.partitions == 1 else plan.block
        assert plan.partitions * partition >= taps
        assert plan.n_fft == 0 or partition + plan.block - 1 <= plan.n_fft


@pytest.mark.parametrize("place", [0, 10, 5000, 30_000])
def test_a_gradient_that_is_not_finite_reaches_exactly_the_samples_before_it(place):
    """Also if the sample lies in a frame that only later partitions of the kernel use."""
    samples, taps = 60_000, 20_000  # in five partitions
    x = torch.randn(1, samples, dtype=torch.float64, requires_grad=True)
    y = convolve(x, torch.randn(taps, dtype=torch.float64))
    g = torch.ones_like(y)
    g[0, place] = torch.nan
    (found,) = torch.autograd.grad(y, x, g)
    expected = torch.zeros(samples, dtype=torch.bool)
    expected[max(0, place - taps + 1) : place + 1] = True
    assert torch.equal(~found[0].isfinite(), expected)
