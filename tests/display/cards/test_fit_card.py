"""The card of a fit."""

from __future__ import annotations

import fxlab as fx

NOISE = fx.noise(duration=0.1, sample_rate=16_000, seed=1)


def test_a_fit_has_a_card_with_and_without_a_response():
    for module, target, options in (
        (fx.LowPass().learn(), NOISE | fx.LowPass(300.0), {"starts": 4}),
        (fx.GraphicEQ(sample_rate=44_100).learn(), ([100.0, 1000.0], [3.0, -3.0]), {}),
        (fx.Compressor().learn("ratio"), NOISE, {}),
    ):
        found = fx.fit(
            module, NOISE if not isinstance(target, tuple) else None, target, steps=5, progress=False, **options
        )
        data, metadata = found._repr_mimebundle_()
        assert set(data) == {"text/plain", "text/html", "image/png"}
        assert found.miss in data["text/html"]
        assert metadata["image/png"]["width"] == 720
