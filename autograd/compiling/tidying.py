"""To tidy a program is to drop what computes nothing, bit for bit: what stands twice, times one.

A rule of `RULES` gets a line and says what its result is: an operand, a constant, another line, or
nothing new.
"""

from typing import Any

import numpy

from .printing import function_of
from .program import Line, Program, Variable, replaced

VIEWS = {"getitem", *(f"np.{name}" for name in (
    "reshape", "transpose", "matrix_transpose", "permute_dims", "broadcast_to", "expand_dims",
    "squeeze", "swapaxes", "moveaxis", "flip", "diagonal", "asarray", "atleast_1d",
    "sliding_window_view"))}


def tidied(program: Program) -> Program:
    """The same program in fewer lines."""
    found: dict[Any, Line] = {}
    same: dict[Variable, Any] = {}
    made: dict[Variable, Line] = {}

    def now(x: Any) -> Any:
        return same.get(x, x) if type(x) is Variable else x

    lines = []
    for line in program.lines:
        line = line._replace(args=replaced(line.args, now), params=replaced(line.params, now))
        for rule in RULES:
            new = rule(line, made)
            if isinstance(new, Line):
                line = new
            elif new is not None:
                same[line.made[0]] = new
                break
        else:
            twin = found.setdefault((line.name, identity((line.args, line.params))), line)
            if twin is line:
                lines.append(line)
                made.update(dict.fromkeys(line.made, line))
            else:
                same.update(zip(line.made, twin.made))
    return Program(program.inputs, lines, [now(x) for x in program.outputs]).pruned()


def owned(program: Program, asked: list[Variable], changed: int) -> Program:
    """The program with a copy of each output that is an input, a constant or another output.

    Tidying may have made it so; `asked` are the outputs before. The first `changed` are written
    over inputs. An input that was returned as it came is not copied.
    """
    made = {x: line for line in program.lines for x in line.made}
    shared, outputs, lines = set(program.inputs), list[Variable](), list(program.lines)
    for i, (x, before) in enumerate(zip(program.outputs, asked, strict=True)):
        base = x
        while x is not before and base in made and made[base].name in VIEWS:
            base = made[base].args[0]                   # a view is in the memory of another
        itself = x is before and i >= changed and x in program.inputs
        if not x.weak and not itself and (base in shared or base.value is not None):
            x = x.like()
            lines.append(Line((x,), "np.copy", (program.outputs[i],), {}))
        shared.add(x)
        outputs.append(x)
    return Program(program.inputs, lines, outputs)


def identity(tree: Any) -> Any:
    """What tells arguments apart: variables and arrays by which they are, numbers by their bits."""
    if isinstance(tree, dict):
        return tuple((key, identity(x)) for key, x in tree.items())
    if isinstance(tree, (list, tuple)):
        return (type(tree), *map(identity, tree))
    if type(tree) is slice:
        return (slice, identity((tree.start, tree.stop, tree.step)))
    return id(tree) if isinstance(tree, (Variable, numpy.ndarray)) else (type(tree), repr(tree))


# -- rules -----------------------------------------------------------------------------------------

Made = dict[Variable, Line]
WHERE = ("np.where", "where")               # of arrays, of floats


def literal(line: Line, made: Made) -> Any:
    """A constant of one number, over and over, beside an array of the result's shape: the number.
    """
    if line.name not in ("add", "sub", "mul", "truediv", "divide", "np.where", "where", "eq"):
        return None
    z, args = line.made[0], list(line.args)
    for i, x in enumerate(args):
        kinds = [y.dtype for j, y in enumerate(args) if j != i and type(y) is Variable
                 and y.value is None and y.shape == z.shape]
        number = None if line.name in WHERE and not i else uniform(x)
        if number is not None and (x.dtype in kinds or (x.dtype == float and bool in kinds)):
            args[i] = number
    return line._replace(args=tuple(args)) if args != list(line.args) else None


def known(line: Line, made: Made) -> Any:
    """What is made of constants alone."""
    operands = list(line.operands())
    if len(line.made) > 1 or not operands or any(x.value is None for x in operands):
        return None
    args, params = replaced((line.args, line.params), lambda x: x.value if type(x) is Variable
                            else x)
    with numpy.errstate(all="ignore"):
        value = function_of(line.name)(*args, **params)
    return Variable(value, value=numpy.asarray(value))


def one(line: Line, made: Made) -> Any:
    """x * 1, x / 1 and x ** 1 are x."""
    if line.name in ("mul", "truediv", "divide", "pow", "power", "np.pow"):
        x, y = line.args
        if type(y) in (int, float) and y == 1 and is_result(x, line):
            return x
        if line.name == "mul" and type(x) in (int, float) and x == 1 and is_result(y, line):
            return y
    return None


def as_it_was(line: Line, made: Made) -> Any:
    """What has the shape and dtype already; twice negated."""
    if line.name in ("np.reshape", "np.broadcast_to", "np.astype", "np.asarray", "np.copy", "pos"):
        return line.args[0] if is_result(line.args[0], line) else None
    before = made.get(line.args[0]) if line.name == "neg" else None
    return before.args[0] if before and before.name == "neg" else None


def decided(line: Line, made: Made) -> Any:
    """A condition that is a constant."""
    if line.name in ("np.logical_and", "and") and any(uniform(x) is False for x in line.args):
        never = numpy.zeros(line.made[0].shape, bool)
        return Variable(False if line.made[0].weak else never, value=never)
    if line.name in WHERE and (chosen := uniform(line.args[0])) is not None:
        x = line.args[1 if chosen else 2]
        return x if is_result(x, line) else None
    return None


def guard(line: Line, made: Made) -> Any:
    """The strong zero, where(isnan(x) & (g == 0), 0.0, x), as one operation."""
    if line.name not in WHERE or type(line.args[1]) is not float or line.args[1] != 0:
        return None
    both = made.get(line.args[0])
    if both is None or both.name not in ("np.logical_and", "and"):
        return None
    nan, zero = (made.get(x) for x in both.args)
    if nan and zero and nan.name in ("np.isnan", "isnan") and nan.args[0] is line.args[2] and (
            zero.name == "eq" and type(zero.args[1]) is int and zero.args[1] == 0):
        part, g = line.args[2], zero.args[0]
        if part is g or _finite_times(g, made.get(part)):
            return part                         # nan where g is, and there alone
        return line._replace(name="strong_zero", args=(part, g))
    return None


def _finite_times(g: Any, line: Line | None) -> bool:
    """Whether a line is g times a finite number."""
    factors = [x for x in line.args if x is not g] if line and line.name == "mul" else []
    return len(factors) == 1 and type(factors[0]) in (int, float) and numpy.isfinite(factors[0])


def is_result(x: Any, line: Line) -> bool:
    """Whether x has the shape and dtype of what a line makes, and is a float where that is."""
    z = line.made[0]
    return type(x) is Variable and (x.shape, x.dtype, x.weak) == (z.shape, z.dtype, z.weak)


def uniform(x: Any) -> Any:
    """The number that a constant has everywhere; None where it is not one."""
    if type(x) is not Variable or x.value is None or not x.value.size:
        return None
    first = x.value.reshape(-1)[0]
    alike = x.value == first
    signs = numpy.signbit(x.value) == numpy.signbit(first) if x.dtype.kind == "f" else True
    return first.item() if x.dtype.kind in "bf" and numpy.all(alike & signs) else None


RULES = (known, decided, literal, one, as_it_was, guard)
