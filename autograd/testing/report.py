"""What a check found: one finding for each derivative, one verdict for each input, and a report."""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from .arguments import Input
from .oracle import Slope
from .programs import Program

WORST = ("pass", "kink", "inconclusive", "fail")
ROOM = 1e-3                             # of the slope: an error beyond it tells nothing
TOP = """from numpy import array, complex64, float32, inf, nan
import autograd.numpy as np
from autograd import Tensor, Value
from autograd.testing import check_gradients"""


class Finding(NamedTuple):
    """What one derivative of one input was found to be.

    `path` is how it was made, ("reverse", "forward") for forward over reverse; `output` is which
    number of the result; `expected` is (low, high) by differences, give or take `error`.
    """

    input: str
    verdict: str
    reason: str = ""
    path: tuple[str, ...] = ()
    output: int = 0
    expected: tuple[float, float] = (np.nan, np.nan)
    error: float = np.inf
    got: float = np.nan

    def __str__(self) -> str:
        text = f"{self.input}: {self.verdict}" + (f", {self.reason}" if self.reason else "")
        if self.path:
            text += f"; order {len(self.path)}, {' over '.join(reversed(self.path))}"
        if np.isnan(self.expected[0]):
            return text
        low, high = self.expected
        expected = f"{low:.12g}" if low == high else f"{low:.12g} to {high:.12g}"
        return (f"{text}, output {self.output}: expected {expected} ± {self.error:.1e}, "
                f"got {self.got:.12g}")


def misses(true: Slope, got: Any, rounding: Any) -> Any:
    """Which derivatives lie outside of what differences say."""
    room = true.error + rounding + 1e-14 * (abs(got) + true.scale)
    return ~(np.isfinite(got) & (true.low - room <= got) & (got <= true.high + room))


def verdict(name: str, true: Slope, got: Any, path: tuple[str, ...],
            rounding: Any = 0.0) -> Finding:
    """The worst there is to say of these derivatives, one of WORST."""
    steep = np.fmax(true.scale, np.fmax(abs(true.low), abs(true.high)))
    unsure = ~(true.error + rounding <= ROOM * steep)
    wrong = misses(true, got, rounding)
    far = wrong & (abs(got - true.low) > 10 * (true.error + rounding)) & np.isfinite(true.error)
    rank = np.where(far | wrong & ~unsure, 3, np.where(unsure, 2, np.where(true.kink, 1, 0)))
    if not rank.size:
        return Finding(name, "pass", path=path)
    i = int(np.argmax(rank))
    reason = ""
    if rank[i] == 2:
        reason = true.reason or "differences say too little: an infinite slope, a jump, or rounding"
    return Finding(name, WORST[rank[i]], reason, path, i,
                   (float(true.low[i]), float(true.high[i])), float(true.error[i]), float(got[i]))


class Report:
    """The outcome of a check: true where every input passed, kinks included."""

    def __init__(self, f: Callable[..., Any], args: Sequence[Any], inputs: list[Input],
                 **options: Any) -> None:
        self.f, self.args, self.options = f, args, options
        self.operation = ""             # what is said of the operation to blame
        self.findings = [Finding(x.name, "inconclusive", x.refused) for x in inputs if x.refused]
        if not inputs:
            self.findings = [Finding("f", "inconclusive", "no argument is a number")]

    @property
    def verdicts(self) -> dict[str, Finding]:
        """By input, the worst that was found."""
        worst: dict[str, Finding] = {}
        for found in self.findings:
            known = worst.get(found.input)
            if known is None or WORST.index(found.verdict) > WORST.index(known.verdict):
                worst[found.input] = found
        return worst

    @property
    def verdict(self) -> str:
        """The worst of all: "pass", "kink", "inconclusive" or "fail"."""
        return max((x.verdict for x in self.findings), key=WORST.index)

    def __bool__(self) -> bool:
        return self.verdict in ("pass", "kink")

    def __str__(self) -> str:
        lines = [f"check_gradients of {_name(self.f)}: {self.verdict}",
                 *map(str, self.verdicts.values())]
        if self.verdict == "fail":
            lines += [*filter(None, [self.operation]), "", self.program()]
        return "\n".join(lines)

    __repr__ = __str__

    def program(self) -> str:
        """A program that makes this report, as far as the function's source can be read.

        It imports what the function uses; a comment names what cannot be imported.
        """
        functions, options = {_name(self.f): self.f}, dict(self.options)
        if gradient := options.get("gradient"):
            functions[_name(gradient, "gradient")] = gradient
        words = [f", {key}={_name(x, key) if callable(x) else repr(x)}"
                 for key, x in options.items()]
        return "\n".join([TOP, *_used(functions), "",
                          *(_source(f, name) for name, f in functions.items()),
                          f"args = {tuple(self.args)!r}",
                          f"print(check_gradients({_name(self.f)}, *args{''.join(words)}))"])


def _name(f: Callable[..., Any], otherwise: str = "f") -> str:
    name = "program" if isinstance(f, Program) else getattr(f, "__name__", type(f).__name__)
    return name if name.isidentifier() else otherwise


def _used(functions: dict[str, Any]) -> list[str]:
    """Lines that import what functions use, and a comment on what is defined beside them."""
    known, used = dict[str, Any](functions), dict[str, Any]()
    exec(TOP, known)
    for f in filter(inspect.isfunction, functions.values()):
        found = inspect.getclosurevars(f)
        used |= {**found.globals, **found.nonlocals}
    lines, beside = [], []
    for name, x in used.items():
        homes = [home for home in (getattr(x, "__module__", None), "autograd.numpy")
                 if home != "__main__" and getattr(sys.modules.get(str(home)), name, None) is x]
        if known.get(name) is x:
            continue
        if inspect.ismodule(x):
            lines.append(f"import {x.__name__}" + (f" as {name}" if x.__name__ != name else ""))
        elif homes:
            lines.append(f"from {homes[0]} import {name}")
        else:
            beside.append(name)
    return [*lines, *([f"# your own: {', '.join(beside)}"] if beside else [])]


def _source(f: Callable[..., Any], name: str) -> str:
    """The definition of a function as it was written; of a lambda, `f = lambda ...`."""
    if isinstance(f, Program):
        return f.source()
    try:
        if inspect.ismethod(f):
            raise TypeError("a method is no program without its object")
        source = textwrap.dedent(inspect.getsource(f)).rstrip()
        if f.__name__ != "<lambda>":
            bare = getattr(f, "__wrapped__", f) is f        # what decorates f is no part of it
            first = ast.parse(source).body[0].lineno - 1 if bare else 0
            return "\n".join(source.splitlines()[first:])
        lambdas = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Lambda)]
        for node in lambdas:
            code = compile(ast.Expression(node), "f", "eval").co_consts[0]
            if len(lambdas) == 1 or _parts(code) == _parts(f.__code__):
                return f"{name} = {ast.get_source_segment(source, node)}"
    except (OSError, TypeError, SyntaxError, AttributeError):
        pass
    return f"# {name}: its source cannot be read"


def _parts(code: Any) -> tuple[Any, ...]:
    """What tells one lambda from the next."""
    constants = [repr(x) for x in code.co_consts if not inspect.iscode(x)]
    return code.co_code, code.co_names, code.co_varnames, constants
