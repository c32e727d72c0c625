"""The files of a live page: what they hold, how large they are, and what they say."""

from __future__ import annotations

import base64
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
import soundfile
import torch

import fxlab as fx
from fxlab.cli.main import main
from fxlab.page.compiler import CompiledModule
from fxlab.page.page import Page
from fxlab.page.page_spec import page_spec
from fxlab.page.sound import page_sound


def described(html: str) -> dict[str, Any]:
    """Return the description of the panel in a page."""
    found = re.search(r'<script type="application/json">(.*?)</script>', html, re.S)
    assert found is not None
    return dict(json.loads(found[1]))


@pytest.fixture(scope="module")
def page() -> Page:
    return (fx.HighPass(80.0) | fx.Peak(1000.0, gain_db=6.0)).page(fx.examples.voice())


def test_a_page_is_one_small_file_without_a_network(page: Page, tmp_path: Path) -> None:
    """The limit is 350 kB for a voice of 5 s; that of the examples is 3.3 s at 16 kHz."""
    path = page.save(tmp_path / "lesson.html")
    html = path.read_text(encoding="utf-8")
    assert list(tmp_path.iterdir()) == [path]
    assert len(html) < 300_000
    assert not re.search(r'(src|href)="(?!data:)', html)
    five_seconds = fx.LowPass(1000.0).page(fx.noise(duration=5.0, level_db=-20.0))
    assert len(five_seconds.html) < 350_000
    assert any("Opus" in note for note in five_seconds.notes)


def test_a_page_of_two_files_has_no_script_within_the_html(page: Page, tmp_path: Path) -> None:
    html = page.save(tmp_path / "lesson.html", separate=True).read_text(encoding="utf-8")
    scripts = re.findall(r"<script([^>]*)>", html)
    assert scripts == [' type="application/json"', ' src="lesson.js" defer']
    assert "style=" not in html
    assert (tmp_path / "lesson.js").read_text(encoding="utf-8").count("fxlabPrograms[") == 1


def test_a_page_describes_the_panel(page: Page) -> None:
    """Its values and ranges are those of the panel; what needs a kernel is not there."""
    found = described(page.html)
    params = {param["path"]: param for stage in found["spec"]["stages"] for param in stage["params"]}
    assert (params["1.gain_db"]["value"], params["1.gain_db"]["low"]) == (6.0, -24.0)
    assert found["spec"]["open_views"] == ["magnitude"]
    assert "spectrogram" in [tab["name"] for tab in found["spec"]["views"]]
    assert [stage["index"] for stage in found["spec"]["stages"]] == [0, 1]
    limits = found["limits"]["1.frequency"]
    assert (limits["above"], limits["below"]) == (0.0, 8000.0)
    assert found["roots"]["1"]["controls"]["frequency"] == "1.frequency"


def test_a_page_begins_with_the_stages_that_are_left_out() -> None:
    """A stage that is left out has its sliders and its curve; one that gives another length cannot be left out."""
    chain = fx.Chain(fx.HighPass(80.0), fx.Peak(gain_db=6.0), fx.Distortion(), bypassed=[1], soloed=[0])
    found = described(chain.page(fx.sine(440.0, 0.1)).html)
    assert found["left_out"] == {"bypassed": [1], "soloed": [0]}
    assert [stage["index"] for stage in found["spec"]["stages"]] == [0, 1, 2]
    assert sorted(found["stage_info"]) == ["0", "1"]
    late = fx.LowPass() | fx.Reverse()
    assert [s["index"] for s in described(late.page(fx.sine(440.0, 0.1)).html)["spec"]["stages"]] == [0, 1]


def test_a_parameter_that_moves_has_the_sliders_of_its_control() -> None:
    page = fx.LowPass(cutoff=fx.LFO(rate_hz=2.0, low=300.0, high=3000.0)).page(fx.sine(440.0, 0.1))
    found = described(page.html)
    (cutoff,) = [p for p in found["spec"]["stages"][0]["params"] if p["path"] == "cutoff"]
    own = [p for p in cutoff["movement"]["params"] if p["kind"] == "number"]
    sliders = [p["path"] for p in own if not p["shown_when"] or "hertz" in p["shown_when"]["values"]]
    assert sliders == [*("cutoff.rate_hz", "cutoff.low", "cutoff.high")]
    assert found["limits"]["cutoff.low"]["allowed"] == found["limits"]["cutoff.high"]["allowed"]
    assert found["limits"]["cutoff.high"]["below"] == 22050.0
    assert "cutoff" not in found["limits"]
    assert "These values move while the sound plays: Cutoff (LFO)." in page.notes
    summed = fx.LowPass() + fx.LowPass(cutoff=fx.LFO(rate_hz=2.0, low=300.0, high=3000.0))
    assert any("(LFO). The curves show its start." in note for note in summed.page(fx.sine(440.0, 0.1)).notes)


def test_a_parameter_without_effect_has_no_limits() -> None:
    """The upper edge of a low-pass is 4 kHz by default, which a kernel does not check at 8 kHz either."""
    found = described(fx.Butterworth(1000.0).page(fx.sine(440.0, 0.1, sample_rate=8000)).html)
    assert sorted(found["limits"]) == ["cutoff"]
    band = fx.Butterworth(1000.0, kind="bandpass", upper=2000.0)
    assert sorted(described(band.page(fx.sine(440.0, 0.1, sample_rate=8000)).html)["limits"]) == ["cutoff", "upper"]


def test_a_fixed_choice_keeps_the_sliders_of_its_value() -> None:
    """If the clock of a delay is fixed to milliseconds, the delay has a slider, and the tempo has none."""
    delay, sound = fx.Delay(350.0), fx.sine(440.0, 0.1)
    compiled = CompiledModule("", ["delay_ms", "tempo_bpm"], live=True, latency=0.0)
    (stage,) = page_spec(delay, sound, compiled, ("magnitude",))[0]["stages"]
    params = {param["path"]: param for param in stage["params"]}
    assert (params["clock"]["kind"], params["delay_ms"]["kind"]) == ("fixed", "number")
    assert params["delay_ms"]["shown_when"] is None
    assert "tempo_bpm" not in params
    assert "note" not in params


def test_what_is_left_out_is_said() -> None:
    page = fx.Distortion(drive_db=12.0).page(fx.sine(440.0, 0.2))
    assert any(note.startswith("Views that need a kernel are left out: Phase, Delay") for note in page.notes)
    assert [tab["name"] for tab in described(page.html)["spec"]["views"]] == [
        *("magnitude", "transfer", "spectrogram", "waveform", "levels")
    ]
    assert not described(page.html)["levels_first"]
    assert described(fx.Compressor().page(fx.sine(440.0, 0.2)).html)["levels_first"]


def test_a_module_that_cannot_be_compiled_says_why() -> None:
    class Reader(fx.Module):
        """Reads a value of the sound."""

        amount = fx.Param(0.5, low=0.0, high=1.0, doc="Gain.")

        def forward(self, x: torch.Tensor, sample_rate: float) -> torch.Tensor:
            return x * float(x.abs().max()) * self.amount

    with pytest.raises(fx.CompileError, match=r"test_page\.py, line \d+ \(return x \* float"):
        Reader().page(fx.sine(440.0, 0.1))
    page = Reader().page(fx.sine(440.0, 0.1), fallback="samples")
    assert any("9 renders of Amount from 0 to 1, the nearest one" in note for note in page.notes)
    (program,) = page.programs.values()
    assert program.count('"') > 18
    with pytest.raises(fx.ParameterError, match="views contains 'color'"):
        fx.LowPass(1000.0).page(fx.sine(440.0, 0.1), views="color")


def test_the_sound_is_exact_to_16_bits_whatever_its_level() -> None:
    exact = fx.Signal((torch.rand(2, 1000) * 60_000 - 30_000).round() / 32_768, 44_100)
    for signal, tolerance in ((exact, 0.0), (exact * 1e-3, 1e-3 / 60_000), (exact * 20.0, 20.0 / 60_000)):
        sound, _ = page_sound(signal, "flac")
        samples, rate = soundfile.read(io.BytesIO(base64.b64decode(sound["data"])), dtype="float64")
        error = (torch.from_numpy(samples.T) * sound["scale"] - signal.samples.double()).abs().max()
        assert rate == 44_100
        assert float(error) <= tolerance * 1.01
    # 16 bits have no +1, so these are scaled by 2; if the last bit is in use, they are rounded, as other samples are.
    for values, tolerance in (([1.0, -1.0, 0.5, 0.0], 0.0), ([1.0, 1 / 32_768, -1.0], 1 / 60_000), ([-1.0, 0.5], 0.0)):
        sound, _ = page_sound(fx.Signal(values, 44_100), "flac")
        samples, _ = soundfile.read(io.BytesIO(base64.b64decode(sound["data"])), dtype="float64")
        played = torch.from_numpy(samples) * sound["scale"]
        assert float((played - torch.tensor(values, dtype=torch.float64)).abs().max()) <= tolerance
        assert float(played[0]) == values[0]
    opus, note = page_sound(exact, "opus")
    assert (opus["format"], "losses" in note) == ("opus", True)
    with pytest.raises(fx.ParameterError, match="sound = 'mp3'"):
        page_sound(exact, "mp3")  # type: ignore[arg-type]


def test_equal_samples_at_close_rates_are_two_sounds() -> None:
    rates = [
        float(page_sound(fx.Signal(torch.zeros(1, 64), sample_rate=r), "opus")[0]["rate"]) for r in (1234567, 1234568)
    ]
    assert rates == [1234567.0, 1234568.0]


def test_a_notebook_shows_the_page_in_a_frame_without_rights(page: Page) -> None:
    html = page._repr_html_()
    assert 'sandbox="allow-scripts allow-downloads"' in html
    assert "allow-same-origin" not in html


def test_a_panel_saves_its_present_state(tmp_path: Path) -> None:
    panel = fx.LowPass(cutoff=500.0).panel(fx.sine(440.0, 0.1), views=("phase", "magnitude"))
    panel.module.cutoff = 700.0
    found = described(panel.save(tmp_path / "low.html", title="Low").read_text(encoding="utf-8"))
    panel.close()
    assert found["spec"]["stages"][0]["params"][0]["value"] == 700.0
    assert found["spec"]["open_views"] == ["phase", "magnitude"]


def test_a_path_where_no_page_can_be_is_refused(page: Page, tmp_path: Path) -> None:
    """A script beside `page.js` would replace it, and a browser shows a file without an ending as text."""
    for path, said in (
        ("no folder/low.html", "there is no folder .*no folder'. Create it first"),
        ("", "is a folder; give the name of a file in it: .*lesson.html"),
        ("low.js", "ends with .html or .htm, .*low.html"),
        ("low", "ends with .html or .htm, .*low.html"),
        ("x" * 300 + ".html", "cannot be written: File name too long"),
        ("low\0.html", "cannot be written: embedded null byte"),
    ):
        with pytest.raises(fx.FileError, match=said):
            page.save(tmp_path / path, separate=True)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(fx.FileError, match="save: path = 123 is a int; give the path of an HTML file"):
        page.save(123)  # type: ignore[arg-type]


def test_a_title_and_a_signal_are_checked(page: Page) -> None:
    for title in ("", " ", 3):
        with pytest.raises(fx.ParameterError, match=f"title = {title!r}; it must be text"):
            fx.LowPass().page(fx.sine(440.0, 0.1), title=title)
    with pytest.raises(fx.SignalError, match="must be a Signal, not Tensor"):
        fx.LowPass().page(torch.zeros(1, 100))  # type: ignore[arg-type]


def test_the_command_saves_the_panels_of_a_script(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = tmp_path / "lesson.py"
    script.write_text(
        "import fxlab as fx\nfrom beside import x\nlow = fx.LowPass().panel(x)\nhighs = [fx.HighPass().page(x), 1]\n"
    )
    (tmp_path / "beside.py").write_text("import fxlab as fx\nx = fx.sine(440.0, 0.1)\n")
    assert main(["page", str(script), "--out", str(tmp_path / "site")]) == 0
    assert sorted(path.name for path in (tmp_path / "site").iterdir()) == ["highs-1.html", "low.html"]
    script.write_text("x = 1\n")
    assert main(["page", str(script)]) == 2
    assert "leaves no panel in a variable" in capsys.readouterr().err
