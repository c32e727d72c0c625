"""What a processor is: parameters declared once, modules that join with `|` and `+`, streaming, plain dictionaries."""

from fxlab.module.chain import Chain
from fxlab.module.declaration import Declaration
from fxlab.module.discrete import Choice, Count, Switch
from fxlab.module.finite import Finite
from fxlab.module.lti import LTI
from fxlab.module.mix import Mix
from fxlab.module.module import Module
from fxlab.module.numbers import Numbers
from fxlab.module.param import Param
from fxlab.module.rational import Rational
from fxlab.module.recursive import Recursive
from fxlab.module.stream import Stream
from fxlab.module.sum import Sum
from fxlab.module.wrap import wrap

__all__ = [
    "LTI",
    "Chain",
    "Choice",
    "Count",
    "Declaration",
    "Finite",
    "Mix",
    "Module",
    "Numbers",
    "Param",
    "Rational",
    "Recursive",
    "Stream",
    "Sum",
    "Switch",
    "wrap",
]
