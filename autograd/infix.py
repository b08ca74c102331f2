"""The fast operators and operations: what they mean is defined elsewhere, here by exact type.

Each records its result in place, field by field: no call, no container, and an operand that is a
number stays a number. Anything unusual goes to the plain operator, which is the definition.
"""

import inspect
from typing import Any

from .array_node import ArrayNode
from .errors import mixed
from .keeping import note
from .kernels import compile_function
from .modes import here
from .node import NOTHING, ZERO, Operand, serial
from .operators import Operators
from .primitive import Primitive
from .storage import asarray, ndarray
from .views import link
from .writing import plain_index

_BINARY = """
def method(self, other):
    kind = type(other)
    try:
        if kind is Value:
            data = {both}
        elif kind is float or kind is int:
            data = {one}
        else:
            return plain(self, other)
    except ArithmeticError:
        return plain(self, other)
    value = new(Value)
    value.data = data
    value.grad = ZERO
    value.serial = serial()
    scope = here()
    if not scope:
        if scope is not None:
            return plain(self, other)           # debug mode
        value.step = value.x = value.y = None
        return value
    value.origin = scope
    if kind is Value:
        value.step = step_of_both
        value.x = {first}
        value.y = {second}
    else:
        value.step = step_of_one
        value.x = self
        value.y = None
        value.c = other
    return value
"""

_UNARY = """
def method(self):
    value = new(Value)
    value.data = {one}
    value.grad = ZERO
    value.serial = serial()
    scope = here()
    if scope:
        value.step = step_of_one
        value.x = self
        value.origin = scope
    elif scope is None:
        value.step = value.x = None
    else:
        return plain(self)                      # debug mode
    value.y = None
    return value
"""


def infix(Value: Any, name: str, op: Primitive, form: str, reflected: bool = False) -> Any:
    """The binary operator `name`, or its reflected form; `form` is `{} * {}` or `pow({}, {})`."""
    first, second = ("other", "self") if reflected else ("self", "other")
    source = _BINARY.format(
        first=first, second=second, both=form.format(f"{first}.data", f"{second}.data"),
        one=form.format("other", "self.data") if reflected else form.format("self.data", "other"))
    return _compiled(source, Value, name, op, step_of_both=op.step((True, True)),
                     step_of_one=op.step((not reflected, reflected)))


def prefix(Value: Any, name: str, op: Primitive, form: str) -> Any:
    """The unary operator or method `name`; `form` is `-{}` or `tanh({})`."""
    source = _UNARY.format(one=form.format("self.data"))
    return _compiled(source, Value, name, op, step_of_one=op.step((True,)))


def _compiled(source: str, Value: Any, name: str, op: Primitive, **steps: Any) -> Any:
    plain = getattr(Operators, name)
    method = compile_function(source, "method", Value=Value, new=object.__new__, ZERO=ZERO,
                              serial=serial, here=here, plain=plain, **steps)
    method.__name__ = method.__qualname__ = name
    method.__doc__ = plain.__doc__
    return method


def comparison(Value: Any, compare: Any) -> Any:
    """A comparison of the data, which is a plain bool."""
    def method(self: Any, other: Any) -> Any:
        if type(other) is Value:
            return compare(self.data, other.data)
        if isinstance(other, Operand):
            raise mixed(self, other)
        if type(other) in (float, int, bool) or getattr(other, "shape", None) == ():
            return bool(compare(self.data, other))
        return NotImplemented

    return method


# -- Tensors over NumPy; every other case, and every error, goes to the plain way ------------------

_ARRAYS = """
def method({signature}):
    number = recorded = False
    {operands}
    compute = by_type.get(ndarray)
    if compute is None or not recorded or {unless}:
        return plain({given})
    {before}
    try:
        data = compute({call})
    except Warning:
        raise
    except Exception:
        return plain({given})                   # which says what does not fit
    scope = here()
    if type(data) is tuple or not scope and scope is not None:
        return plain({given})                   # several outputs, or debug mode
    if type(data) is not ndarray:
        data = asarray(data)
    node = new(ArrayNode)
    node.data = data
    node.grad = node.hooks = None
    node.serial = serial()
    node.origin = scope
    node.label = ""
    tensor = new(Tensor)
    tensor.node = node
    tensor._base = tensor._views = None
    if scope and ({moves}):
        node.op = op
        node.args = ({args},)
        node.params = {params}
        tensor.tracked = True
        {constants}
    else:
        node.op = None
        node.args = ()
        node.params = NOTHING
        tensor.tracked = False
    {view}
    return tensor
"""

_SELF = """{y}_node = {name}.node
    {y} = {y}_node.data
    {y}_moves = {name}.tracked
    if type({y}) is not ndarray:
        return plain({given})
    recorded = True"""

_ANY = """kind = type({name})
    if kind is Tensor:
        {y}_node = {name}.node
        {y} = {y}_node.data
        {y}_moves = {name}.tracked
        if type({y}) is not ndarray:
            return plain({given})
        recorded = True
    else:
        {y} = {name}
        {y}_moves = False
        if kind is float or kind is int:
            number = True
        elif kind is not ndarray:
            return plain({given})"""


def array_function(Tensor: Any, op: Primitive, plain: Any) -> Any:
    """An operation f(params, x) or f(params, x, y), one of which is a Tensor; None if not printed.

    `plain` applies any operation where the first operand that is recorded is a Tensor: it is the
    definition.
    """
    if not 0 < op.arity < 3 or op.fixed or op.view is None or not op.differentiable:
        return None

    def plainly(params: dict[str, Any], *args: Any) -> Any:
        first = next((arg for arg in args if isinstance(arg, Operand)), None)
        if first is None:
            return op.on_arrays(args, params)
        return (plain if type(first) is Tensor else first._apply)(op, args, params)

    names = ["first", "second"][:op.arity]
    given = ", ".join(["params", *names])
    return _printed(Tensor, op, plainly, names, signature=given, given=given, params="params",
                    words="**params" if op.defaults else "")


def array_method(Tensor: Any, name: str, op: Primitive, unless: str = "False",
                 before: str = "", reflected: bool = False) -> None:
    """Give Tensors a printed form of a method that does one operation; the method as it was is the
    definition, and does what is meant `unless` this is false. `before` prepares the metadata.
    """
    given_as: Any = getattr(Tensor, name)
    plain: Any = given_as.fget if isinstance(given_as, property) else given_as
    signature = inspect.signature(plain)
    found = [p.replace(annotation=p.empty) for p in signature.parameters.values()]
    found[0] = found[0].replace(name="self")
    given = [{"VAR_POSITIONAL": f"*{p.name}", "KEYWORD_ONLY": f"{p.name}={p.name}"}.get(
        p.kind.name, p.name) for p in found]
    words = [p.name for p in found if p.name in op.defaults]
    method = _printed(
        Tensor, op, plain, ["self", "other"][:op.arity], given=", ".join(given),
        signature=str(inspect.Signature(found))[1:-1], unless=unless, before=before,
        reflected=reflected,
        params=f"{{{', '.join(f'{word!r}: {word}' for word in words)}}}" if words else "NOTHING",
        words=", ".join(f"{word}={word}" for word in words))
    method.__name__ = method.__qualname__ = name
    method.__doc__, method.__signature__ = plain.__doc__, signature
    setattr(Tensor, name, property(method) if isinstance(given_as, property) else method)


def _printed(Tensor: Any, op: Primitive, plain: Any, names: list[str], *, given: str, params: str,
             words: str, unless: str = "False", before: str = "", reflected: bool = False,
             signature: str) -> Any:
    """The operation of the operands `names` of a signature, with metadata `words`."""
    order = "xy"[:len(names)][::-1 if reflected else 1]
    two = len(names) == 2
    if two:
        unless += " or not number and x.dtype is not y.dtype"
    if op.real:                                 # where complex numbers are refused
        unless += f" or ({'y if type(x) is not ndarray else ' * two}x).dtype.kind == 'c'"
    source = _ARRAYS.format(
        signature=signature, given=given, unless=unless, before=before, params=params,
        operands="\n    ".join(
            (_SELF if name == "self" else _ANY).format(y=y, name=name, given=given)
            for name, y in zip(names, "xy", strict=False)),
        call=", ".join([*order, *filter(None, [words])]),
        moves=" or ".join(f"{y}_moves" for y in order),
        args=", ".join(f"{y}_node if {y}_moves else {y}" for y in order),
        constants="if x_moves is not y_moves and not number:\n            note(node)" * two,
        view=f"link(tensor, {names[0]}, op, {params})" if op.view else "")
    return compile_function(
        source, "method", Tensor=Tensor, ArrayNode=ArrayNode, new=object.__new__, NOTHING=NOTHING,
        serial=serial, here=here, ndarray=ndarray, asarray=asarray, note=note, plain=plain, op=op,
        by_type=op._by_type, link=link, plain_index=plain_index)
