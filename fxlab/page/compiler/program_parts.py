"""`Text`: the parts of a program in JavaScript, which `JavaScriptWriter` writes and `program_text` joins."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Text:
    """The parts of a program that are written from one graph, most of them as lists of lines.

    `response` and `length` are expressions, and `steps` are the names of coefficients that are whole numbers.
    """

    constants: list[str] = field(default_factory=list)
    design: list[str] = field(default_factory=list)
    memory: list[str] = field(default_factory=list)
    process: list[str] = field(default_factory=list)
    states: list[str] = field(default_factory=list)
    reset: list[str] = field(default_factory=list)
    drawings: list[str] = field(default_factory=list)
    response: str = "[]"
    length: str = ""
    steps: list[str] = field(default_factory=list)
