"""Declared parameters: their kinds, storage, validation and observers.

- `owner.py`                  `ParameterOwner`, the entry point: the base of `Module`, which stores and checks values
- `constructor.py`            the constructor's signature and the checks of a class, called by `ParameterOwner`
- `parameter_declaration.py`  `ParameterDeclaration`, the base of all declarations
- `continuous.py`             `Continuous`, the base of `Param` (`param.py`) and `ArrayParam` (`array.py`)
- `discrete.py`, `rate.py`    `Choice`, `Switch` and `Count`; `Rate`
- `active_values.py`          the tensors that a module reads while it runs, shaped by `broadcasting.py`
- `design_cache.py`           a cache of filter designs and passed checks
- `observers.py`              `ParameterObserver`: callbacks for changed values
"""
