"""`module_catalog`: the modules that a panel offers, under headings that a user understands."""

from __future__ import annotations

from collections import defaultdict

import fxlab as fx
from fxlab.panel.editing.module_catalog import create_module, module_catalog
from fxlab.public_names import PUBLIC_NAMES


def families():
    """Return the names of the modules under each heading."""
    found = defaultdict(set)
    for entry in module_catalog():
        found[entry["family"]].add(entry["name"])
    return found


def test_modules_are_listed_by_what_they_do():
    found = families()
    assert {"Compressor", "Gate", "Limiter"} <= found["Dynamics"]
    assert {"Chorus", "Phaser", "Tremolo"} <= found["Modulation"]
    assert {"LowPass", "Notch"} <= found["Biquads"]
    assert {"Equiripple", "Hilbert"} <= found["FIR filters"]
    assert {"SOS", "ZPK"} <= found["Filters from coefficients"]


def test_no_heading_is_the_name_of_a_class_or_of_more_modules_than_fit_on_a_screen():
    classes = {name.lower() for name, value in PUBLIC_NAMES.items() if isinstance(value, type)}
    for heading, names in families().items():
        assert heading.replace(" ", "").lower() not in classes - {"distortion"}
        assert 2 <= len(names) <= 15


def test_every_module_can_be_created_and_filters_a_sound():
    for entry in module_catalog():
        assert isinstance(create_module(entry["name"]), fx.Module)
        assert entry["doc"].endswith(".")
        assert "`" not in entry["doc"]
