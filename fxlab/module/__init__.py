"""The audio processors: declared parameters, composition with `|` and `+`, linear analysis, streaming.

- `module.py`       `Module`, the base class and entry point: calls, composition, description
- `stateful.py`     `StatefulModule`, the base class of processors that keep a state from block to block
- `stream.py`       `Stream`, which runs a module on successive blocks
- `settle.py`       `settle`: the steady state for a constant input, from which a stream starts without a transient
- `block_state.py`  the state that a stream keeps from block to block
- `tail.py`         `tail_samples`: the number of samples by which an output continues after the input
- `wrap.py`         `wrap`, which makes a `Module` from a callable
- `slider_inference.py`  declarations of parameters, made from the arguments of a function
- `operators.py`    the operators `|` and `+`
- `presentation.py`  the card, the panel and the page of a module
- `capabilities.py`  the attributes that say what a module takes and returns
- `checked_values.py`  the values of the parameters during a call
- `checks.py`       the checks that `Module.__call__` and `Stream` run on audio, sample rate and shapes
- `abstract.py`     the error for constructing a class with abstract methods
- `serialization.py`, `rebuild_with_types.py`  the dictionaries of `Module.to_dict` and `Module.from_dict`
- `parameters/`     declarations such as `Param`, and `ParameterOwner`, from which `Module` derives
- `lti/`            `LinearAnalysis` and the base classes of filters: `Recursive`, `Finite`, `Rational`
- `compose/`        `Chain`, `Sum`, `Send` and `Mix`
"""

from fxlab.module.compose.chain import Chain
from fxlab.module.compose.mix import Mix
from fxlab.module.compose.send import Send
from fxlab.module.compose.sum import Sum
from fxlab.module.lti.finite import Finite
from fxlab.module.lti.linear_analysis import LinearAnalysis, has_response
from fxlab.module.lti.lti import LTI
from fxlab.module.lti.rational import Rational
from fxlab.module.lti.recursive import Recursive
from fxlab.module.module import Module
from fxlab.module.parameters.array import ArrayParam
from fxlab.module.parameters.discrete import Choice, Count, Switch
from fxlab.module.parameters.param import Param
from fxlab.module.parameters.parameter_declaration import ParameterDeclaration
from fxlab.module.stateful import StatefulModule
from fxlab.module.stream import Stream
from fxlab.module.wrap import wrap

__all__ = [
    "LTI",
    "ArrayParam",
    "Chain",
    "Choice",
    "Count",
    "Finite",
    "LinearAnalysis",
    "Mix",
    "Module",
    "Param",
    "ParameterDeclaration",
    "Rational",
    "Recursive",
    "Send",
    "StatefulModule",
    "Stream",
    "Sum",
    "Switch",
    "has_response",
    "wrap",
]
