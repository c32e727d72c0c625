"""The contract of every public feature: pure, in batches and blocks, with gradients; extremes, dictionaries."""

from __future__ import annotations

import pytest
import torch

import fxlab as fx
from tests.support.feature_families import FEATURES
from tests.support.feature_references import sound
from tests.support.features_page import has_exact_gradients, stream_difference, written

pytestmark = pytest.mark.filterwarnings("ignore:.*bands are empty")
OF_SOUND = [name for name, family in FEATURES.items() if family.make().takes_sound]
STREAMING = [name for name, family in FEATURES.items() if family.streams is not None]
WITH_GRADIENT = [name for name, family in FEATURES.items() if family.gradient == "checked"]


def feature_classes() -> dict[str, type[fx.Module]]:
    """All public Modules that give or take features."""
    found = {name: getattr(fx, name) for name in fx.__all__}
    kinds = {name: kind for name, kind in found.items() if isinstance(kind, type) and issubclass(kind, fx.Module)}
    return {n: k for n, k in kinds.items() if not (k.gives_sound and k.takes_sound) and not k.is_abstract()}


def test_every_feature_has_a_reference_and_a_row_in_the_table():
    assert set(feature_classes()) == set(FEATURES) == set(written())
    assert not [row for row in written().values() if "NO" in row.split("|")]


@pytest.mark.parametrize("name", FEATURES)
def test_a_call_is_pure_and_a_batch_gives_the_features_of_its_examples(name):
    family = FEATURES[name]
    module, x = family.make(), family.input(torch.float32)
    before = x.clone()
    y = module(x, sample_rate=family.rate)
    assert torch.equal(y, module(x, sample_rate=family.rate))
    assert torch.equal(x, before)
    if name != "GriffinLim":  # its phases depend on the shape
        batch = module(torch.stack([x, 0.5 * x]), sample_rate=family.rate)
        assert torch.allclose(batch[0], y, rtol=1e-4, atol=1e-4 * float(y.abs().max()))
        assert batch.shape == (2, *y.shape)


@pytest.mark.parametrize("name", FEATURES)
def test_each_example_has_the_feature_of_its_own_values(name):
    family = FEATURES[name]
    x = family.input(torch.float64)
    batch = torch.stack([x, 0.5 * x])
    for parameter, declaration in family.make().continuous.items():
        default = float(declaration.default)
        values = [default, 0.8 * default or 20.0]
        try:
            y = family.make(**{parameter: torch.tensor(values, dtype=torch.float64)})(batch, sample_rate=family.rate)
        except fx.ParameterError as error:
            assert "has several values" in str(error)  # noqa: PT017
            continue
        for index, value in enumerate(values):
            alone = family.make(**{parameter: value})(batch[index], sample_rate=family.rate)
            assert y[index].shape == alone.shape
            assert torch.allclose(y[index], alone, rtol=1e-6, atol=1e-6 * float(alone.abs().max()))  # of float64


@pytest.mark.parametrize("name", STREAMING)
def test_blocks_give_the_same_frames_as_one_call(name):
    assert stream_difference(FEATURES[name]) < 1e-10


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("name", [name for name in STREAMING if name in OF_SOUND])
def test_all_blocks_have_the_dtype_and_the_values_of_one_call(name, dtype):
    family = FEATURES[name]
    module, x = family.make(**family.streams), family.input(torch.float32).to(dtype)
    stream = module.stream(family.rate)
    blocks = [stream(x[..., :3001]), stream(x[..., 3001:]), stream.flush()]
    whole = module(x, sample_rate=family.rate)
    assert [block.dtype for block in blocks] == [whole.dtype] * 3
    joined = torch.cat(blocks, -1)
    error, size = (joined - whole).abs().max(), whole.abs().max()
    assert float(error) <= 2 * torch.finfo(dtype).eps * float(size)  # a step of the rounding to the dtype


@pytest.mark.parametrize("name", WITH_GRADIENT)
def test_gradients_of_input_and_parameters_agree_with_finite_differences(name):
    assert has_exact_gradients(FEATURES[name])


@pytest.mark.parametrize("name", OF_SOUND)
def test_silence_dc_eight_channels_and_192_khz(name):
    module = FEATURES[name].make()
    for level in (0.0, 1.0):
        x = torch.full((8, 9000), level, requires_grad=True)
        y = module(x, sample_rate=192_000 if name != "PitchTrack" else 48_000)
        values = torch.view_as_real(y) if y.is_complex() else y
        assert torch.isfinite(values).all()
        assert y.shape[0] == 8
        if values.requires_grad:
            values.sum().backward()
            assert torch.isfinite(x.grad).all()


@pytest.mark.parametrize("name", OF_SOUND)
def test_a_single_sample_is_a_frame_or_an_error_that_says_what_to_do(name):
    module = FEATURES[name].make()
    modes = getattr(module, "pad_mode", "constant")
    if modes == "reflect":
        with pytest.raises(fx.SignalError, match=r"the sound has 1 samples.*pad_mode='constant'"):
            module(torch.ones(1, 1), sample_rate=16_000)
        module.pad_mode = "constant"
    assert module(torch.ones(1, 1), sample_rate=16_000).shape[-1] == 1


@pytest.mark.parametrize("name", FEATURES)
def test_dictionary_repr_and_card(name):
    module = feature_classes()[name]()
    assert repr(module) == f"{name}()"
    again = fx.Module.from_dict(module.to_dict())
    assert repr(again) == repr(module)


@pytest.mark.parametrize("name", OF_SOUND)
def test_a_signal_gives_a_feature_with_axes_that_fit(name):
    signal = fx.Signal(sound(torch.float32), 16_000)
    module = FEATURES[name].make()
    feature = signal | module
    assert isinstance(feature, fx.Feature)
    assert feature.data.shape[0] == 2
    assert feature.frame_rate == pytest.approx(module.output_rate(16_000))
    times = feature.time.values
    assert torch.allclose(times.diff(), torch.full_like(times[1:], 1 / feature.frame_rate))
    assert torch.equal(
        feature.data.squeeze(-2) if not module.has_rows else feature.data, module(signal.samples, 16_000)
    )
    if feature.limits is not None:
        low, high = feature.limits
        assert low < high
    assert torch.isfinite(feature.levels()).any()
