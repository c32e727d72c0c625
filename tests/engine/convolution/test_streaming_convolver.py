"""`StreamingConvolver` against `convolve` on the complete signal: any blocks, any kernel, no latency."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.functional import pad

from fxlab.engine import StreamingConvolver, convolve
from fxlab.errors import EngineError
from tests.support.signals import noise


def run_stream(stream: StreamingConvolver, x: torch.Tensor, sizes: list[int]) -> torch.Tensor:
    parts = [stream(block) for block in x.split(sizes, -1)]
    assert [part.shape[-1] for part in parts] == sizes
    return torch.cat([*parts, stream.flush()], -1)


def full_convolution(x: torch.Tensor, taps: torch.Tensor) -> torch.Tensor:
    """Convolve to the full length, which is that of the stream's blocks and its flush."""
    return convolve(pad(x, (0, taps.shape[-1] - 1)), taps)


@settings(max_examples=40, deadline=None)
@given(
    taps=st.one_of(st.integers(1, 200), st.integers(201, 6000)),
    sizes=st.lists(st.one_of(st.integers(0, 70), st.integers(500, 3000)), max_size=12),
    block=st.sampled_from([None, 1, 64, 100, 512]),
    seed=st.integers(0, 2**31),
)
def test_any_blocks_equal_one_shot(taps: int, sizes: list[int], block: int | None, seed: int) -> None:
    x, h = noise(2, sum(sizes), seed=seed), noise(taps, seed=seed + 1)
    y = run_stream(StreamingConvolver(h, block), x, sizes) if sizes else None
    if y is not None and sum(sizes):
        torch.testing.assert_close(y, full_convolution(x, h), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_three_seconds_of_response_at_blocks_of_512(dtype: torch.dtype) -> None:
    decay = torch.exp(-torch.arange(132_300, dtype=torch.float64) / 20_000)
    h, x = (noise(2, 132_300) * decay / 100).to(dtype), noise(2, 512 * 60, seed=1).to(dtype)
    y, expected = run_stream(StreamingConvolver(h), x, [512] * 60), full_convolution(x.double(), h.double())
    error = (y.double() - expected).square().mean().sqrt() / expected.square().mean().sqrt()
    assert 20 * torch.log10(error) < (-120 if dtype == torch.float32 else -280)


def test_no_latency() -> None:
    h = noise(5000)
    stream = StreamingConvolver(h, 512)
    impulse = torch.zeros(1, dtype=torch.float64)
    impulse[0] = 1.0
    got = [stream(impulse if n == 0 else torch.zeros(1, dtype=torch.float64)).item() for n in range(1200)]
    torch.testing.assert_close(torch.tensor(got, dtype=torch.float64), h[:1200])


def test_leading_dimensions_broadcast() -> None:
    x, h = noise(3, 1, 2000), noise(2, 300, seed=1)
    y = run_stream(StreamingConvolver(h), x, [300] * 6 + [200])
    torch.testing.assert_close(y, full_convolution(x, h), rtol=1e-9, atol=1e-9)


def test_half_precision_streams_in_float32() -> None:
    x, h = noise(1000).half(), noise(100, seed=1).half() / 10
    stream = StreamingConvolver(h)
    y = torch.cat([stream(block) for block in x.split(250)])
    assert y.dtype == torch.float16
    torch.testing.assert_close(y, convolve(x, h), rtol=1e-3, atol=1e-3)


def test_flush_and_reset_begin_again() -> None:
    x, h = noise(1000), noise(400, seed=1)
    stream = StreamingConvolver(h)
    first = run_stream(stream, x, [500, 500])
    torch.testing.assert_close(run_stream(stream, x, [1000]), first)
    stream(x)
    stream.reset()
    torch.testing.assert_close(stream(x), convolve(x, h), rtol=1e-9, atol=1e-9)
    assert torch.equal(StreamingConvolver(h).flush(), torch.zeros(399, dtype=torch.float64))


def test_later_blocks_do_not_change_an_output() -> None:
    x, h = noise(3, 512), noise(3000, seed=1)
    stream = StreamingConvolver(h)
    first = stream(x)
    copy = first.clone()
    stream(x)
    stream(x)
    assert torch.equal(first, copy)


@pytest.mark.parametrize(
    ("block", "message"),
    [
        (torch.zeros(3, 64), r"\(3,\).*began with.*\(2,\)"),
        (torch.zeros(2, 64, dtype=torch.float64), "float32 and x is torch.float64"),
        (torch.zeros(2, 64, dtype=torch.int32), "int32"),
        (torch.zeros(2, 64, device="meta"), "meta"),
        (torch.tensor(0.0), "no dimensions"),
    ],
)
def test_errors_name_the_value(block: torch.Tensor, message: str) -> None:
    stream = StreamingConvolver(torch.ones(10))
    stream(torch.zeros(2, 64))
    with pytest.raises(EngineError, match=message):
        stream(block)


def test_no_taps_and_empty_block_raise() -> None:
    with pytest.raises(EngineError, match="at least one tap"):
        StreamingConvolver(torch.zeros(2, 0))
    with pytest.raises(EngineError, match="block is 0"):
        StreamingConvolver(torch.ones(2), 0)


@pytest.mark.parametrize(("taps", "blocks"), [(torch.float16, torch.float16), (torch.float32, torch.bfloat16)])
def test_the_decay_has_the_dtype_of_the_blocks(taps: torch.dtype, blocks: torch.dtype) -> None:
    stream = StreamingConvolver(torch.tensor([1.0, 0.5], dtype=taps))
    stream(torch.ones(4, dtype=blocks))
    assert torch.equal(stream.flush(), torch.tensor([0.5], dtype=blocks))
