"""A rectangular room: where its reflections are, reverberation times, streams, gradients."""

import math

import pytest
import torch

import fxlab as fx
from tests.support.reflections import reflections
from tests.support.reverberation import reverberation_time

RATE = 16_000


def response(room: fx.Room, length: int = 8000, rate: float = RATE) -> torch.Tensor:
    x = torch.zeros(1, length, dtype=torch.float64)
    x[0, 0] = 1.0
    return room(x, sample_rate=rate)[0]


def test_all_reflections_up_to_the_third_order_are_where_they_should_be():
    size, at, ears = (5.0, 4.1, 2.7), (0.22, 0.41, 0.53), (0.71, 0.62, 0.44)
    room = fx.Room(*size, 0.36, 1.0, *at, *ears, order=3)
    source, listener = ([f * s for f, s in zip(part, size, strict=True)] for part in (at, ears))
    expected = torch.zeros(8000, dtype=torch.float64)
    centroid = torch.zeros_like(expected)
    images = reflections(size, source, listener, 3)
    assert len(images) == 63
    for distance, count in images:
        expected[0] += 0.8**count / distance  # the sum of the weights of the interpolation is 1
        centroid[0] += 0.8**count / distance * distance / 343 * RATE
    h = response(room)
    assert h.sum().item() == pytest.approx(expected[0].item(), rel=1e-9)
    assert (h * torch.arange(8000)).sum().item() == pytest.approx(centroid[0].item(), rel=1e-9)
    nearest, _ = min(images)
    assert abs(int(h.abs().argmax()) - nearest / 343 * RATE) <= 1


def test_walls_that_absorb_everything_leave_the_direct_sound():
    room = fx.Room(4.0, 4.0, 4.0, 1.0, 1.0, 0.5, 0.25, 0.5, 0.5, 0.75, 0.5, order=10)
    h = response(room)
    assert h.sum().item() == pytest.approx(0.5)  # 2 m away
    assert (h.abs() > 1e-12).nonzero()[0].item() == pytest.approx(2 / 343 * RATE, abs=3)


def test_the_formulas_of_sabine_and_eyring():
    room = fx.Room(10.0, 8.0, 3.0, 0.2)
    volume, surface = 240.0, 2 * (80 + 30 + 24)
    assert room.sabine_s().item() == pytest.approx(0.161 * volume / (0.2 * surface))
    assert room.eyring_s().item() == pytest.approx(0.161 * volume / (-surface * math.log(0.8)))


def test_the_energy_decays_as_the_density_of_images_predicts():
    """E. Lehmann, A. Johansson, JASA 124(1), 2008: the mean over all directions of the energy after all reflections.

    It begins with the slope of Eyring's formula, and becomes less steep, since sound between distant walls lasts
    longer. At low frequencies the images add in phase, so that their energies do not add.
    """
    room = fx.Room(5.0, 4.4, 3.9, 0.4, 1.0, order=40)
    directions = torch.randn(20_000, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    walls = (directions / directions.norm(dim=-1, keepdim=True)).abs() @ (1 / torch.tensor([5.0, 4.4, 3.9]).double())
    time = torch.arange(8000, dtype=torch.float64) / RATE
    energy = torch.stack([(0.6 ** (343 * t * walls)).mean() for t in time[::8]])
    slope = 10 * torch.log10(energy[20] / energy[0]) / time[160]
    assert -60 / slope.item() == pytest.approx(room.eyring_s().item(), rel=0.05)
    predicted = reverberation_time(energy.sqrt(), RATE / 8, -5, -25)
    h = fx.Butterworth(2000.0, 4, "highpass")(response(room)[None], sample_rate=RATE)[0]
    assert reverberation_time(h, RATE, -5, -25) == pytest.approx(predicted, rel=0.1)


def test_the_microphones_are_apart():
    room = fx.Room(source_x=0.5, source_y=0.1, source_z=0.5, listener_x=0.5, listener_y=0.6, listener_z=0.5, order=0)
    room.spacing_m = 0.343
    x = torch.zeros(2, 400, dtype=torch.float64)
    x[:, 0] = 1.0
    y = room(x, sample_rate=RATE)
    places = [(channel * torch.arange(400)).sum() / channel.sum() for channel in y]
    assert (places[1] - places[0]).item() == pytest.approx(RATE / 1000)


@pytest.mark.slow
@pytest.mark.parametrize("size", [7, 512, 3000])
@pytest.mark.parametrize("options", [{}, {"tail": "ring"}, {"tail": "ring", "mix": fx.LFO(5.0, 0.2, 0.9)}])
def test_blocks_equal_one_call(size, options):
    room, x = fx.Room(order=6, **options), torch.randn(2, 3000, dtype=torch.float64)
    stream = room.stream(RATE)
    y = torch.cat([*(stream(block) for block in x.split(size, -1)), stream.flush()], -1)
    torch.testing.assert_close(y, room(x, sample_rate=RATE), rtol=0, atol=1e-9)


def test_a_stream_follows_its_parameters_or_refuses_the_state():
    room, x = fx.Room(order=1), torch.randn(1, 2000, dtype=torch.float64)
    stream = room.stream(RATE)
    stream(x)
    room.absorption = 0.9
    expected = room(torch.cat([x, x], -1), sample_rate=RATE)[..., 2000:]
    torch.testing.assert_close(stream(x), expected, rtol=0, atol=1e-9)
    room.order = 2
    with pytest.raises(fx.SignalError, match=r"Room: .* number of its taps changed from .*; start a new stream"):
        stream(x)
    room.order = 1
    stream.sample_rate = 2 * RATE
    with pytest.raises(fx.SignalError, match=r"Room: .* number of its taps changed"):
        stream(x)


def test_gradients_are_exact_and_examples_apart():
    x = torch.randn(2, 1, 60, dtype=torch.float64)
    x[..., 10:] = 0
    values = {
        "length_m": [2.0, 2.3],
        "absorption": [0.3, 0.6],
        "source_x": [0.2, 0.41],
        "listener_y": [0.71, 0.6],
        "mix": [0.5, 0.9],
    }
    tensors = [torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in values.values()]

    def run(*parameters):
        return fx.Room(**dict(zip(values, parameters, strict=True)), order=2)(x, sample_rate=4000)

    assert torch.autograd.gradcheck(run, tensors)
    alone = fx.Room(**{name: value[1] for name, value in values.items()}, order=2)(x[1], sample_rate=4000)
    torch.testing.assert_close(run(*tensors)[1], alone)


def test_impossible_rooms_are_refused():
    for values, message in (
        ({"length_m": 0.0}, "length_m is 0 m"),
        ({"absorption": 1.2}, r"absorption is 1\.2"),
        ({"source_x": 1.0}, "source_x is 1; it must be above 0 and below 1"),
        ({"order": -1}, "order is -1"),
    ):
        with pytest.raises(fx.ParameterError, match=message):
            fx.Room(**values)
