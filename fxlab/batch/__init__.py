"""The processing of many sound files: a data set for training, and a module applied to every file of a folder.

- `audio_folder.py`     `AudioFolder`: the files of a folder as Signals, optionally of equal rate, length and channels
- `apply_to_files.py`   `apply_to_files`: runs a module on many files, in processes, on any executor, or on a cluster
- `file_list.py`        the sound files of a folder, and the path of the output of each
- `job.py`              `Job`: the data that workers need, in the output folder: module, options, lists of files
- `fingerprint.py`      a hash of the module and the options, by which a run continues an earlier one
- `records.py`          a list of the finished outputs, with the sizes and times of the files
- `shard.py`            `run_shard`: the task of a worker, which processes the files of one shard
- `draws.py`            the random draws of augmentations, which depend on the seed and the file, not on the worker
- `file_part.py`        `FilePart`: parts of a sound file at another sample rate
- `worker_imports.py`   the imports of the worker processes
- `process_pool.py`     the local pool of worker processes; a new pool if a file has crashed a process
- `report.py`           `Report`: the finished outputs, and the files that failed with the reasons
"""

from fxlab.batch.apply_to_files import apply_to_files
from fxlab.batch.audio_folder import AudioFolder
from fxlab.batch.report import Report

__all__ = ["AudioFolder", "Report", "apply_to_files"]
