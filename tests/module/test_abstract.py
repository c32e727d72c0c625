"""Abstract classes cannot be constructed: the error names the methods that are missing and what to do."""

from __future__ import annotations

import copy
import pickle

import pytest
import torch

import fxlab as fx
from fxlab.module import LinearAnalysis
from tests.support.teacher_modules import Tremolo

RATE = 8000.0
MISSING = {
    fx.Module: r"forward\(self, x, sample_rate\)",
    LinearAnalysis: r"forward\(self, x, sample_rate\)",
    fx.LTI: r"forward\(self, x, sample_rate\)",
    fx.Rational: r"forward\(self, x, sample_rate\)",
    fx.StatefulModule: r"forward_block\(self, x, state, sample_rate\)",
    fx.Recursive: r"design\(self, sample_rate\)",
    fx.Finite: r"design\(self, sample_rate\)",
    fx.Biquad: r"coefficients\(self, w, alpha\)",
    fx.Classical: r"prototype\(self\)",
    fx.FeatureModule: r"forward\(self, x, sample_rate\), describe\(self, sample_rate\), "
    r"frame_times\(self, frames, sample_rate\), hop\(self\)",
    fx.FeatureTransform: r"forward\(self, x, sample_rate\), describe_result\(self, feature, data\)",
    fx.Bank: r"design\(self, sample_rate\), layout\(self, sample_rate\)",
}


@pytest.mark.parametrize("cls", MISSING, ids=lambda cls: cls.__name__)
def test_an_abstract_class_says_what_it_lacks(cls):
    assert cls.is_abstract()
    says = rf"^{cls.__name__} is abstract and cannot be constructed: it does not define {MISSING[cls]}\. Define what"
    for arguments in ((), (1.0,)):
        with pytest.raises(fx.FxlabError, match=says):
            cls(*arguments, sample_rate=RATE)


@pytest.mark.parametrize("cls", [fx.LTI, fx.Rational, LinearAnalysis])
def test_a_filter_class_says_what_to_use_instead(cls):
    with pytest.raises(fx.FxlabError, match=r"derive from fx.Recursive or fx.Finite .* use fx.SOS\(…\)"):
        cls()


def test_every_other_public_class_is_concrete():
    found = {name: getattr(fx, name) for name in fx.__all__}
    kinds = [kind for kind in found.values() if isinstance(kind, type) and issubclass(kind, fx.Module)]
    assert {kind for kind in kinds if kind.is_abstract()} == set(MISSING) - {LinearAnalysis}


def test_a_class_is_concrete_once_it_defines_the_missing_methods():
    class Half(fx.LTI):
        def forward(self, x, sample_rate):
            return x / 2

    class Whole(Half):
        def _response(self, frequencies, rate):
            return torch.full_like(frequencies, 0.5, dtype=torch.complex128)

        def _group_delay(self, frequencies, rate):
            return torch.zeros_like(frequencies)

        def _roots(self, rate):
            return torch.zeros(0, dtype=torch.complex128), torch.zeros(0, dtype=torch.complex128)

        def _sos(self, rate):
            return torch.tensor([[0.5, 0, 0, 1, 0, 0]], dtype=torch.float64)

    with pytest.raises(fx.FxlabError, match=r"Half is abstract .* does not define _response\(self, freq"):
        Half()
    assert not Whole.is_abstract()
    assert Whole().response(100.0, RATE).item() == 0.5


def test_a_teachers_class_needs_only_forward():
    class Gain(fx.Module):
        def forward(self, x, sample_rate):
            return 2 * x

    class Louder(Gain):
        pass

    for cls in (Gain, Louder, Tremolo):
        assert not cls.is_abstract()
        made = cls()
        assert type(copy.deepcopy(made)) is cls
    assert type(pickle.loads(pickle.dumps(Tremolo()))) is Tremolo


def test_an_abstract_method_may_come_from_a_mixin_or_be_declared_by_a_subclass():
    class Doubling:
        def forward(self, x, sample_rate):
            return 2 * x

    class Mixed(Doubling, fx.Module):
        pass

    assert Mixed()(torch.ones(2), sample_rate=RATE).tolist() == [2.0, 2.0]
