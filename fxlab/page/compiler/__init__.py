"""The compiler: from the operations that a module runs on a block of samples to JavaScript and C.

- `trace`             runs the module once and records its operations in a `recorder`, with functions replaced as
                      in `interception`, `replacements` and `engine_operators`
- `graph`             the intermediate form; `operations` is the table of PyTorch's operations, whose rows are in
                      `elementwise`, `complex_elements`, `arrangement` and `reductions`
- `stages`            what is computed when a parameter changes and what for each block; `simplify` joins statements
- `javascript`        writes a program for the page; `expressions`, `loops` and `names` serve all languages
"""

from fxlab.page.compiler.program import CompiledModule, compile_module

__all__ = ["CompiledModule", "compile_module"]
