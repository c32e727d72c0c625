"""A send: parallel buses with levels, beside the dry sound."""

import pytest
import torch

import fxlab as fx

RATE = 8000


def noise(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, dtype=torch.float64)


def test_each_bus_is_added_at_its_level():
    x, low, high = noise(2, 300), fx.LowPass(500.0), fx.HighPass(900.0)
    y = fx.Send(low, high, levels_db=[-6.0, -20.0])(x, sample_rate=RATE)
    wet = 10 ** (-6 / 20) * low(x, sample_rate=RATE) + 0.1 * high(x, sample_rate=RATE)
    torch.testing.assert_close(y, x + wet)
    torch.testing.assert_close(fx.Send(low, high, levels_db=[-6.0, -20.0], dry=False)(x, sample_rate=RATE), wet)
    both = fx.Send(low, high, levels_db=-20.0)(x, sample_rate=RATE)
    torch.testing.assert_close(both, x + 0.1 * (low(x, sample_rate=RATE) + high(x, sample_rate=RATE)))


def test_it_has_the_response_of_the_sum():
    send = fx.Send(fx.LowPass(500.0), levels_db=-6.0)
    frequencies = torch.tensor([100.0, 700.0, 2000.0])
    expected = 1 + 10 ** (-6 / 20) * fx.LowPass(500.0).response(frequencies, RATE)
    torch.testing.assert_close(send.response(frequencies, RATE), expected)
    assert not fx.Send(fx.Delay()).has_response


def test_levels_differ_by_example_and_have_gradients():
    levels = torch.tensor([[-6.0, -20.0], [0.0, -40.0]], dtype=torch.float64, requires_grad=True)
    x = noise(2, 1, 40)
    y = fx.Send(fx.LowPass(500.0), fx.HighPass(900.0), levels_db=levels)(x, sample_rate=RATE)
    alone = fx.Send(fx.LowPass(500.0), fx.HighPass(900.0), levels_db=[0.0, -40.0])(x[1], sample_rate=RATE)
    torch.testing.assert_close(y[1], alone)
    assert torch.autograd.gradcheck(
        lambda v: fx.Send(fx.LowPass(500.0), fx.HighPass(900.0), levels_db=v)(x, sample_rate=RATE), (levels,)
    )


def test_tails_of_buses_ring_on_in_one_call_and_in_a_stream():
    send = fx.Send(
        fx.Delay(delay_ms=3.0, mix=1.0, feedback=0.3, tail="ring"), fx.Reverb(0.3, mix=1.0), levels_db=[-3.0, -12.0]
    )
    x = noise(2, 700)
    whole = send(x, sample_rate=RATE)
    assert whole.shape[-1] == 700 + send.tail_samples(RATE) == 700 + 24 * 7
    for size in (7, 512):
        stream = send.stream(RATE)
        y = torch.cat([*(stream(block) for block in x.split(size, -1)), stream.flush()], -1)
        torch.testing.assert_close(y, whole, rtol=0, atol=1e-12)


def test_text_dictionary_and_errors():
    send = fx.Send(fx.Reverb(mix=1.0), fx.Delay(mix=1.0), levels_db=[-12.0, -18.0])
    assert repr(send) == "Send(Reverb(mix=1.0), Delay(mix=1.0), levels_db=[-12.0, -18.0])"
    again = fx.Module.from_dict(send.to_dict())
    assert repr(again) == repr(send) == repr(eval(repr(send), vars(fx)))
    assert len(send) == 2
    assert isinstance(send[1], fx.Delay)
    with pytest.raises(fx.ParameterError, match="levels_db has 3 values for 2 buses"):
        fx.Send(fx.Delay(), fx.Delay(), levels_db=[0.0, 0.0, 0.0])
    with pytest.raises(fx.ParameterError, match="at least one bus"):
        fx.Send()


def test_an_index_without_a_branch_is_named():
    for made, name in ((fx.Send(fx.Gain()), "Send has 1 branch"), (fx.Gain() + fx.Gain(), "Sum has 2 branches")):
        with pytest.raises(IndexError, match=f"{name}; there is no branch 5"):
            made[5]
