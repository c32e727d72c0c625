"""The compiler: from the operations that a module runs on a block of samples to JavaScript and C.

- `program`           `compile_module`, which runs all steps; `variants` adds one program for each choice
- `trace`             runs the module and records its operations in a `recorder`, with functions replaced as in
                      `interception`, `replacements`, `live_replacements`, `engine_operators` and `delay_operators`
- `tracked_tensors`   the tensors that a `recorder` records, and the constants
- `bypass`, `clock`   stages that the page can bypass; the position of a block as a value of the graph
- `reader_mode`, `refusals`, `source_line`  reads of values while recording, and the errors for code that cannot be
                      compiled, with its line; `tensors_of_lists` records lists of numbers
- `fixed_point_operator`  the filters of `FixedPoint` as one operator
- `look_ahead`, `states`, `movement`  modules whose output is late, the state of a module, and parameters that move
- `explored_function`, `function_replacements`, `lab_program`, `drawings`  functions of `explore`, labs and their plots
- `audition`, `pitch_operators`, `room_operator`  augmentations, effects of pitch and speed, and rooms
- `page_constants`    large constants that the page computes; `dependencies` finds the parameters of a value
- `graph`             the intermediate form; `operations` is the table of PyTorch's operations, whose rows are in
                      `elementwise`, `complex_elements`, `arrangement`, `reductions`, `ordering` and
                      `matrices`
- `stages`            which values are computed when a parameter changes, and which for each block; `simplify` joins
                      statements
- `javascript`, `c`   write a program; `expressions`, `loops` and `names` serve both languages, `constant_arrays` the
                      first, and `c_runtime` the second, with the operators in `c_algebra`, `c_delays`, `c_ordering`,
                      `c_recursions` and `c_room`
- `program_parts`, `program_text`, `shared_programs`  the parts of a program, which are joined, and its variants
- `export`            programs for uses other than a page, for `Module.export`
"""

from fxlab.page.compiler.program import CompiledModule, compile_module

__all__ = ["CompiledModule", "compile_module"]
