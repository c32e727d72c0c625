"""`apply_to_files`: outputs, what is refused, and what a bad file does to the others; without other processes."""

import errno
import os
import pickle
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
import torch

import fxlab as fx
from fxlab.batch import shard
from fxlab.batch.job import _pickled
from tests.support.batch_modules import apply_in_this_process as run
from tests.support.batch_modules import write_files


def test_every_output_is_the_module_of_its_file(sounds, tmp_path):
    write_files(sounds / "deep" / "er", 2)
    lowpass = fx.LowPass(800.0)
    report = run(lowpass, sounds, tmp_path / "out")
    assert (len(report), len(report.done), report.failed) == (7, 7, {})
    for source, target in report.done.items():
        assert target.relative_to(tmp_path / "out") == source.relative_to(sounds)
        assert torch.equal(fx.load(target).samples, lowpass(fx.load(source)).samples)
    assert sorted(path.name for path in (tmp_path / "out" / ".fxlab").iterdir()) == ["done", "job.json", "run"]


def test_outputs_of_a_list_are_directly_in_the_folder_and_may_have_another_format_and_rate(sounds, tmp_path):
    files = [str(path) for path in sorted(sounds.glob("*.wav"))[:2]]
    report = run(fx.Resample(16_000), files, tmp_path / "out", format="flac", subtype="PCM_16")
    assert [path.name for path in report.done.values()] == ["00.flac", "01.flac"]
    assert fx.load(tmp_path / "out" / "00.flac").sample_rate == 16_000
    assert report.done[files[0]] == tmp_path / "out" / "00.flac"


def test_a_module_stays_trainable(sounds, tmp_path):
    lowpass = fx.LowPass(800.0)
    run(lowpass, sounds, tmp_path / "out")
    x = torch.randn(1, 50, requires_grad=True)
    lowpass(x, sample_rate=8000).sum().backward()  # with the design that the run has left
    assert x.grad is not None


def test_bad_files_are_listed_and_the_others_are_done(sounds, tmp_path):
    (sounds / "text.wav").write_text("this is no sound")
    (sounds / "empty.flac").touch()
    whole = (sounds / "00.wav").read_bytes()
    (sounds / "cut.wav").write_bytes(whole[: len(whole) // 2])
    fx.Signal([[2.0, -2.0]], 8000).save(sounds / "loud.wav")
    report = run(fx.Gain(0.0), sounds, tmp_path / "out", subtype="PCM_16")
    assert len(report.done) == 5
    assert {path.name for path in report.failed} == {"text.wav", "empty.flac", "cut.wav", "loud.wav"}
    assert "begins with the text" in report.failed[sounds / "text.wav"]
    assert "full scale" in report.failed[str(sounds / "loud.wav")]
    assert {path.name for path in (tmp_path / "out").rglob("*.*") if path.is_file()} == {
        *(f"{index:02}.wav" for index in range(5)),
        "job.json",
    }
    assert repr(report) == "Report(5 of 9 files done, 4 failed)"
    assert len(str(report).splitlines()) == 5
    assert "&#x27;" in report._repr_html_()
    assert "<script" not in report._repr_html_()


def test_a_module_that_raises_or_gives_no_signal_fails_file_by_file(sounds, tmp_path):
    class Broken(fx.Module):
        def forward(self, x, sample_rate):
            raise ZeroDivisionError("by zero")

    report = run(Broken(), sounds, tmp_path / "out")
    assert set(report.failed.values()) == {"ZeroDivisionError: by zero"}


def test_the_same_call_again_does_nothing_and_a_missing_output_is_written_again(sounds, tmp_path):
    first = run(fx.Gain(-6.0), sounds, tmp_path / "out")
    times = {path: path.stat().st_mtime_ns for path in first.done.values()}
    removed = tmp_path / "out" / "03.wav"
    removed.unlink()
    again = run(fx.Gain(-6.0), sounds, tmp_path / "out")
    assert (len(again.done), again.found) == (5, 4)
    assert removed.exists()
    assert {path: path.stat().st_mtime_ns for path in times if path != removed} == {
        path: time for path, time in times.items() if path != removed
    }


def test_outputs_of_another_module_are_replaced_only_if_asked(sounds, tmp_path):
    run(fx.Gain(-6.0), sounds, tmp_path / "out")
    before = (tmp_path / "out" / "00.wav").read_bytes()
    refused = run(fx.Gain(-12.0), sounds, tmp_path / "out")
    assert (len(refused.done), len(refused.failed)) == (0, 5)
    assert "exists already, and it is not from this module" in refused.failed[sounds / "00.wav"]
    assert (tmp_path / "out" / "00.wav").read_bytes() == before
    replaced = run(fx.Gain(-12.0), sounds, tmp_path / "out", overwrite=True)
    assert (len(replaced.done), replaced.found) == (5, 0)
    assert (tmp_path / "out" / "00.wav").read_bytes() != before


@pytest.mark.parametrize("seconds", [-1000, 1000])
def test_an_output_whose_source_was_replaced_by_an_older_or_newer_file_is_reported(sounds, tmp_path, seconds):
    os.utime(sounds / "01.wav", (2**32, 2**32))  # a time in the future is that of no change
    run(fx.Gain(-6.0), sounds, tmp_path / "out")
    other = (sounds / "00.wav").stat().st_mtime_ns + seconds * 10**9
    os.utime(sounds / "00.wav", ns=(other, other))
    report = run(fx.Gain(-6.0), sounds, tmp_path / "out")
    assert list(report.failed) == [sounds / "00.wav"]
    assert "its source has changed since" in report.failed[sounds / "00.wav"]
    assert (len(report.done), report.found) == (4, 4)
    replaced = run(fx.Gain(-6.0), sounds, tmp_path / "out", overwrite=True)
    assert (len(replaced.done), replaced.found) == (5, 0)
    assert run(fx.Gain(-6.0), sounds, tmp_path / "out").found == 5


def test_a_call_with_another_module_leaves_what_an_earlier_one_had_finished(sounds, tmp_path):
    first = [sounds / "00.wav", sounds / "01.wav"]
    run(fx.Gain(-6.0), first, tmp_path / "out")
    assert len(run(fx.Gain(-12.0), first, tmp_path / "out").failed) == 2
    report = run(fx.Gain(-6.0), sounds, tmp_path / "out")
    assert (len(report.done), report.found) == (5, 2)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has a device that is always full")
def test_a_full_disk_ends_the_shard_with_a_reason_for_every_file(sounds, tmp_path, monkeypatch):
    monkeypatch.setattr(shard, "open_temporary", lambda path: Path("/dev/full").open("wb"))  # noqa: SIM115
    report = run(fx.Gain(-6.0), sounds, tmp_path / "out", shard_size=3)
    reasons = list(report.failed.values())
    assert len(reasons) == 5
    assert sum(os.strerror(errno.ENOSPC) in reason for reason in reasons) == 2
    assert sum("not processed, since there was no space left" in reason for reason in reasons) == 3
    assert not list((tmp_path / "out").glob("*.wav"))


def test_any_executor_runs_shards_and_a_lost_worker_costs_only_what_it_had_not_finished(sounds, tmp_path):
    class Losing(ThreadPoolExecutor):
        def submit(self, function, /, *args, **kwargs):
            if args[1] != 1:
                return super().submit(function, *args, **kwargs)
            lost = Future()
            lost.set_exception(RuntimeError("no heartbeat"))
            return lost

    with Losing(2) as executor:
        report = run(fx.Gain(-6.0), sounds, tmp_path / "out", executor=executor, shard_size=2)
    assert (len(report.done), len(report.failed)) == (3, 2)
    assert "worker was lost (RuntimeError: no heartbeat)" in report.failed[sounds / "02.wav"]
    with ThreadPoolExecutor(2) as executor:
        again = run(fx.Gain(-6.0), sounds, tmp_path / "out", executor=executor, shard_size=2)
    assert (len(again.done), again.found, again.failed) == (5, 3, {})


def test_draws_depend_on_the_file_alone(tmp_path):
    (tmp_path / "in").mkdir()
    for name in "abcd":
        fx.silence(0.01, sample_rate=8000).save(tmp_path / "in" / f"{name}.wav")
    noise = fx.augment.Compose([fx.augment.AddGaussianNoise(p=1.0)], seed=1)
    before = noise.get_extra_state()

    def samples(folder: str, **options) -> torch.Tensor:
        report = run(noise, tmp_path / "in", tmp_path / folder, **options)
        assert not report.failed
        return torch.stack([fx.load(path).samples for path in report.done.values()])

    first = samples("one")
    assert len({row.sum().item() for row in first}) == 4
    assert noise.get_extra_state() == before
    with ThreadPoolExecutor(2) as executor:
        assert torch.equal(samples("two", executor=executor, shard_size=1), first)
    (tmp_path / "one" / "c.wav").unlink()
    assert torch.equal(samples("one"), first)


def test_a_class_of_a_notebook_travels_as_code(monkeypatch):
    code = "import fxlab as fx\nclass Twice(fx.Module):\n    def forward(self, x, sample_rate):\n        return 2 * x\n"
    main = sys.modules["__main__"]
    namespace = {"__name__": "__main__"}
    exec(code, namespace)
    monkeypatch.setattr(main, "Twice", namespace["Twice"], raising=False)
    data = _pickled(namespace["Twice"]() | fx.Gain(-6.0))
    monkeypatch.delattr(main, "Twice")
    assert pickle.loads(data)(fx.Signal([0.25], 8000)).samples.item() == pytest.approx(0.5 * 10 ** (-6 / 20))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"workers": -1}, "workers = -1 is not allowed. Pass a whole number from 0 on."),
        ({"workers": 1.5}, "workers = 1.5"),
        ({"shard_size": 0}, "shard_size = 0"),
        ({"format": "aac"}, "format = 'aac' cannot be written. Choose one of wav, flac, ogg, mp3."),
        ({"overwrite": "no"}, "overwrite = 'no' is not allowed"),
        ({"overload": "wrap"}, "overload = 'wrap' is not known"),
        ({"subtype": "PCM16"}, "subtype = 'PCM16' is not a type of samples. Choose one of FLOAT"),
        ({"subtype": "FLOAT", "format": "flac"}, "not a type of samples of the format 'flac'"),
        ({"executor": object()}, "is not a concurrent.futures.Executor"),
    ],
)
def test_arguments_that_are_refused(sounds, tmp_path, options, message):
    with pytest.raises(fx.ParameterError, match=message):
        run(fx.Gain(), sounds, tmp_path / "out", **options)


def test_a_dask_client_is_refused_with_the_call_that_it_needs(sounds, tmp_path):
    class Client:
        submit = get_executor = print

    with pytest.raises(fx.ParameterError, match=r"Pass client\.get_executor\(\)"):
        run(fx.Gain(), sounds, tmp_path / "out", executor=Client())


def test_what_cannot_be_run(sounds, tmp_path):
    (tmp_path / "none").mkdir()
    with pytest.raises(fx.FileError, match="there is no sound file in"):
        run(fx.Gain(), tmp_path / "none", tmp_path / "out")
    with pytest.raises(fx.FileError, match="there is no folder"):
        run(fx.Gain(), tmp_path / "nowhere", tmp_path / "out")
    with pytest.raises(fx.FileError, match="the list of files is empty"):
        run(fx.Gain(), [], tmp_path / "out")
    with pytest.raises(fx.FileError, match="would replace it"):
        run(fx.Gain(), sounds, sounds)
    with pytest.raises(fx.ParameterError, match=r"is not a module\. Pass an fxlab Module"):
        run(abs, sounds, tmp_path / "out")
    with pytest.raises(fx.FileError, match="cannot be written"):
        run(fx.Gain(), sounds, sounds / "00.wav" / "out")
    other = write_files(tmp_path / "other", 1)
    with pytest.raises(fx.ParameterError, match="would both be written to"):
        run(fx.Gain(), [sounds / "00.wav", *other], tmp_path / "out")
    with pytest.raises(fx.ParameterError, match="workers = 2 and an executor"), ThreadPoolExecutor(1) as executor:
        fx.apply_to_files(fx.Gain(), sounds, tmp_path / "out", workers=2, executor=executor)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("files", [None, 5, [1], [b"a.wav"]])
def test_what_is_no_path_is_refused(tmp_path, files):
    with pytest.raises(fx.ParameterError, match="is not a path"):
        run(fx.Gain(), files, tmp_path / "out")
    with pytest.raises(fx.ParameterError, match="out_dir = None is not a path"):
        run(fx.Gain(), tmp_path, None)
