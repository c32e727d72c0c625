"""The imports of the worker processes of `apply_to_files`; a fork server loads them once, before it starts a worker."""

from fxlab.batch import shard
from fxlab.public_names import import_packages
from fxlab.signal import decoder

__all__ = ["decoder", "shard"]

import_packages()
decoder._sequential_class()
