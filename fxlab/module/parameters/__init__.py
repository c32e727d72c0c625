"""Declared parameters: their kinds, storage, validation and observers.

- `owner.py`                  `ParameterOwner`, the entry point: the base class of `Module`, which stores the values
- `constructor.py`            the constructor's signature and the checks of a class, called by `ParameterOwner`
- `parameter_declaration.py`  `ParameterDeclaration`, the base class of all declarations
- `continuous.py`             `Continuous`, the base class of `Param` (`param.py`) and `ArrayParam` (`array.py`)
- `encoding.py`               the values of continuous parameters in dictionaries
- `structure_declaration.py`  the base class of `Choice`, `Switch`, `Count` (`discrete.py`) and `Rate` (`rate.py`)
- `labels.py`, `class_names.py`  the labels of parameters, and the names of classes in dictionaries
- `learnable.py`              the parameters that an optimizer changes
- `kept_dtypes.py`            the dtypes of parameters when their module is converted, as by `.half()`
- `moving_value.py`           `MovingValue`, the interface of a value that moves; `control.py` the base class `Control`
- `moving_values.py`          the values of parameters with controls for one block
- `clock.py`                  the time at which a call begins
- `freeze_controls.py`        copies of a module in which controls are replaced by their values at given times
- `active_values.py`          the tensors that a module reads while it runs, shaped by `broadcasting.py`
- `design_cache.py`           a cache of filter designs and passed checks
- `design_inputs.py`, `design_code.py`  the records of all that a design and a check depend on
- `observers.py`              `ParameterObserver`: callbacks for changed values
"""
