"""What a call promises, held for every public processor: exact gradients, examples apart, purity, blocks."""

from __future__ import annotations

import itertools

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

import fxlab as fx
from tests.support.specimens import (
    ACROSS_CHANNELS,
    LONG_DELAYS,
    MIN_SAMPLES,
    NOT_STREAMING,
    ONE_VALUE,
    QUIET_INPUT,
    RATE,
    STAIRCASE,
    ZERO_GRADIENT,
    all_params,
    can_stream,
    classes_with_params,
    mark_slow,
    output_shape,
    params_of,
    public_classes,
    random_values,
    specimens,
    unlinked,
    value_at,
)

CLASSES = public_classes()
SPECIMENS = specimens()
BY_CHANNEL = [name for name in classes_with_params() if name not in ACROSS_CHANNELS]
# The resampler follows from the value, so that it must be known.
WITHOUT_VMAP = {
    ("FeedbackDelayNetwork", "size"),
    ("PitchShift", "semitones"),
    ("Speed", "rate"),
    ("TimeStretch", "rate"),
}
MAX_CORNERS = 3**4  # of the sliders that a test tries; of more than four sliders it tries some
STREAMING = [name for name, make in SPECIMENS.items() if can_stream(make())]


def noise(*shape: int, dtype: torch.dtype = torch.float64) -> Tensor:
    return torch.randn(*shape, dtype=dtype)


@pytest.mark.parametrize("name", mark_slow(SPECIMENS))
def test_any_shape_any_float(name):
    made = SPECIMENS[name]()
    shapes = [(50,), (1, 50), (2, 50), (3, 2, 50), (2, 3, 2, 50), (1, 1), (2, 0)]
    for shape, dtype in itertools.product(shapes, (torch.float64, torch.float32, torch.bfloat16, torch.float16)):
        x = noise(*shape).to(dtype)
        y = made(x, sample_rate=RATE)
        assert y.shape == output_shape(name, x.shape)
        assert y.dtype == dtype
        if dtype == torch.float32:
            exact = made(x.double(), sample_rate=RATE)
            torch.testing.assert_close(y.double(), exact, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", mark_slow(SPECIMENS))
def test_a_call_is_pure(name):
    made = SPECIMENS[name]()
    x = noise(2, 300)
    given_x, state = x.clone(), {key: value.clone() for key, value in made.state_dict().items()}
    text = repr(made)
    first = made(x, sample_rate=RATE)
    if can_stream(made):
        made.stream(RATE)(noise(2, 17))
    second = made(x, sample_rate=RATE)
    assert torch.equal(first, second)
    assert torch.equal(x, given_x)
    assert first.data_ptr() != x.data_ptr()
    assert repr(made) == text
    assert all(torch.equal(value, state[key]) for key, value in made.state_dict().items())


@pytest.mark.parametrize("name", mark_slow(SPECIMENS))
def test_signal_tensor_and_sequential_agree(name):
    made, fixed = SPECIMENS[name](), SPECIMENS[name](sample_rate=RATE)
    sound = fx.Signal(noise(2, 100), RATE)
    y = made(sound.samples, sample_rate=RATE)
    assert isinstance(made(sound), fx.Signal)
    assert (sound | made).sample_rate == made.output_rate(RATE)
    for other in (made(sound).samples, (sound | made).samples, made(sound.samples, RATE), fixed(sound.samples)):
        assert torch.equal(other, y)
    assert torch.equal(nn.Sequential(nn.Identity(), fixed)(sound.samples), y)
    assert torch.equal(torch.func.functional_call(made, made.state_dict(), (sound.samples, RATE)), y)


# -- parameters that differ -----------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("name", mark_slow(BY_CHANNEL))
@pytest.mark.parametrize("shape", [(3,), (3, 1), (3, 2), (1, 2)])
def test_values_that_differ_by_example_equal_a_loop(name, shape):
    kind, make = CLASSES[name], SPECIMENS[name]
    x = noise(3, 2, 80)
    places = {param: torch.rand(shape, dtype=torch.float64) for param in params_of(kind)}
    values = {param: value_at(declaration, places[param]) for param, declaration in params_of(kind).items()}
    at_once = unlinked(make(**values))(x, sample_rate=RATE)
    wide = {param: (v if v.ndim == 2 else v[:, None]).expand(3, 2) for param, v in values.items()}
    for example, channel in itertools.product(range(3), range(2)):
        alone = make(**{param: value[example, channel].item() for param, value in wide.items()})
        expected = alone(x[example, channel], sample_rate=RATE)
        torch.testing.assert_close(at_once[example, channel], expected, rtol=1e-10, atol=1e-12)
    assert make(**values)(x.float(), sample_rate=RATE).dtype == torch.float32  # float64 values promote nothing
    # Some differ, some do not; some by example, some also by channel.
    for param, value in values.items():
        mixed = unlinked(make(**{param: value}))(x, sample_rate=RATE)
        alone = make(**{param: wide[param][2, 1].item()})(x[2, 1], sample_rate=RATE)
        torch.testing.assert_close(mixed[2, 1], alone, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("name", mark_slow(sorted(ACROSS_CHANNELS & set(classes_with_params()) - ONE_VALUE)))
@pytest.mark.parametrize("shape", [(3,), (3, 1)])
def test_examples_that_differ_equal_a_loop_if_channels_are_not_processed_apart(name, shape):
    x = noise(3, 2, 80)
    places = {param: torch.rand(shape, dtype=torch.float64) for param in params_of(CLASSES[name])}
    values = {param: value_at(declaration, places[param]) for param, declaration in params_of(CLASSES[name]).items()}
    at_once = SPECIMENS[name](**values)(x, sample_rate=RATE)
    for example in range(3):
        alone = SPECIMENS[name](**{param: value.flatten()[example].item() for param, value in values.items()})
        torch.testing.assert_close(at_once[example], alone(x[example], sample_rate=RATE), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("name", mark_slow([name for name in BY_CHANNEL if len(params_of(CLASSES[name])) > 1]))
def test_one_value_by_example_and_another_by_channel_equal_a_loop(name):
    kind, make = CLASSES[name], SPECIMENS[name]
    x = noise(3, 2, 80)
    first, *_, last = params_of(kind).items()
    values = {param: value_at(declaration, torch.rand(3, 2).double()) for param, declaration in (first, last)}
    by_example, by_channel = values.values()
    some = unlinked(make(**dict(zip(values, (by_example[:, 0], by_channel), strict=True))))(x, sample_rate=RATE)
    alone = make(**dict(zip(values, (by_example[1, 0].item(), by_channel[1, 1].item()), strict=True)))
    torch.testing.assert_close(some[1, 1], alone(x[1, 1], sample_rate=RATE), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(("name", "param"), mark_slow(all_params()))
def test_a_shape_that_does_not_line_up_is_refused_by_name(name, param):
    value = value_at(CLASSES[name].declarations[param], 0.5)
    for shape, x in [((3,), noise(2, 1, 9)), ((2, 3), noise(2, 5)), ((2, 5), noise(2, 5)), ((4,), noise(4))]:
        made = SPECIMENS[name](**{param: torch.full(shape, value)})
        for run in (lambda made=made, x=x: made(x, sample_rate=RATE), lambda made=made, x=x: made.stream(RATE)(x)):
            with pytest.raises(fx.ParameterError) as caught:
                run()
            assert f"{name}: {param} has shape {shape}" in str(caught.value)
            assert str(tuple(x.shape)) in str(caught.value)


# -- gradients ------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", mark_slow([name for name in classes_with_params() if name not in {*LONG_DELAYS, *STAIRCASE}])
)
def test_gradients_are_exact_for_every_parameter_and_the_input(name):
    """In the slider's coordinate, where a step means the same for all of them."""
    kind, make = CLASSES[name], SPECIMENS[name]
    x = (noise(2, 1, MIN_SAMPLES.get(name, 24)) * QUIET_INPUT.get(name, 1.0)).requires_grad_()
    for shape in [(), (2,)]:
        places = [(0.15 + 0.7 * torch.rand(shape, dtype=torch.float64)).requires_grad_() for _ in params_of(kind)]

        def run(x: Tensor, *places: Tensor) -> Tensor:
            values = {p: value_at(d, place) for (p, d), place in zip(params_of(kind).items(), places, strict=True)}
            return make(**values)(x, sample_rate=RATE)

        assert torch.autograd.gradcheck(run, (x, *places), atol=1e-7, rtol=1e-5, fast_mode=True)
        grads = torch.autograd.grad(run(x, *places).square().sum(), places)
        for param, grad in zip(params_of(kind), grads, strict=True):
            if name in QUIET_INPUT and (name, param) not in ZERO_GRADIENT:
                continue
            assert bool((grad == 0).all() if (name, param) in ZERO_GRADIENT else (grad != 0).all()), param


@pytest.mark.slow
@pytest.mark.parametrize("name", mark_slow(classes_with_params()))
@pytest.mark.parametrize("rate", [8000.0, 48_000.0, 192_000.0])
def test_finite_with_finite_gradients_all_over_the_sliders(name, rate):
    kind, make = CLASSES[name], SPECIMENS[name]
    x = torch.sign(noise(1, 128, dtype=torch.float32))
    corners = torch.cartesian_prod(*[torch.tensor([0.0, 0.5, 1.0], dtype=torch.float64)] * len(params_of(kind)))
    corners = corners[torch.randperm(len(corners))[:MAX_CORNERS]]
    # One example for each corner; the lowest, the middle and the highest values of all once more as single numbers.
    batch = [] if name in ONE_VALUE else [corners.reshape(len(corners), -1)]
    for places in (*batch, *torch.tensor([[0.0], [0.5], [1.0]], dtype=torch.float64)):
        columns = [
            place.clone().requires_grad_()
            for place in places.expand(*places.shape[:-1], len(params_of(kind))).unbind(-1)
        ]
        values = {p: value_at(d, place, rate) for (p, d), place in zip(params_of(kind).items(), columns, strict=True)}
        y = make(**values)(x.expand(*places.shape[:-1], 1, 128), sample_rate=rate)
        grads = torch.autograd.grad(y.square().sum(), columns)
        finite = torch.stack([y.isfinite().all(-1).all(-1), *[grad.isfinite() for grad in grads]])
        assert bool(finite.all()), (places, finite)


@pytest.mark.parametrize("name", mark_slow([name for name, make in SPECIMENS.items() if not make().differentiable]))
def test_what_is_not_differentiable_gives_no_gradient_instead_of_a_wrong_one(name):
    y = SPECIMENS[name]()(noise(2, 20).requires_grad_(), sample_rate=RATE)
    assert not y.requires_grad


@pytest.mark.parametrize(
    "name", [name for name in SPECIMENS if SPECIMENS[name]().differentiable and name not in STAIRCASE]
)
def test_the_input_has_its_gradient_in_any_of_them(name):
    made = SPECIMENS[name]()
    assert torch.autograd.gradcheck(
        lambda x: made(x, sample_rate=RATE), (noise(2, 20).requires_grad_(),), atol=1e-7, rtol=1e-5, fast_mode=True
    )


@pytest.mark.parametrize(("name", "param"), mark_slow(all_params()))
def test_functional_call_stands_in_for_a_parameter(name, param):
    made, x = SPECIMENS[name](), noise(1, 40)
    value = value_at(CLASSES[name].declarations[param], torch.tensor(0.3, dtype=torch.float64))
    y = torch.func.functional_call(made, {param: value}, (x,), {"sample_rate": RATE})
    torch.testing.assert_close(y, SPECIMENS[name](**{param: value})(x, sample_rate=RATE), rtol=0, atol=0)
    assert getattr(made, param) == CLASSES[name].declarations[param].default


@pytest.mark.slow
@pytest.mark.parametrize(("name", "param"), mark_slow([pair for pair in all_params() if pair not in WITHOUT_VMAP]))
def test_vmap_over_a_parameter_equals_a_loop(name, param):
    made, x = SPECIMENS[name](), noise(1, 40)
    values = value_at(CLASSES[name].declarations[param], torch.tensor([0.2, 0.5, 0.8], dtype=torch.float64))

    def run(value: Tensor) -> Tensor:
        return torch.func.functional_call(made, {param: value}, (x,), {"sample_rate": RATE})

    at_once = torch.vmap(run)(values)
    torch.testing.assert_close(at_once, torch.stack([run(value) for value in values]), rtol=1e-10, atol=1e-12)
    slope = torch.func.jacfwd(run)(values[0])  # forward mode gives the same derivative as backward mode
    torch.testing.assert_close(slope, torch.func.jacrev(run)(values[0]), rtol=1e-8, atol=1e-12)


# -- blocks ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", mark_slow(STREAMING))
@settings(max_examples=8)
@given(cuts=st.lists(st.integers(0, 400), max_size=4), seed=st.integers(0, 1000))
def test_blocks_of_any_size_equal_one_call(name, cuts, seed):
    kind = CLASSES.get(name)
    made = SPECIMENS[name](**random_values(kind, seed)) if kind else SPECIMENS[name]()
    x = noise(2, 400)
    whole = made(x, sample_rate=RATE)
    stream = made.stream(RATE)
    edges = [0, *sorted(cuts), 400]
    blocks = [stream(x[:, a:b]) for a, b in itertools.pairwise(edges)]
    y = torch.cat([*blocks, stream.flush()], -1)
    torch.testing.assert_close(y, whole, rtol=1e-9, atol=1e-9 * float(whole.abs().max()))


@pytest.mark.parametrize("name", mark_slow([n for n in classes_with_params() if n not in NOT_STREAMING | ONE_VALUE]))
def test_a_stream_of_examples_that_differ(name):
    kind = CLASSES[name]
    values = {p: value_at(d, torch.rand(3, 1, dtype=torch.float64)) for p, d in params_of(kind).items()}
    made = SPECIMENS[name](**values)
    for x in (noise(3, 2, 90), noise(1, 1, 90)):  # the second becomes three
        stream = made.stream(RATE)
        y = torch.cat([stream(x[..., :31]), stream(x[..., 31:]), stream.flush()], -1)
        torch.testing.assert_close(y, made(x, sample_rate=RATE), rtol=1e-9, atol=1e-9)
