"""`apply_to_files`: runs a module on the files of a folder, in processes or on a cluster."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor, as_completed
from math import ceil
from typing import Any, get_args

from fxlab.batch.file_list import OWNER, check_format, expand_path, pair_with_outputs
from fxlab.batch.job import Job, Options, open_job
from fxlab.batch.process_pool import run_in_processes
from fxlab.batch.report import Report
from fxlab.batch.shard import ShardResult, run_files, run_shard, unfinished_files
from fxlab.engine.torch_support.cpu_limits import available_cpus
from fxlab.errors import FxlabError, ParameterError
from fxlab.module import Module
from fxlab.signal.formats import Overload
from fxlab.signal.samples import is_integer

_LARGEST_SHARD = 256
_SHARDS_PER_WORKER = 8
_UNKNOWN_WORKERS = 8


def apply_to_files(
    chain: Module,
    files: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    out_dir: str | os.PathLike[str],
    *,
    workers: int | None = None,
    executor: Executor | None = None,
    format: str | None = None,
    subtype: str | None = None,
    overload: Overload = "error",
    overwrite: bool = False,
    shard_size: int | None = None,
    progress: bool = True,
) -> Report:
    """Run a module on every sound file of a folder or list, and write the outputs to `out_dir`.

    A file that cannot be read, processed or written becomes an entry of `report.failed`, and the run continues with the
    other files. An output is written under another name and renamed when it is complete. If the run is killed, the same
    call continues it, and finished files are not processed again. If a file with the name of an output exists, but is
    not from the same module and options, or its source has changed since, it is not replaced unless `overwrite` is set;
    its source becomes an entry of `report.failed`.

    The values that an augmentation draws for a file depend on the seed of the augmentation and on the path of the
    output within `out_dir`, but not on the workers.

    Each worker is a process with one thread of PyTorch. In a script, call this function below
    `if __name__ == "__main__":`, since the processes import the script. One run at a time may use an `out_dir`, whose
    folder `.fxlab` contains the state of the run.

    Args:
        chain: The module.
        files: A folder, whose sound files are processed with those of its subfolders except `out_dir`, or a list of
            files. Outputs of a folder keep its structure; those of a list are all directly in `out_dir`. The path of a
            file stands for a list of this file.
        out_dir: The folder for the outputs, which is created if it does not exist.
        workers: The number of processes; by default one for each processor that this process may use. With 0 the
            files are processed in this process.
        executor: A `concurrent.futures.Executor` to use instead of processes of this machine, such as Dask's
            `Client.get_executor()`; `workers` must then be None. Its tasks are shards, parts of the list of files. Its
            workers must have access to the files and `out_dir` under the same paths.
        format: The format of the outputs, `"wav"`, `"flac"`, `"ogg"` or `"mp3"`; by default, that of the extension of
            each file.
        subtype: The type of the samples, as in `Signal.save`: a WAV is written in 32-bit floating point by default.
        overload: How samples beyond full scale are treated, as in `Signal.save`.
        overwrite: Whether outputs replace files that exist.
        shard_size: The number of files in a shard; by default at most 256, and few enough that each worker gets about
            eight shards.
        progress: Whether to show a progress bar.

    Returns:
        The report, with the finished outputs and the reasons why other files failed.

    Raises:
        FileError: There are no files, the folder does not exist or cannot be read, `out_dir` cannot be written, one
            of these paths contains a null character or a `~` with an unknown user, or an output would replace one of
            the files or, in an `out_dir` below the folder, a sound file that no run has written.
        ParameterError: An argument is invalid, two outputs would have the same name, or the module cannot be sent to
            another process.
        FxlabError: The call is made in a worker process, because it is not below `if __name__ == "__main__":`, or the
            worker processes end before their first file.

    >>> import tempfile
    >>> from fxlab.effects import Gain
    >>> from fxlab.signal import load, sine
    >>> folder = tempfile.TemporaryDirectory()
    >>> sine(440.0, duration=0.1, level_db=0.0).save(f"{folder.name}/a.wav")
    >>> report = apply_to_files(Gain(-6.0), folder.name, f"{folder.name}/quiet", workers=0, progress=False)
    >>> report
    Report(1 of 1 files done, 0 failed)
    >>> load(f"{folder.name}/quiet/a.wav")
    Signal(1 channel, 0.1 s at 44100 Hz, peak -6.0 dBFS)
    >>> folder.cleanup()
    """
    _check_arguments(chain, workers, executor, shard_size)
    _check_writing(out_dir, overload, overwrite)
    extension = check_format(format, subtype)
    options = Options(subtype, overload, overwrite)
    folder = expand_path(out_dir, f"{OWNER}, out_dir").absolute()
    pairs = pair_with_outputs(files, folder, extension)
    local = executor is None and workers == 0
    count = available_cpus() if workers is None else workers
    job = open_job(chain, folder, options, extension, send=not local)
    try:
        shards = _write_shards(job, pairs, shard_size or _shard_size(len(pairs), None if executor else count))
        if executor is not None:
            results = _run_on_executor(executor, job, shards)
        elif local:
            results = (run_files(job, number, job.read_shard(number), chain) for number in shards)
        else:
            results = run_in_processes(job, shards, count)
        found, failed = 0, dict[str, str]()
        with _progress_bar(len(pairs), progress) as bar:
            for result in results:
                found += result.found
                failed |= result.failed
                bar.update(result.files)
        job.finish()
    finally:
        job.clean()
    return Report(pairs, failed, found, folder)


def _check_arguments(chain: object, workers: object, executor: object, shard_size: object) -> None:
    # A new process imports the script that started it; a call at its top level would start processes without end.
    if getattr(multiprocessing.current_process(), "_inheriting", False):
        raise FxlabError(
            "apply_to_files: a worker process, which imports this script, came to this call. Put it below "
            "`if __name__ == '__main__':`, or pass workers=0."
        )
    if not isinstance(chain, Module):
        raise ParameterError(
            f"apply_to_files: {chain!r} is not a module. Pass an fxlab Module, such as fx.LowPass(800.0), or wrap a "
            "function: fx.wrap(function)."
        )
    for name, value, least in (("workers", workers, 0), ("shard_size", shard_size, 1)):
        if value is not None and (not is_integer(value) or value < least):
            raise ParameterError(
                f"apply_to_files: {name} = {value!r} is not allowed. Pass a whole number from {least} on."
            )
    if executor is not None and workers is not None:
        raise ParameterError(
            f"apply_to_files: workers = {workers} and an executor were given, but the executor has workers of its own. "
            "Leave one of them out."
        )
    is_client = hasattr(executor, "get_executor")
    if executor is not None and (is_client or not callable(getattr(executor, "submit", None))):
        hint = " Pass client.get_executor()." if is_client else ""
        raise ParameterError(f"apply_to_files: executor = {executor!r} is not a concurrent.futures.Executor.{hint}")


def _check_writing(out_dir: object, overload: object, overwrite: object) -> None:
    if not isinstance(out_dir, str | os.PathLike):
        raise ParameterError(f"apply_to_files: out_dir = {out_dir!r} is not a path. Pass the folder for the outputs.")
    if overload not in get_args(Overload):
        raise ParameterError(
            f"apply_to_files: overload = {overload!r} is not known. Choose {', '.join(map(repr, get_args(Overload)))}."
        )
    if not isinstance(overwrite, bool):
        raise ParameterError(f"apply_to_files: overwrite = {overwrite!r} is not allowed. Pass True or False.")


def _shard_size(count: int, workers: int | None) -> int:
    """Return the number of files in a shard, at most 256, for which each worker gets about eight shards.

    `count` is the number of files. If `workers` is None or 0, 8 workers are assumed.
    """
    tasks = (workers or _UNKNOWN_WORKERS) * _SHARDS_PER_WORKER
    return max(1, min(_LARGEST_SHARD, ceil(count / tasks)))


def _write_shards(job: Job, pairs: Sequence[tuple[str, str]], size: int) -> Sequence[int]:
    """Write the lists of files of all shards, and the records of earlier outputs; return the numbers of the shards."""
    shards = range(ceil(len(pairs) / size))
    records = job.records.join()
    for number in shards:
        part = pairs[number * size : (number + 1) * size]
        job.write_shard(number, part)
        if records:
            names = (job.name_of(target) for _, target in part)
            job.write_earlier(number, {name: records[name] for name in names if name in records})
    return shards


def _run_on_executor(executor: Executor, job: Job, shards: Sequence[int]) -> Iterator[ShardResult]:
    """Yield the results of the shards in the order in which they are completed.

    If the task of a shard raises an error, as when its worker is lost, the unfinished files of the shard count as
    failed.
    """
    futures = {executor.submit(run_shard, str(job.folder), number): number for number in shards}
    try:
        for future in as_completed(futures):
            try:
                yield future.result()
            except Exception as error:
                reason = (
                    f"its worker was lost ({type(error).__name__}: {error}). Call apply_to_files again to continue."
                )
                if isinstance(error, FxlabError):
                    reason = str(error)
                failed = dict.fromkeys(unfinished_files(job, futures[future]), reason)
                done = len(job.read_shard(futures[future])) - len(failed)
                yield ShardResult(0, done, failed)
    finally:
        for future in futures:
            future.cancel()


def _progress_bar(total: int, shown: bool) -> Any:
    from tqdm.auto import tqdm

    return tqdm(total=total, unit="file", disable=not shown)
