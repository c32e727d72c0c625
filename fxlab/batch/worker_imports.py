"""What the worker processes of `apply_to_files` have imported when they start, so that it is loaded once."""

from fxlab.batch import shard
from fxlab.public_names import import_packages
from fxlab.signal import decoder

__all__ = ["decoder", "shard"]

import_packages()
decoder._sequential_class()
