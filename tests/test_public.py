"""The public names of `fxlab`."""

from __future__ import annotations

import pytest

import fxlab as fx
from fxlab.engine import sosfilt
from fxlab.public_names import PUBLIC_NAMES


def test_all_public_names_exist_and_are_unique():
    assert len(set(fx.__all__)) == len(fx.__all__)
    assert all(getattr(fx, name) is not None for name in fx.__all__)
    assert set(fx.__all__) <= set(dir(fx))
    assert {"engine", "filters", "analysis"} <= set(dir(fx))
    assert {"LowPass", "HighPass", "Peak", "Signal", "Param", "Module", "Chain", "Sum", "Mix", "wrap"} <= set(
        fx.__all__
    )
    assert "engine" not in fx.__all__


def test_an_unknown_name_raises_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'fxlab' has no attribute 'LowPas'"):
        fx.LowPas  # noqa: B018


def test_packages_are_attributes():
    assert fx.engine.sosfilt is sosfilt
    assert fx.filters.LowPass is fx.LowPass
    assert fx.analysis.thd is fx.thd


def test_every_public_name_is_looked_up_by_the_packages_that_need_it():
    assert dict(PUBLIC_NAMES) == {name: getattr(fx, name) for name in fx.__all__ if name not in fx.NOTEBOOK_NAMES}
    assert "LowPas" not in PUBLIC_NAMES
    with pytest.raises(KeyError):
        PUBLIC_NAMES["LinearAnalysis"]  # defined in fxlab.module, and not public


def test_public_classes_and_functions_have_docstrings():
    for name in fx.__all__:
        value = getattr(fx, name)
        if callable(value):
            assert (value.__doc__ or "").strip(), f"fx.{name} has no docstring"


def test_every_error_is_an_fxlab_error_and_a_builtin_error():
    for error, builtin in (
        (fx.ParameterError, ValueError),
        (fx.SignalError, ValueError),
        (fx.EngineError, ValueError),
        (fx.FileError, OSError),
    ):
        assert issubclass(error, fx.FxlabError)
        assert issubclass(error, builtin)


def test_the_version_is_that_of_the_distribution():
    from importlib.metadata import version

    assert fx.__version__ == version("fxlab")
