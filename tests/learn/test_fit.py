"""`fit`: hidden parameters are found again, targets of every kind, interruptions and invalid arguments."""

from __future__ import annotations

import math

import pytest
import torch

import fxlab as fx

pytestmark = pytest.mark.slow

RATE = 16_000
TWO = torch.ones(2, 1, 100), torch.ones(2, 1, 100)
NOISE = fx.noise(duration=0.1, sample_rate=RATE, seed=1)


def fit(*args, **kwargs):
    return fx.fit(*args, progress=False, **kwargs)


@pytest.mark.parametrize("optimizer", ["adam", "lbfgs"])
def test_a_hidden_corner_and_q_are_found(optimizer):
    hidden = fx.LowPass(cutoff=2000.0, q=1.5)
    found = fit(fx.LowPass(cutoff=600.0).learn(), NOISE, NOISE | hidden, steps=200, optimizer=optimizer)
    assert found.module.cutoff.item() == pytest.approx(2000.0, rel=1e-3)
    assert found.module.q.item() == pytest.approx(1.5, rel=1e-3)
    assert found.best < 1e-5
    assert found.before.cutoff.item() == pytest.approx(600.0)


def test_several_starts_escape_a_poor_minimum():
    hidden = fx.BandPass(frequency=3000.0, q=8.0)
    one = fit(fx.BandPass(frequency=60.0, q=15.0).learn(), NOISE, NOISE | hidden, steps=60)
    many = fit(fx.BandPass(frequency=60.0, q=15.0).learn(), NOISE, NOISE | hidden, steps=60, starts=12)
    assert many.losses.shape == (61, 12)
    assert many.best < 0.1 * one.best
    assert many.start > 0
    assert many.module.frequency.item() == pytest.approx(3000.0, rel=0.02)
    assert torch.equal(many.loss, many.losses[:, many.start])


@pytest.mark.slow
@pytest.mark.parametrize("hidden", [(2000.0, 1.5), (150.0, 4.0), (5000.0, 0.5)])
def test_a_hidden_low_pass_is_found_from_everywhere(hidden):
    noise = fx.noise(duration=0.1, sample_rate=RATE, seed=1)
    target = noise | fx.LowPass(*hidden)
    module = fx.LowPass().learn()
    # The slider positions of every start are at the hidden values in the end.
    found = fit(module, noise, target, starts=20, steps=150)
    assert found.losses.amin(0).max() < 1e-4


def test_an_equalizer_matches_a_curve():
    hidden = fx.GraphicEQ(gains_db=[3, -4, 5, 0, -6, 2, 7, -3, 1, 4])
    hz = torch.logspace(math.log10(30), math.log10(16_000), 80, dtype=torch.float64)
    target = (hz, 20 * hidden.response(hz, 44_100).abs().log10())
    found = fit(fx.GraphicEQ().learn(), target=target, sample_rate=44_100, steps=300)
    assert found.best**0.5 < 0.01
    assert torch.allclose(found.module.gains_db, hidden.gains_db, atol=0.05)


def test_a_function_of_the_output_is_a_target():
    def level(y):
        return (20 * y.square().mean().sqrt().log10() + 30).square()

    found = fit(fx.Gain(gain_db=0.0).learn(), NOISE, level, steps=150)
    level_db = 20 * (NOISE | found.module).samples.detach().square().mean().sqrt().log10()
    assert level_db.item() == pytest.approx(-30.0, abs=0.01)


def test_parts_of_a_chain_are_learned_and_the_others_stay():
    chain = fx.HighPass(cutoff=100.0) | fx.Peak(frequency=1000.0, gain_db=0.0)
    target = NOISE | (fx.HighPass(cutoff=100.0) | fx.Peak(frequency=1000.0, gain_db=9.0))
    found = fit(chain.learn("1.gain_db"), NOISE, target, steps=150)
    assert list(found.parameters) == ["1.gain_db"]
    assert chain[1].gain_db.item() == pytest.approx(9.0, abs=0.01)
    assert chain[0].cutoff == 100.0


def test_a_value_never_leaves_its_slider():
    target = NOISE | fx.LowPass(cutoff=7000.0, q=0.05)  # q is below the slider's range
    seen: list[float] = []
    found = fit(
        fx.LowPass(cutoff=7500.0).learn(), NOISE, target, steps=60, learning_rate=0.3,
        on_step=lambda step: seen.append(step.values["cutoff"].item()),
    )  # fmt: skip
    cutoff, q = found.parameters["cutoff"], found.parameters["q"]
    assert ((cutoff >= 20.0) & (cutoff <= 0.49 * RATE)).all()
    assert ((q >= 0.1) & (q <= 20.0)).all()
    assert len(seen) == found.steps + 1


def test_an_interruption_keeps_what_was_found():
    def stop(step):
        if step.number == 30:
            raise KeyboardInterrupt

    module = fx.Gain(gain_db=0.0).learn()
    found = fit(module, NOISE, fx.Gain(gain_db=-12.0)(NOISE), on_step=stop)
    assert found.stopped == "interrupted"
    assert found.steps == 30
    assert found.loss[-1] < found.loss[0]
    assert abs(module.gain_db.item()) > 1


def test_a_loss_that_is_not_finite_ends_the_fit_at_the_best_values():
    calls = iter(range(1000))

    def loss(y, target):
        return (y - target).square().mean() * (math.nan if next(calls) == 20 else 1.0)

    module = fx.Gain(gain_db=0.0).learn()
    with pytest.warns(UserWarning, match=r"not finite at step 20, with gain_db = "):
        found = fit(module, NOISE, fx.Gain(gain_db=-12.0)(NOISE), loss=loss)
    assert found.steps == 20
    assert module.gain_db.item() == pytest.approx(
        found.parameters["gain_db"][found.loss.nan_to_num(9.0).argmin()].item()
    )


def test_a_target_that_cannot_be_met_is_missed_by_a_stated_amount():
    found = fit(fx.Gain(gain_db=0.0).learn(), target=([100.0, 1000.0], [-3.0, 3.0]), sample_rate=RATE, steps=100)
    assert "differs from the target by 3 dB" in found.miss
    assert "3 dB" in repr(found)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((fx.Gain(), NOISE, NOISE), r"Gain has no learnable parameter; call module.learn\(\), or learn .* gain_db"),
        ((fx.Gain().learn(), NOISE, None), "the target is missing"),
        ((fx.Gain().learn(), None, NOISE), "the input is missing"),
        ((fx.Gain().learn(), NOISE, "loud"), "must be a Signal, a tensor, a pair"),
        ((fx.Gain().learn(), NOISE, fx.noise(duration=0.1, sample_rate=8000)), "8000 Hz and the output .* 16000"),
        ((fx.Gain().learn(), NOISE, fx.noise(duration=0.2, sample_rate=RATE)), "1600 samples, and the target"),
        ((fx.Gain().learn() | fx.FixedPoint(fx.LowPass()), NOISE, NOISE), r"1 \(FixedPoint\) has no gradient"),
        ((fx.Compressor().learn(), NOISE, ([100.0], [0.0])), "no frequency response"),
        ((fx.Gain().learn(), NOISE, ([100.0, 200.0], [0.0])), "2 frequencies and 1 levels"),
        ((fx.Gain().learn(), NOISE, ([9000.0], [0.0])), r"half the sample rate \(8000 Hz\)"),
        ((fx.Gain().learn(), NOISE, ([100.0], [math.nan])), "not finite"),
        ((fx.Gain(torch.zeros(2)).learn(), *TWO, {"starts": 3, "sample_rate": RATE}), "use starts=1"),
        ((fx.Gain().learn(), NOISE, NOISE, {"loss": fx.losses.LogMel(8000)}), "16000 Hz and the loss of 8000 Hz"),
        ((fx.Gain().learn(), NOISE, NOISE, {"steps": 0}), "steps is 0"),
        ((fx.Gain().learn(), NOISE, NOISE, {"steps": True}), "steps is True"),
        ((fx.Gain().learn(), NOISE, NOISE, {"starts": 2, "seed": "a"}), "fit: seed = 'a' is not allowed"),
        ((fx.Gain().learn(), NOISE, NOISE, {"starts": 2, "seed": 2**64}), r"whole number from -2\^63 to 2\^64 - 1"),
        ((fx.Gain().learn(), NOISE, lambda y: y.detach().mean()), "does not depend on the parameters"),
        ((fx.Gain().learn(), torch.zeros(1, 0), torch.zeros(1, 0), {"sample_rate": RATE}), "the input is empty"),
        ((fx.Gain().learn(), NOISE, NOISE.samples[None].expand(3, 1, -1)), "the target has one example"),
        ((fx.Gain().learn(), None, ([100.0], [0.0]), {"loss": fx.losses.ESR(), "sample_rate": RATE}), "its own loss"),
        ((torch.nn.Sequential(fx.Gain().learn()), NOISE, NOISE), "Sequential is not a module of fxlab"),
        ((fx.Gain().learn(), NOISE, NOISE, {"optimizer": "sgd"}), "'sgd' is unknown"),
        ((fx.Gain().learn(), NOISE, NOISE, {"learning_rate": -1.0}), "learning_rate is -1.0"),
    ],
)  # fmt: skip
def test_errors_name_what_is_wrong(arguments, message):
    keywords = arguments[3] if len(arguments) > 3 else {}
    with pytest.raises(fx.FxlabError, match=message):
        fit(*arguments[:3], **keywords)


def test_a_module_that_is_in_a_chain_twice_keeps_its_parameter():
    part = fx.LowPass(cutoff=500.0).learn()
    parameter = part._parameters["cutoff"]
    chain = part | part
    target = NOISE | (fx.LowPass(900.0) | fx.LowPass(900.0))
    for starts in (1, 3):
        found = fit(chain, NOISE, target, steps=60, starts=starts)
        assert part._parameters["cutoff"] is parameter
        assert found.module[1].cutoff.item() == pytest.approx(900.0, rel=0.05)


def test_one_parameter_of_two_modules_has_one_value():
    shared = torch.nn.Parameter(torch.tensor(500.0, dtype=torch.float64))
    chain = fx.LowPass(shared) | fx.HighPass(shared)
    found = fit(chain, NOISE, NOISE | fx.LowPass(900.0) | fx.HighPass(900.0), steps=80)
    assert list(found.parameters)[:1] == ["0.cutoff"]
    assert chain[0]._parameters["cutoff"] is chain[1]._parameters["cutoff"]
    assert chain[1].cutoff.item() == pytest.approx(900.0, rel=0.02)


def test_a_time_of_zero_on_a_logarithmic_slider_begins_at_its_low_end():
    module = fx.Compressor(attack_ms=0.0).learn("attack_ms")
    found = fit(module, NOISE, NOISE, steps=2)
    low = module.declarations["attack_ms"].low
    assert found.parameters["attack_ms"][0].item() == pytest.approx(low)


def test_an_interruption_before_the_first_loss_has_a_result():
    def stop(y):
        raise KeyboardInterrupt

    assert repr(fit(fx.Gain().learn(), NOISE, stop)) == "Fit without a step (interrupted)"


class Distance(fx.losses.Loss):
    """A loss of one's own, which may be below 0."""

    def per_example(self, output, target):
        return 0.0 * output.sum((-2, -1)) + self.value

    value = 0.0


def test_a_loss_of_zero_that_can_be_below_it_is_no_exact_result():
    """An SI-SDR of 0 dB is a large error."""
    assert not fx.losses.SISDR().is_nonnegative
    found = fit(fx.Gain().learn(), NOISE, NOISE, loss=Distance(), steps=5)
    assert found.stopped == "all steps done"


@pytest.mark.parametrize("value", [1.0, -1.0])
def test_a_loss_without_progress_ends_the_fit(value):
    found = fit(fx.Gain().learn(), NOISE, lambda y: value + 0 * y.sum(), steps=60, patience=5)
    assert found.stopped == "no progress in 5 steps"


def test_it_fits_without_gradients_of_the_caller_and_a_matched_response_is_refined():
    hz = torch.logspace(1.5, 4.3, 100, dtype=torch.float64)
    level = 8 * torch.sin(3 * hz.log())
    with torch.no_grad():
        module = fx.match_response(hz, level, 8, 48_000).learn()
        found = fit(module, target=(hz, level), sample_rate=48_000, optimizer="lbfgs", steps=40)
    assert found.best < 0.8 * found.loss[0].item()


def test_every_start_of_lbfgs_has_its_own_history():
    hz = torch.logspace(1.6, 4.3, 60, dtype=torch.float64)
    level = 20 * fx.Peak(3000.0, gain_db=9.0, q=2.0).response(hz, 48_000).abs().log10()
    found = fit(fx.Peak(100.0).learn(), target=(hz, level), sample_rate=48_000, optimizer="lbfgs", starts=3, steps=5)
    taken = found.losses.isfinite().sum(0)
    assert found.losses.shape == (int(taken.max()), 3)
    assert len(found.loss) == taken[found.start] == len(found.parameters["frequency"])
    assert torch.equal(found.loss, found.losses[: len(found.loss), found.start])
    assert found.best == found.losses[found.losses.isfinite()].min()
    assert float(found.losses[0, 0]) != float(found.losses[0, 1]), "each history begins at its own start"
    assert "Start" in found._repr_mimebundle_()[0]["text/html"]


def test_a_curve_never_makes_coefficients_unstable():
    """A curve is met by poles outside the unit circle as well; they are reflected, with the same magnitude."""
    hz = torch.logspace(1.6, 4.3, 60, dtype=torch.float64)
    level = 20 * fx.Peak(3000.0, gain_db=9.0, q=2.0).response(hz, 48_000).abs().log10()
    unstable = [[1.0, -1.5, 0.7, 1.0, -2.0, 1.2], [1.0, 0.0, 0.0, 1.0, 0.2, 0.0]]
    sections = fx.SOS(unstable).learn()
    before = sections.response(hz, 48_000).abs()
    steps = []
    fit(sections, target=(hz, level), sample_rate=48_000, steps=1, on_step=steps.append)
    first = fx.SOS(steps[0].values["rows"])
    assert first.is_stable(48_000)
    assert torch.allclose(first.response(hz, 48_000).abs(), before, rtol=1e-6)
    assert sections.is_stable(48_000)
    polynomials = fx.TransferFunction([1.0], [1.0, -0.4, 1.3, 0.1]).learn("a")
    found = fit(polynomials, target=(hz, level), sample_rate=48_000, steps=30, starts=3)
    assert polynomials.is_stable(48_000)
    error = (20 * polynomials.response(hz, 48_000).detach().abs().log10() - level).square().mean()
    assert found.best == pytest.approx(error.item(), rel=1e-6)


def test_a_signal_keeps_only_stable_coefficients():
    x = fx.noise(duration=0.01, sample_rate=8000, seed=1)
    target = x | fx.TransferFunction([1.0], [1.0, -1.02])  # an unstable target, over a short time
    found = fit(fx.TransferFunction([1.0], [1.0, -0.9]).learn("a"), x, target, steps=60, learning_rate=0.01)
    assert found.module.is_stable(8000)
    assert min(found.parameters["a"][:, 1] / found.parameters["a"][:, 0]) < -1.0, "the fit has tried unstable values"
    loss = fx.losses.WaveformAndSpectrum(8000)(found.module(x), target)
    assert found.best == pytest.approx(loss.item(), rel=1e-4)  # the signals are float32
    assert found.best > 2 * found.loss.min(), "an unstable filter is much closer"
