"""A mend is the usual edit to make where an operation gives nan or inf."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...node import Node
from ...primitive import reserved
from ...storage import is_array
from ..numbers import size_of

THERE = ("it was there before the first operation. Data: clean it, as in x[numpy.isfinite(x)] or "
         "numpy.nan_to_num(x). A weight: an earlier update made it so; lower the learning rate, "
         "and explain the loss of the step before")
UNRECORDED = ("no operation that made it was recorded: compute it outside no_grad(), from Values "
              "or from Tensors that require a gradient, or give explain_nan the function")
CONSTANT = ("it came in as a constant, from data or from what was computed without a graph. Look "
            "where it was made; for a mask take a large negative number, -1e9, instead of -inf")
ABOVE_0 = ("keep the argument above 0, as in np.log(np.clip(x, 1e-12, None)); for probabilities "
           "use np.log_softmax of the scores, or nn.cross_entropy, which takes logits")
BY_0 = ("add a small number to the denominator, x / (y + 1e-12), or replace its zeros before "
        "dividing: x / np.where(y == 0, 1.0, y)")
EMPTY = "there is nothing to take the mean of: check the shape, and that no filter leaves it empty"
ROOT_AT_0 = ("the slope of a root at 0 is infinite: add a small number inside, "
             "np.sqrt(x + 1e-12); for a distance use np.norm, whose gradient at 0 is 0")
ROOT = "the root of a negative number: use np.sqrt(np.clip(x, 0.0, None)) if rounding made it so"
EXP = ("exp overflows above 709 in float64 and 88 in float32: subtract the greatest first, or use "
       "np.logsumexp, np.log_softmax, np.sigmoid or np.softplus, which do so")
POWER = ("a negative number to a power that is not whole: use np.abs(x) ** y, a whole exponent, or "
         "keep the base above 0")
POWER_AT_0 = "0 to a negative power is a division by 0: keep the base above 0"
SLOPE_AT_0 = ("the slope of x ** y at 0 is infinite for y below 1: keep the base above 0, as in "
              "(x + 1e-12) ** y")
LARGE = ("the result is larger than {dtype} can hold: scale the data, start from smaller weights, "
         "or lower the learning rate")
WIDER = "; float64 holds more than {dtype}"
DOMAIN = "outside its domain, {domain}: clip the argument to it"
AT_EDGE = "its slope is infinite at the ends of its domain, {domain}: clip the argument inside it"
STEEP = ("its derivative there is infinite: keep the operand away from that point, by np.clip or a "
         "small number added")
OWN = ("it is the rule of {name}, your own, that gave it: look at what the rule takes the log, the "
       "root or a quotient of, at these operands")
REPEATED = ("vectors that belong to equal values (or to a singular value of 0) have no derivative: "
            "use the values, or other vectors, or a function that decomposes nothing, as solve")

DOMAINS = {"asin": "-1 to 1", "acos": "-1 to 1", "atanh": "-1 to 1", "acosh": "1 and above"}
OVERFLOWS = {"exp", "expm1", "sinh", "cosh"}
LOGS = {"log": 0, "log2": 0, "log10": 0, "log1p": -1}
QUOTIENTS = {"divide", "floor_divide", "remainder"}


def forward(node: Node, numbers: tuple[Any, ...]) -> str:
    """What mends an operation that made nan or inf of `numbers`, its finite operands there."""
    name = node.op.name
    x, y = (*numbers, None, None)[:2]
    if name in DOMAINS:
        return DOMAIN.format(domain=DOMAINS[name])
    if name in OVERFLOWS:
        return EXP
    if isinstance(x, complex) or isinstance(y, complex):
        return BY_0 if name in QUOTIENTS and y == 0 else ABOVE_0 if x == 0 else _large(node)
    if name in LOGS:
        return ABOVE_0
    if name == "sqrt":
        return ROOT
    if name in QUOTIENTS and y == 0:
        return EMPTY if _of_nothing(node.args[0]) else BY_0
    if name == "reciprocal" and x == 0:
        return BY_0
    if name == "pow" and x is not None and x <= 0:
        return POWER_AT_0 if x == 0 else POWER if y % 1 else _large(node)
    return _large(node)


def backward(node: Node, numbers: tuple[Any, ...]) -> str:
    """What mends an edge that made nan or inf of a finite gradient."""
    name = node.op.name
    x = numbers[0] if numbers else None
    rules: dict[str, Callable[[], str]] = {
        "sqrt": lambda: ROOT_AT_0, "pow": lambda: SLOPE_AT_0 if x == 0 else _large(node),
        "divide": lambda: BY_0, "reciprocal": lambda: BY_0,
        **{op: lambda: ABOVE_0 for op in LOGS}, **{op: lambda: EXP for op in OVERFLOWS},
        **{op: lambda: AT_EDGE.format(domain=DOMAINS[name]) for op in DOMAINS},
        **{op: lambda: REPEATED for op in ("eigh", "eig", "svd")}}
    if name in rules:
        return rules[name]()
    if name not in reserved:
        return OWN.format(name=name)
    return STEEP if node.op.diagonal and name not in ("multiply", "square") else _large(node)


def _large(node: Node) -> str:
    data = node.data[0] if isinstance(node.data, tuple) else node.data
    dtype = str(data.dtype).rpartition(".")[2] if is_array(data) else "float64"
    text = LARGE.format(dtype=dtype)
    return text + (WIDER.format(dtype=dtype) if dtype in ("float32", "float16") else "")


def _of_nothing(x: Any) -> bool:
    """Whether x is the sum of an empty array."""
    return (isinstance(x, Node) and x.op is not None and x.op.name == "sum"
            and size_of(x.args[0].data if isinstance(x.args[0], Node) else x.args[0]) == 0)
