"""`Job`: the data of a run of `apply_to_files` for its workers, in the folder `.fxlab` of the output folder.

A task consists only of the path of that folder and the number of a shard, so that a scheduler needs little memory for
it.

    .fxlab/job.json      the jobs by the fingerprint of module and options, and whether they have finished
    .fxlab/run           the description of this run, a `Run`; the run may continue the job of an earlier one
    .fxlab/done/         a list of the finished outputs, with the sizes and times of the sources and of the outputs
    .fxlab/module.pkl    the module
    .fxlab/shards/       one file per shard, with a pair of paths per line, and one with the records of earlier outputs
    .fxlab/unfinished/   outputs that are being written; each is renamed to its own name when it is complete
"""

from __future__ import annotations

import json
import pickle
import shutil
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from fxlab.batch.file_list import OWN_FOLDER
from fxlab.batch.fingerprint import fingerprint as fingerprint_of
from fxlab.batch.records import Record, Records, read_records, write_records
from fxlab.errors import FileError, FxlabError, ParameterError
from fxlab.module import Module
from fxlab.signal.formats import Overload


@dataclass(frozen=True)
class Options:
    """The settings of a run: how outputs are written, and whether they may replace existing files."""

    subtype: str | None = None
    """The sample format, such as `"PCM_24"`, or None for the default of the file format; see `Signal.save`."""
    overload: Overload = "error"
    """The treatment of samples beyond full scale: an error, clipping or scaling; see `Signal.save`."""
    overwrite: bool = False


@dataclass(frozen=True)
class Run:
    """A call of `apply_to_files`, which begins a job or continues an earlier one of the same module and options.

    `fingerprint` is that of the module and the options, `job` the identifier of the job, `name` that of the run.
    """

    fingerprint: str
    job: str
    name: str
    options: Options


@dataclass(frozen=True)
class Job:
    """The files of one run in `folder`, the folder `.fxlab` of the output folder."""

    folder: Path

    @property
    def description(self) -> Path:
        """The path of the file that lists the jobs by fingerprint."""
        return self.folder / "job.json"

    @property
    def run(self) -> Path:
        """The path of the file that describes this run."""
        return self.folder / "run"

    @property
    def records(self) -> Records:
        """The records of the finished outputs."""
        return Records(self.folder / "done")

    @property
    def module(self) -> Path:
        """The path of the file of the pickled module."""
        return self.folder / "module.pkl"

    @property
    def shards(self) -> Path:
        """The path of the folder with the list of files of each shard."""
        return self.folder / "shards"

    @property
    def unfinished(self) -> Path:
        """The path of the folder of the outputs that are being written."""
        return self.folder / "unfinished"

    def shard(self, number: int) -> Path:
        """Return the path of the list of files of shard `number`."""
        return self.shards / f"{number:06d}.json"

    def write_shard(self, number: int, pairs: Sequence[tuple[str, str]]) -> None:
        """Write the list of files of shard `number`: pairs of the paths of the source and of the output."""
        self.shard(number).write_text("\n".join(map(json.dumps, pairs)) + "\n", encoding="utf-8")

    def read_shard(self, number: int) -> list[tuple[str, str]]:
        """Return the list of files of shard `number`: pairs of the paths of the source and of the output.

        Raises:
            FileError: The list is missing: this machine cannot access the folder of the job, or the run was stopped.
        """
        try:
            text = self.shard(number).read_text(encoding="utf-8")
        except FileNotFoundError as error:
            raise FileError(
                f"apply_to_files: a worker found no {str(self.shard(number))!r}. All workers must see the files and "
                "out_dir by the same paths, on a shared file system; or the run was stopped."
            ) from error
        return [(source, target) for source, target in map(json.loads, text.splitlines())]

    def name_of(self, target: str) -> str:
        """Return the path of the output `target` relative to the output folder, with `/` as the separator."""
        return Path(target).relative_to(self.folder.parent).as_posix()

    def write_earlier(self, number: int, records: dict[str, Record]) -> None:
        """Write the records of those outputs of shard `number` that earlier runs have finished, by name."""
        write_records(self.shards / f"{number:06d}.done", records)

    def read_earlier(self, number: int) -> dict[str, Record]:
        """Return the records of those outputs of shard `number` that earlier runs have finished, by name."""
        return read_records(self.shards / f"{number:06d}.done")

    def clear_unfinished(self) -> None:
        """Empty the folder of the outputs that workers were writing when they ended."""
        shutil.rmtree(self.unfinished)
        self.unfinished.mkdir()

    def read_run(self) -> Run:
        """Return the description of this run, read from its file."""
        described = json.loads(self.run.read_text(encoding="utf-8"))
        return Run(**{**described, "options": Options(**described["options"])})

    def read_jobs(self) -> dict[str, dict[str, Any]]:
        """Return the jobs that have written to the folder, by fingerprint: the `id`, and whether the job is `finished`.

        The result is empty if the file that lists the jobs is missing or damaged.
        """
        try:
            jobs = json.loads(self.description.read_text(encoding="utf-8"))["jobs"]
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return {}
        return jobs if isinstance(jobs, dict) else {}

    def write_job(self, run: Run, *, finished: bool) -> None:
        """Record the job of a run, and whether all its files have been processed; keep jobs of other fingerprints."""
        jobs = {**self.read_jobs(), run.fingerprint: {"id": run.job, "finished": finished}}
        new = self.description.with_suffix(".new")
        new.write_text(json.dumps({"jobs": jobs}), encoding="utf-8")
        new.replace(self.description)

    def finish(self) -> None:
        """Record that all files of the job have been processed, and join the records of the outputs in one file."""
        self.records.join()
        self.write_job(self.read_run(), finished=True)

    def clean(self) -> None:
        """Remove the shards, the unfinished outputs and the module, so that workers stop before their next file."""
        for folder in (self.shards, self.unfinished):
            shutil.rmtree(folder, ignore_errors=True)
        self.module.unlink(missing_ok=True)


def open_job(module: Module, out_dir: Path, options: Options, extension: str | None, *, send: bool) -> Job:
    """Create the folder `.fxlab` in `out_dir` for a job, or continue the job whose files it contains; return the job.

    A job is continued if module, options and `extension` are the same; with `overwrite`, only if it has not finished.
    `extension` is that of all outputs, or None if each output has that of its source. With `send`, the module is stored
    in the folder for other processes.

    Raises:
        FileError: The folder cannot be written.
        ParameterError: The module cannot be sent to other processes.
    """
    job = Job(out_dir / OWN_FOLDER)
    fingerprint = fingerprint_of(module, (options.subtype, options.overload, extension))
    try:
        earlier = job.read_jobs().get(fingerprint)
        continues = earlier is not None and not (options.overwrite and earlier["finished"])
        name = uuid.uuid4().hex
        run = Run(fingerprint, earlier["id"] if earlier is not None and continues else name, name, options)
        job.clean()
        job.shards.mkdir(parents=True)
        job.unfinished.mkdir()
        job.records.folder.mkdir(exist_ok=True)
        job.run.write_text(json.dumps(asdict(run)), encoding="utf-8")
        if send:
            job.module.write_bytes(_pickled(module))
        job.write_job(run, finished=False)
    except FxlabError:
        raise
    except OSError as error:
        raise FileError(
            f"apply_to_files: {str(out_dir)!r} cannot be written: {error.strerror or error}. Choose another out_dir."
        ) from error
    return job


def _pickled(module: Module) -> bytes:
    """Return the pickled module; if it uses classes or functions of a notebook or script, cloudpickle adds their code.

    Raises:
        ParameterError: The module cannot be pickled, even with cloudpickle if it is installed.
    """
    try:
        data = pickle.dumps(module)
    except Exception as error:
        data, reason = b"", str(error)
    else:
        reason = "it uses a class or function of this notebook or script"
    if data and b"__main__" not in data:
        return data
    try:
        import cloudpickle

        return bytes(cloudpickle.dumps(module))
    except ImportError:
        raise ParameterError(
            f"apply_to_files: {module!r} cannot be sent to other processes: {reason}. Install cloudpickle, move the "
            "class or function into a file that you import, or pass workers=0."
        ) from None
    except Exception as error:
        raise ParameterError(
            f"apply_to_files: {module!r} cannot be sent to other processes: {error}. Pass workers=0 to use this one."
        ) from error
