"""The text on the card of a module: its title with parameter values, and the legend of its stages or examples."""

from __future__ import annotations

from collections.abc import Collection

from fxlab.display.canvas import colors
from fxlab.display.canvas.canvas import Canvas, fit_text
from fxlab.display.canvas.colors import LineStyle
from fxlab.display.canvas.legend import LegendEntry
from fxlab.display.cards.control_text import movement_text, moving_parts, value_text
from fxlab.display.number_format import format_duration, format_number, format_value
from fxlab.display.plots.response_curves import ResponseCurves
from fxlab.errors import ParameterError
from fxlab.filters import Bank
from fxlab.module import ArrayParam, Chain, Mix, Module, Param, ParameterDeclaration, Sum


def module_title(module: Module) -> str:
    """Return the class name of a module; for a chain or a sum, the titles of its stages or branches.

    The titles of stages are joined with `|`, and those of branches with `+`; an empty chain and an instance of a
    subclass of `Chain` have their class name. The name of a module that processes another one, such as `Mix`, is
    followed by the title of that module in parentheses.

    >>> from fxlab.filters import HighPass, LowPass
    >>> module_title(HighPass() | LowPass())
    'HighPass | LowPass'
    """
    if type(module) is Chain and len(module):
        return " | ".join(
            f"({module_title(stage)})" if isinstance(stage, Sum) else module_title(stage) for stage in module
        )
    if isinstance(module, Sum):
        return " + ".join(
            f"({module_title(branch)})" if isinstance(branch, Chain) else module_title(branch) for branch in module
        )
    inner = dict(module.named_children()).get("module")
    if isinstance(inner, Module):  # Mix, ZeroPhase
        return f"{type(module).__name__}({module_title(inner)})"
    return type(module).__name__


def parameter_texts(module: Module, hidden: Collection[str] = ()) -> list[str]:
    """Return the module's own parameters in use as text, such as `"cutoff 1 kHz"`, except those with names in `hidden`.

    A parameter whose value is None is omitted.
    """
    in_use = {name: declaration for name, declaration in module.in_use().items() if name not in hidden}
    values = {name: (declaration, getattr(module, name)) for name, declaration in in_use.items()}
    return [_parameter_text(declaration, value) for declaration, value in values.values() if value is not None]


def _parameter_text(declaration: ParameterDeclaration, value: object) -> str:
    text = value_text(declaration, value)
    if _value_includes_name(declaration):
        return text
    return f"{'Q' if declaration.name == 'q' else declaration.label.lower()} {text}"


def _value_includes_name(declaration: ParameterDeclaration) -> bool:
    """Return whether the formatted value contains the name of the parameter, as in "7 taps"."""
    return isinstance(declaration, ArrayParam) and declaration.keyword in declaration.shape


def stage_title(canvas: Canvas, name: str, stage: Module, max_width: float) -> str:
    """Return the name of a stage and as many values of its parameters as fit into `max_width`, in CSS pixels.

    If not even the name fits, it is shortened.
    """
    values = [
        f"{'' if declaration.unit or _value_includes_name(declaration) else declaration.label} "
        f"{value_text(declaration, getattr(stage, key))}".strip()
        for key, declaration in stage.in_use().items()
    ]
    for count in range(len(values), 0, -1):
        text = f"{name}  {', '.join(values[:count])}"
        if canvas.text_width(text) <= max_width:
            return text
    return fit_text(canvas, [name], max_width)


def stage_entries(canvas: Canvas, module: Module, max_width: float, *, curve_count: int) -> list[LegendEntry]:
    """Return the legend of the stages of a chain, the branches of a sum or the bands of a bank.

    Args:
        canvas: The canvas on which the legend is drawn.
        module: The module; the legend of any other module, or of a chain or sum with fewer than two parts, is empty.
        max_width: The width of the legend in CSS pixels.
        curve_count: The number of curves that are drawn of the parts. If it is 0, the legend has no line styles, and
            that of a bank is empty.
    """
    if isinstance(module, Bank) and curve_count:
        return [
            LegendEntry(f"{curve_count} bands, in two colors", colors.stage_style(0)),
            LegendEntry("their sum", LineStyle(colors.MAIN)),
        ]
    if not isinstance(module, (Chain, Sum)) or len(module) < 2:
        return []
    max_width -= 24 if curve_count else 0
    return [
        LegendEntry(
            stage_title(canvas, f"{number} {module_title(stage)}", stage, max_width),
            colors.stage_style(number) if curve_count else None,
        )
        for number, stage in enumerate(module)
    ]


def example_entries(module: Module, count: int) -> list[LegendEntry]:
    """Return the legend of the first `count` examples of a batch: the number of each.

    If exactly one parameter of the module and its parts has a value for each example, that value follows the number.
    """
    varied = [
        (declaration, declaration.stored(owner).detach().flatten())
        for _, owner, declaration in module.walk()
        if isinstance(declaration, Param) and declaration.applies(owner) and declaration.stored(owner).numel() > 1
    ]
    if len(varied) == 1 and len(varied[0][1]) >= count:
        texts = [format_value(varied[0][0], value) for value in varied[0][1][:count]]
    else:
        texts = ["" for _ in range(count)]
    return [LegendEntry(f"{number}  {text}".strip(), colors.example_style(number)) for number, text in enumerate(texts)]


def moving_entries(canvas: Canvas, module: Module, response: ResponseCurves, max_width: float) -> list[LegendEntry]:
    """Return the lines of the legend that state which parameters move, and which moment the curves show.

    The result is empty if no parameter moves. `max_width` is the width of the legend in CSS pixels.
    """
    names = [*dict.fromkeys(part.label.lower() for part in moving_parts(module))]
    if not names:
        return []
    moving = fit_text(canvas, names, max_width - canvas.text_width("moving: "), separator=", ")
    shown = "curves at 0 s, range shaded" if response.range_db is not None else "curves at 0 s"
    return [LegendEntry(f"moving: {moving}"), LegendEntry(shown)]


def moving_notes(module: Module, has_curves: bool) -> list[str]:
    """Return sentences about the first 8 parameters that move, and the number of the others.

    If some move and `has_curves` is true, the last sentence is about the moment that the curves of a response show.

    >>> from fxlab.control import LFO
    >>> from fxlab.filters import LowPass
    >>> moving_notes(LowPass(cutoff=LFO(0.5, 200.0, 4000.0)), has_curves=False)
    ['cutoff moves: 200 Hz to 4 kHz, sine at 0.5 Hz.']
    """
    moves = moving_parts(module)
    notes = [f"{part.path} moves: {movement_text(part.control, part.unit)}." for part in moves[:8]]
    if len(moves) > 8:
        notes.append(f"{len(moves) - 8} more parameters move.")
    if moves and has_curves:
        notes.append("The curves show the moment 0 s; a shaded area around them is the range over time.")
    return notes


def latency_notes(module: Module, rate: float) -> list[str]:
    """Return a list with a sentence about the latency of a chain, sum or mix at the sample rate `rate`, in Hz.

    If branches differ in latency, the sentence states that. The list is empty for other modules, and if there is no
    latency.

    >>> from fxlab.filters import FIR, LowPass
    >>> latency_notes(FIR([0.25, 0.5, 0.25]) | LowPass(), 48_000.0)
    ['Latency: 1 sample, 20.8 µs.']
    """
    if not isinstance(module, (Chain, Sum, Mix)):  # the card of a single filter shows its delay
        return []
    try:
        latency = module.latency(rate)
    except ParameterError as error:
        return [str(error)]
    samples = f"{format_number(latency)} sample{'' if latency == 1 else 's'}"
    return [f"Latency: {samples}, {format_duration(latency / rate)}."] if latency else []


def draw_card_title(canvas: Canvas, left: float, module: Module, rate_text: str) -> None:
    """Draw the title of a card: the module's title, as many of its values as fit, and `rate_text` on the right.

    `left` is the left end of the title in CSS pixels.
    """
    right = canvas.width - 4
    canvas.draw_text(right, 12, rate_text, align="right")
    max_width = right - canvas.text_width(rate_text) - 16 - left
    title = module_title(module)
    if canvas.text_width(title, size=13, bold=True) > max_width:
        title = fit_text(canvas, title.split(" | "), max_width * 0.9, separator=" | ", size=14)
    canvas.draw_text(left, 12, title, size=13, bold=True)
    used = canvas.text_width(title, size=13, bold=True) + 14
    values = parameter_texts(module)
    if values and max_width - used > 60:
        canvas.draw_text(left + used, 12, fit_text(canvas, values, max_width - used))
