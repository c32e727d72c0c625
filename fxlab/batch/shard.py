"""`run_shard`: the task of a worker, which processes the files of one shard."""

from __future__ import annotations

import errno
import pickle
import shutil
import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import BinaryIO, NamedTuple

import torch

from fxlab.batch.draws import begin_file, with_own_draws
from fxlab.batch.job import Job, Options, Run
from fxlab.batch.records import Record, stamp_of
from fxlab.engine.torch_support.single_thread import SingleThread
from fxlab.errors import FileError, FxlabError, describe_error
from fxlab.module import Module
from fxlab.signal import Signal, load

_OVERWRITING = Options(overwrite=True)


class ShardResult(NamedTuple):
    """The result of a shard: the numbers of outputs that earlier runs and this one have written, and the failures.

    `failed` maps the paths of files to the reasons.
    """

    found: int
    written: int
    failed: dict[str, str]

    @property
    def files(self) -> int:
        """The number of files in the result: found, written and failed."""
        return self.found + self.written + len(self.failed)


class StoppedError(FxlabError):
    """The error of a worker whose list of files has been removed, because the run has ended."""


def run_shard(folder: str, number: int) -> ShardResult:
    """Process the files of shard `number` in a worker, and return the result; `folder` is that of the job.

    Raises:
        FileError: The folder cannot be accessed from this machine, or the run was stopped before the task began.
        StoppedError: The run was stopped during the task.
    """
    job = Job(Path(folder))
    pairs = job.read_shard(number)
    return run_files(job, number, pairs, _read_module(folder, job.read_run().name))


def run_files(job: Job, number: int, pairs: Sequence[tuple[str, str]], module: Module) -> ShardResult:
    """Process the files of shard `number` with `module`, on one thread of PyTorch, and return the result.

    `pairs` contains the paths of the sources and outputs. If an error occurs, it becomes the entry of the file in
    `failed`, and the next file follows. Each output is written under the name `unfinished/SHARD-ID/INDEX` and renamed
    when it is complete.

    Raises:
        StoppedError: The file that lists the shard has been removed, which stops the run.
    """
    run = job.read_run()
    earlier, lost = job.read_earlier(number), job.records.of_shard(number)  # those of a worker that was lost
    log = job.records.begin(number)
    attempt = job.unfinished / f"{number:06d}-{uuid.uuid4().hex}"
    attempt.mkdir()
    found, written, full = 0, 0, ""
    failed: dict[str, str] = {}
    listed, module = job.shard(number), with_own_draws(module)
    try:
        with SingleThread(), torch.no_grad():
            for index, (source, target) in enumerate(pairs):
                if not listed.exists():
                    raise StoppedError("apply_to_files: the run was stopped.")
                try:
                    name = job.name_of(target)
                    exists = stamp_of(target) is not None
                    if exists and _is_done(source, target, lost.get(name), replace(run, options=_OVERWRITING)):
                        written += 1
                    elif exists and _is_done(source, target, lost.get(name, earlier.get(name)), run):
                        found += 1
                    elif full:
                        failed[source] = full
                    else:
                        begin_file(module, name)
                        temporary, before = attempt / str(index), stamp_of(source)
                        process_file(module, source, target, temporary, run.options)
                        if before is not None and (after := stamp_of(temporary)) is not None:
                            # Before the output has its name: an output without a record would not count.
                            job.records.append(log, name, Record(run.job, run.fingerprint, before, after))
                        move(temporary, target)
                        written += 1
                except Exception as error:
                    failed[source] = describe_error(error)
                    if _is_disk_full(error):
                        full = f"not processed, since there was no space left for {target!r}."
    finally:
        shutil.rmtree(attempt, ignore_errors=True)
    return ShardResult(found, written, failed)


def process_file(module: Module, source: str, target: str, temporary: Path, options: Options) -> None:
    """Read `source`, run `module`, and write the output, in the format of `target`, to `temporary`.

    Raises:
        FileError: The source cannot be read, the module does not return a Signal, or the output cannot be written, for
            instance because it exceeds full scale and `options.overload` is `"error"`.
        ParameterError: The format does not have the type of samples `options.subtype`.
        Exception: The module raises an error, which is not caught.
    """
    with open_temporary(temporary) as file:  # it exists while the file is processed: a crash leaves its name behind
        signal = load(source)
        output = module(signal.to(_device_of(module)))
        if not isinstance(output, Signal):
            raise FileError(
                f"the module gives a {type(output).__name__}, not a Signal, which is all that a sound file can hold."
            )
        output.save(file, format=_format_of(target), subtype=options.subtype, overload=options.overload)


def move(temporary: Path, target: str) -> None:
    """Rename the complete output `temporary` to `target`, and create its folder if there is none.

    Raises:
        FileError: `target` is a folder, a file has the name of its folder, or the folder cannot be written.
    """
    try:
        try:
            temporary.replace(target)
        except FileNotFoundError:  # the first output in its folder
            Path(target).parent.mkdir(parents=True, exist_ok=True)
            temporary.replace(target)
    except OSError as error:
        is_in_the_way = isinstance(error, IsADirectoryError | NotADirectoryError | FileExistsError)
        advice = "Remove what is in the way, or choose another out_dir." if is_in_the_way else "Choose another out_dir."
        raise FileError(f"{target!r} cannot be written: {error.strerror or error}. {advice}") from error


def open_temporary(path: Path) -> BinaryIO:
    """Create a file for the output, and return the file object.

    Raises:
        FileExistsError: There is a file at `path`.
    """
    return path.open("xb")


def take_files_in_progress(job: Job) -> list[tuple[str, str]]:
    """Return the files that were being processed when their workers ended, and remove them from their shards.

    The files are pairs of the paths of the source and of the output.
    """
    taken = []
    for attempt in sorted(job.unfinished.iterdir()):
        number = int(attempt.name.partition("-")[0])
        pairs = job.read_shard(number)
        found = [pairs[int(file.name)] for file in attempt.iterdir()]
        job.write_shard(number, [pair for pair in pairs if pair not in found])
        taken += found
    job.clear_unfinished()
    return taken


def unfinished_files(job: Job, number: int) -> list[str]:
    """Return the sources of shard `number` that have no complete output of this job."""
    run = job.read_run()
    records = job.read_earlier(number) | job.records.of_shard(number)
    unfinished = []
    for source, target in job.read_shard(number):
        with suppress(FileError):
            if _is_done(source, target, records.get(job.name_of(target)), run):
                continue
        unfinished.append(source)
    return unfinished


def _is_done(source: str, target: str, record: Record | None, run: Run) -> bool:
    """Return whether `target` exists and is from the same module and options, and its source has not changed since.

    With `overwrite` it must also be from this job, not from an earlier one that has finished. `record` is that of the
    output `target`, or None if there is none.

    Raises:
        FileError: Without `overwrite`, `target` exists and is not from this module with these options, or its source
            has changed since.
    """
    output = stamp_of(target)
    if output is None:
        return False
    is_own = record is not None and record.output == output and record.fingerprint == run.fingerprint
    is_same_source = record is not None and record.source == stamp_of(source)
    overwrite = run.options.overwrite
    if is_own and is_same_source and (not overwrite or (record is not None and record.job == run.job)):
        return True
    if overwrite:
        return False
    why = "its source has changed since" if is_own else "it is not from this module with these options"
    raise FileError(f"{target!r} exists already, and {why}. Pass overwrite=True, or choose another out_dir.")


@lru_cache(maxsize=1)
def _read_module(folder: str, run: str) -> Module:  # noqa: ARG001
    """Return the module of the job in `folder`; `run` is a key of the cache, since each run may have another module."""
    module: Module = pickle.loads(Job(Path(folder)).module.read_bytes())
    return module


def _device_of(module: Module) -> torch.device:
    for tensor in chain(module.parameters(), module.buffers()):
        return tensor.device
    return torch.device("cpu")


def _format_of(target: str) -> str:
    return Path(target).suffix[1:].lower()


def _is_disk_full(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            return True
        error = error.__cause__
    return False
