"""A check as a program: imports, constants, the source of functions, and the arguments.

What cannot be written down, such as a large array or a Module, is a name, and a comment says what
to put there.
"""

from __future__ import annotations

import ast
import dis
import inspect
import re
import textwrap
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np

from ..errors import describe
from ..primitive import Primitive
from ..storage import is_array, is_numpy
from ..tensor import Tensor
from ..value import Value
from .homes import home, is_library
from .programs import Program

LARGE = 200                             # numbers, which nobody reads
PLAIN = (int, float, complex, bool, str, bytes, type(None), type(...), slice, range)
WORDS = re.compile(r"(?<![.\w'\"])(?:array|inf|nan|(?:complex|float|int|uint)\d+)\b")


def program(f: Callable[..., Any], names: Sequence[str], args: Sequence[Any],
            options: dict[str, Any]) -> str:
    """A program that checks f at arguments, which have names, as far as it can be written."""
    script = Script()
    title = script.function(f, "f")
    called = {key: script.function(x, key) if callable(x) else repr(x)
              for key, x in options.items()}
    shown = [script.literal(x, name) for name, x in zip(names, args)]
    words = "".join(f", {key}={x}" for key, x in called.items())
    return "\n".join([
        *script.imported(), *script.missing, "", *script.lines,
        f"args = ({', '.join(shown)}{',' * (len(shown) == 1)})",
        f"print(check_gradients({title}, *args{words}))"])


class Script:
    """Lines that define names, and a comment for each name that is `missing`."""

    def __init__(self) -> None:
        self.imports: list[str] = []
        self.names: dict[str, list[str]] = {"autograd.testing": ["check_gradients"]}
        self.missing: list[str] = []
        self.lines: list[str] = []
        self._known: dict[str, Any] = {}

    def imported(self) -> list[str]:
        """The lines that import."""
        return [*sorted(self.imports), *(
            f"from {module} import {', '.join(sorted(set(names)))}"
            for module, names in sorted(self.names.items()))]

    def function(self, f: Callable[..., Any], otherwise: str) -> str:
        """Define the function under test; its name."""
        if isinstance(f, Program):
            self.lines.append(f.source())
            return "program"
        name = getattr(f, "__name__", "")
        made = inspect.isfunction(f) and _wraps(f)
        name = name if name.isidentifier() and not made else otherwise
        used = _used(f) if inspect.isfunction(f) else {}
        while used.get(name, f) is not f or self._known.get(name, f) is not f:
            name += "_"
        if not inspect.isfunction(f) or is_library(f):
            self.define(name, f)
        else:
            self._known[name] = f
            self._source(name, f)
        return name

    def define(self, name: str, x: Any) -> None:
        """Import what has this name, or write it down, or say that it is missing."""
        if name in self._known:
            return
        self._known[name] = x
        if inspect.ismodule(x):
            same = x.__name__ == name
            self.imports.append(f"import {x.__name__}" + ("" if same else f" as {name}"))
        elif type(x) not in PLAIN and not is_array(x) and (found := home(x, name)):
            shown = found[1] + (f" as {name}" if found[1] != name else "")
            self.names.setdefault(found[0], []).append(shown)
        elif inspect.isfunction(x):
            self._source(name, x)
        elif (text := self.literal(x, name)) != name:
            self.lines.append(f"{name} = {text}")

    def literal(self, x: Any, name: str) -> str:
        """What makes x again; a name where nothing could."""
        if type(x) in PLAIN or isinstance(x, (np.ndarray, np.generic)):
            text = repr(x) if type(x) in PLAIN else _array(x)
            if words := [] if isinstance(x, (str, bytes)) else WORDS.findall(text):
                self.names.setdefault("numpy", []).extend(words)
        elif type(x) is Value or (type(x) is Tensor and is_numpy(x.data)):
            self.define(type(x).__name__, type(x))
            inner = self.literal(x.data, "")
            grad = ", requires_grad=True" if type(x) is Tensor and x.requires_grad else ""
            text = f"{type(x).__name__}({inner}{grad})" if inner else ""
        elif type(x) in (list, tuple):
            inner = ", ".join(self.literal(part, f"{name}[{i}]") for i, part in enumerate(x))
            text = f"[{inner}]" if type(x) is list else f"({inner}{',' * (len(x) == 1)})"
        elif type(x) is dict and all(type(key) in PLAIN for key in x):
            text = ", ".join(f"{key!r}: {self.literal(x[key], f'{name}[{key!r}]')}" for key in x)
            text = f"{{{text}}}"
        elif isinstance(x, partial):
            text = self._partial(x)
        elif callable(x) and home(x):
            text = str(x.__name__)
            self.define(text, x)
        else:
            text = ""
        return text or (self._missing(name, x) if name else "")

    def _partial(self, x: partial[Any]) -> str:
        self.define("partial", partial)
        words = [self.function(x.func, "function"),
                 *(self.literal(part, f"given{i}") for i, part in enumerate(x.args)),
                 *(f"{key}={self.literal(part, key)}" for key, part in x.keywords.items())]
        return f"partial({', '.join(words)})"

    def _missing(self, name: str, x: Any) -> str:
        name = re.sub(r"\W+", "_", name).strip("_")
        while self._known.get(name, x) is not x:
            name += "_"
        self._known[name] = x
        what = (f"the operation {x.name}" if isinstance(x, Primitive) else
                describe(x) if is_array(x) or isinstance(x, Tensor) else
                f"what was made of {x.__name__}" if inspect.isfunction(x) and _wraps(x) else
                f"the method {x.__name__} of a {type(x.__self__).__name__}" if inspect.ismethod(x)
                else f"the function {x.__name__}" if inspect.isfunction(x)
                else f"the class {x.__name__}" if isinstance(x, type)
                else f"the {type(x).__name__} that was given")
        self.missing.append(f"# put here: {name} = {what}")
        return name

    def _source(self, name: str, f: Any) -> None:
        """The definition of a function, after what it uses."""
        found = _definition(f)
        if found is None:
            self._missing(name, f)
            return
        text, node = found
        for other, x in {**_used(f), **_at_definition(f, node)}.items():
            self.define(other, x)
        self.lines.append(f"{name} = {text}" if isinstance(node, ast.Lambda) else text)
        if isinstance(node, ast.FunctionDef) and node.name != name:
            self.lines.append(f"{name} = {node.name}")


# -- reading functions -----------------------------------------------------------------------------

def _definition(f: Any) -> tuple[str, Any] | None:
    """The text and the syntax of a function, decorators included if they made it."""
    inner = inspect.unwrap(f)
    code = inner.__code__
    if f is not inner and inner.__globals__.get(inner.__name__) is not f:
        return None                             # made of it, by more than its decorators
    try:
        lines, _ = inspect.findsource(code)
        tree = ast.parse("".join(lines))
    except (OSError, TypeError, SyntaxError):
        return None
    if code.co_name == "<lambda>":
        nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Lambda)
                 and node.lineno == code.co_firstlineno]
        places = set(code.co_positions())
        for node in nodes:
            body = node.body
            if len(nodes) == 1 or (body.lineno, body.end_lineno, body.col_offset,
                                   body.end_col_offset) in places:
                text = ast.get_source_segment("".join(lines), node) or ""
                return (f"({text})" if "\n" in text else text), node
        return None
    for found in ast.walk(tree):
        if isinstance(found, ast.FunctionDef) and found.name == code.co_name:
            first = min([found.lineno, *(x.lineno for x in found.decorator_list)])
            if first == code.co_firstlineno:
                first = first if _wraps(f) else found.lineno
                text = "".join(lines[first - 1:found.end_lineno])
                return textwrap.dedent(text).rstrip(), found
    return None


def _wraps(f: Any) -> bool:
    return inspect.unwrap(f) is not f


def _used(f: Any) -> dict[str, Any]:
    """What a function uses by name, of its module and of the functions around it."""
    inner = inspect.unwrap(f)
    found = {name: inner.__globals__[name] for name in _globals(inner.__code__)
             if name in inner.__globals__}
    for name, cell in zip(inner.__code__.co_freevars, inner.__closure__ or ()):
        try:
            found[name] = cell.cell_contents
        except ValueError:                      # it is not defined yet
            continue
    return found


def _globals(code: Any) -> Iterator[str]:
    yield from (x.argval for x in dis.get_instructions(code) if x.opname == "LOAD_GLOBAL")
    for part in filter(inspect.iscode, code.co_consts):
        yield from _globals(part)


def _at_definition(f: Any, node: Any) -> dict[str, Any]:
    """What the definition itself uses: defaults, annotations, decorators."""
    inner, found = inspect.unwrap(f), dict[str, Any]()
    annotations = [arg.annotation for arg in ast.walk(node.args) if isinstance(arg, ast.arg)]
    outer = [*node.args.defaults, *node.args.kw_defaults, *annotations,
             getattr(node, "returns", None), *getattr(node, "decorator_list", ())]
    names = sorted({x.id for part in outer if part for x in ast.walk(part)
                    if isinstance(x, ast.Name)})
    found |= {name: inner.__globals__[name] for name in names if name in inner.__globals__}
    given = [*zip(node.args.defaults, inner.__defaults__ or ()),
             *((x, (inner.__kwdefaults__ or {})[arg.arg]) for arg, x in zip(
                 node.args.kwonlyargs, node.args.kw_defaults) if x)]
    return found | {x.id: value for x, value in given if isinstance(x, ast.Name)}


def _array(x: Any) -> str:
    """A NumPy array or number in all its digits; nothing if it is large, or of something else."""
    if type(x) not in (np.ndarray, *(np.dtype(c).type for c in "efdFDbhilqBHILQ?")):
        return ""
    if x.size > LARGE or x.dtype.kind not in "fciub":
        return ""
    if not isinstance(x, np.ndarray):
        return f"{x.dtype.name}({x.item()!r})" if x.dtype.name != "bool" else repr(x.item())
    if x.dtype.kind == "c" and not np.isfinite(x).all():
        return ""                               # infj is no number
    if not x.size:
        return f"array([], dtype='{x.dtype.name}').reshape({x.shape})"
    with np.printoptions(formatter={"all": str}, threshold=LARGE + 1, linewidth=96):
        return repr(x)
