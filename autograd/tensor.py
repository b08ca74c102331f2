"""A Tensor is a handle on a node that holds an array.

The handle, not the node, is what a program writes to: `x[i] = v` records a new node and points the
handle at it, so that writing is differentiable and what was recorded before stays as it was.
"""

import operator
import warnings
import weakref
from collections.abc import Callable, Iterator
from typing import Any

from . import composite, copying, sweep
from .errors import (DtypeError, GradientWarning, GraphError, ShapeError, StorageError, describe)
from .node import Node, Operand, Parts, no_grad, recording, serial
from .operators import Operators
from .ops import constants, indexing, linalg, shapes
from .primitive import Primitive
from .storage import (asarray, constant, is_array, is_floating, is_numpy, namespace, shares_memory,
                      writable)
from .value import Value, _mixed

_NUMBERS = (float, int, bool, complex)
_new = object.__new__


class ArrayNode(Node):
    """A node that holds an array; `hooks` are called with its cotangent when that is final."""

    __slots__ = ("hooks", "__weakref__")
    hooks: list[Callable[[Any], Any]] | None

    def __init__(self, data: Any, op: Any = None, args: tuple[Any, ...] = (),
                 params: dict[str, Any] | None = None) -> None:
        self.data = data
        self.grad = self.hooks = None
        self.op = op
        self.args = args
        self.params = params or {}
        self.serial = serial()
        self.label = ""

    def operand(self) -> Any:
        return Tensor._of(self, True)

    def _numbers(self) -> tuple[Any, ...]:
        return tuple([arg.data if isinstance(arg, Node) else arg for arg in self.args])

    def contribution(self, i: int, g: Any) -> Any:
        return self.op.pull(i, g, self.data, self._numbers(), self.params)

    def advance(self, i: int, t: Any) -> Any:
        return self.op.push(i, t, self.data, self._numbers(), self.params)

    def fit(self, part: Any) -> Any:
        return shapes.fit(part, self.data)

    def grow(self, tangent: Any) -> Any:
        return shapes.grow(tangent, self.data)

    def zeros(self) -> Any:
        return namespace(self.data).zeros_like(self.data)

    def ones(self) -> Any:
        return namespace(self.data).ones_like(self.data)

    def recompute(self) -> Any:
        return self.op.on_arrays(self._numbers(), self.params)

    def restore(self, grad: Any) -> None:
        self.grad, self.hooks = grad, None

    def receive(self, g: Any) -> None:
        for hook in self.hooks or ():
            changed = hook(g if isinstance(g, Tensor) else Tensor(g))
            if changed is not None:
                g = changed
        if self.op is not None:
            return
        g = g if isinstance(g, Tensor) else Tensor(g)
        self.grad = g if self.grad is None else self.grad + g

    __reduce_ex__ = lambda self, protocol: copying.reduce_node(self)            # noqa: E731


class TupleNode(ArrayNode):
    """A node of an operation with several outputs; each output is an `item` of it."""

    __slots__ = ()

    def fit(self, part: Any) -> Any:
        return part

    def grow(self, tangent: Any) -> Any:
        return Parts(tangent)

    def zeros(self) -> Any:
        return Parts(namespace(part).zeros_like(part) for part in self.data)

    def complete(self, g: Any) -> Any:
        return Parts(namespace(part).zeros_like(part) if x is None else x
                     for x, part in zip(g, self.data, strict=True))

    def receive(self, g: Any) -> None:
        pass


class Tensor(Operators, Operand):
    """An array that records what is done with it.

    `data` is an array of any array API library, a number or nested lists. With `requires_grad`
    (floats only) results are recorded and `backward()` writes `grad`, a Tensor. dtypes are kept.
    """

    __slots__ = ("node", "requires_grad", "_base", "_views", "__weakref__")
    __hash__ = object.__hash__
    node: Any
    requires_grad: bool

    def __init__(self, data: Any, requires_grad: bool = False, *, dtype: Any = None,
                 label: str = "") -> None:
        self.node = ArrayNode(_to_array(data, dtype))
        self.node.label = label
        self._base = self._views = None
        self.requires_grad = False
        if requires_grad:
            self.requires_grad_()

    @classmethod
    def _of(cls, node: Any, requires_grad: bool) -> "Tensor":
        """A handle on a node."""
        tensor = _new(cls)
        tensor.node = node
        tensor.requires_grad = requires_grad
        tensor._base = tensor._views = None
        return tensor

    @staticmethod
    def _apply(op: Primitive, args: tuple[Any, ...], params: dict[str, Any]) -> Any:
        raw, operands, tracked = [], [], False
        for arg in args:
            if type(arg) is Tensor:
                node = arg.node
                raw.append(node.data)
                if arg.requires_grad:
                    tracked = True
                    operands.append(node)
                else:
                    operands.append(node.data)
            else:
                if type(arg) not in _NUMBERS:
                    if isinstance(arg, Operand):
                        raise _mixed(arg, args[0] if args[0] is not arg else args[1])
                    arg = _beside(arg, args)
                raw.append(arg)
                operands.append(arg)
        data = op.on_arrays(tuple(raw), params)
        tracked = tracked and op.differentiable and recording()
        if isinstance(data, tuple):
            return _outputs(data, op, operands, params, tracked)
        if not is_array(data) or getattr(data, "shape", None) == ():
            data = asarray(data)
        node = ArrayNode(data, op, tuple(operands), params) if tracked else ArrayNode(data)
        result = Tensor._of(node, tracked)
        if op.view:
            _link(result, args[0])
        return result

    def _accepts(self, other: Any) -> bool:
        if type(other) is Tensor or type(other) in _NUMBERS:
            return True
        if isinstance(other, Operand):
            raise _mixed(other, self)
        return is_array(other)

    # -- what it is ------------------------------------------------------------------------------------

    @property
    def data(self) -> Any:
        """The array itself: no part of the graph. Assign to replace it on the same leaf."""
        return self.node.data

    @data.setter
    def data(self, new: Any) -> None:
        new = _to_array(new, None)
        if tuple(new.shape) != tuple(self.shape):
            raise ShapeError(f"data of shape {tuple(new.shape)} for a Tensor of shape {self.shape}",
                             "make a new Tensor")
        self.node.data = new

    @property
    def grad(self) -> Any:
        """The gradient that `backward()` wrote, a Tensor; None where none was computed."""
        return self.node.grad

    @grad.setter
    def grad(self, new: Any) -> None:
        self.node.grad = new if new is None or type(new) is Tensor else Tensor(new)

    @property
    def label(self) -> str:
        """A name for people."""
        return self.node.label

    @label.setter
    def label(self, new: str) -> None:
        self.node.label = new

    @property
    def shape(self) -> tuple[int, ...]:
        """The length of each axis."""
        return tuple(self.node.data.shape)

    @property
    def dtype(self) -> Any:
        """The kind of number, the storage's own dtype object."""
        return self.node.data.dtype

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.node.data.shape)

    @property
    def size(self) -> int:
        """The number of elements."""
        return int(self.node.data.size)

    @property
    def device(self) -> Any:
        """Where the storage keeps the array."""
        import array_api_compat

        return array_api_compat.device(self.node.data)

    @property
    def is_leaf(self) -> bool:
        """Whether no recorded operation made this Tensor."""
        return self.node.op is None

    @property
    def T(self) -> "Tensor":
        """The matrix transposed, x.mT; for vectors and numbers the Tensor itself."""
        return self if self.ndim < 2 else composite.transpose(self)

    @property
    def mT(self) -> "Tensor":
        """The last two axes exchanged."""
        return shapes.matrix_transpose(self)

    # -- gradients -------------------------------------------------------------------------------------

    def requires_grad_(self, requires_grad: bool = True) -> "Tensor":
        """Record what is done with this leaf (or not); returns it. Raises DtypeError on integers."""
        if requires_grad and not is_floating(self.data):
            raise DtypeError(f"a Tensor of dtype {self.dtype} cannot require a gradient",
                             "make it floating: Tensor(data, dtype='float64', requires_grad=True)")
        if not requires_grad and not self.is_leaf:
            raise GraphError("requires_grad of a recorded result cannot be turned off",
                             "use detach()")
        self.requires_grad = requires_grad
        return self

    def backward(self, gradient: Any = None, retain_graph: Any = None,
                 create_graph: bool = False) -> None:
        """Add d(this)/d(leaf) to `grad` of every leaf that requires one.

        A Tensor of one element needs no `gradient`, otherwise it is the cotangent, in this shape.
        With `create_graph` the gradients can be differentiated again. Graphs are always retained.
        """
        seed = _seed(self, gradient)
        if not self.requires_grad:
            raise GraphError(f"backward() on a {describe(self)} that depends on no leaf that "
                             "requires a gradient", "make a leaf with requires_grad=True, and "
                             "build the graph outside no_grad()")
        if create_graph:
            seed = seed if type(seed) is Tensor else Tensor(seed)
        else:
            seed = seed.data if type(seed) is Tensor else seed
        sweep.write(sweep.pull({self.node: seed}, differentiable=create_graph))

    def retain_grad(self) -> None:
        """Let `backward()` write `grad` here too, although this is not a leaf."""
        reference = weakref.ref(self.node)

        def keep(g: Any) -> None:
            reference().grad = g                                            # type: ignore

        if not self.is_leaf:
            self.register_hook(keep)

    def register_hook(self, hook: Callable[["Tensor"], Any]) -> Callable[[], None]:
        """Call hook(gradient) at the end of every backward pass; returns what removes it."""
        if not self.requires_grad:
            raise GraphError("a hook on a Tensor that does not require a gradient",
                             "give it requires_grad=True first")
        hooks = self.node.hooks = self.node.hooks or []
        hooks.append(hook)
        return lambda: hooks.remove(hook)

    def detach(self) -> "Tensor":
        """The same array without its history: the gradient ends here."""
        result = Tensor._of(ArrayNode(self.data), False)
        _link(result, self)
        return result

    def steps(self, gradient: Any = None) -> list[sweep.Step]:
        """Every contribution of the backward pass, in its order; writes nothing."""
        seed = _seed(self, gradient)
        return list(sweep.steps(self.node, seed.data if type(seed) is Tensor else seed))

    def draw(self, **options: Any) -> Any:
        """The graph that led to this Tensor, as a picture."""
        from .show import draw

        return draw(self, **options)

    # -- leaving the graph -------------------------------------------------------------------------------

    def numpy(self) -> Any:
        """The array as a NumPy array; raises if it requires a gradient."""
        return self.__array__()

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        self._refuse_to_leave("__array__")
        import numpy

        return numpy.asarray(self.data, dtype=dtype)

    def __dlpack__(self, **options: Any) -> Any:
        self._refuse_to_leave("__dlpack__")
        return self.data.__dlpack__(**options)

    def __dlpack_device__(self) -> Any:
        return self.data.__dlpack_device__()

    def _refuse_to_leave(self, name: str) -> None:
        if self.requires_grad:
            raise GraphError(f"{name} on a Tensor that requires a gradient would drop it",
                             "write x.detach() if that is meant (or x.data for the array); for "
                             "functions of NumPy that keep the gradient use autograd.numpy")

    def item(self) -> Any:
        """The one element as a Python number."""
        if self.size != 1:
            raise ShapeError(f"item() of a Tensor of shape {self.shape}",
                             "index one element first, or use tolist()")
        return composite.namespace(self.data).reshape(self.data, ()).__array__().item() \
            if is_numpy(self.data) else self._scalar()

    def _scalar(self) -> Any:
        data = namespace(self.data).reshape(self.data, (1,))[0]
        return float(data) if is_floating(data) else int(data)

    def tolist(self) -> Any:
        """Nested lists of Python numbers."""
        return [self[i].tolist() for i in range(self.shape[0])] if self.shape else self.item()

    def values(self) -> Any:
        """Nested lists of Values, one for each element; gradients go through."""
        if not self.shape:
            return element(self)
        return [self[i].values() for i in range(self.shape[0])]

    def __float__(self) -> float:
        self._warn_leaving("float")
        return float(self.item())

    def __int__(self) -> int:
        self._warn_leaving("int")
        return int(self.item())

    def __complex__(self) -> complex:
        self._warn_leaving("complex")
        return complex(self.item())

    def __index__(self) -> int:
        return operator.index(self.item())

    def __bool__(self) -> bool:
        return bool(self.item())

    def _warn_leaving(self, function: str) -> None:
        if self.requires_grad:
            warnings.warn(f"{function}() of a Tensor is a plain number: the gradient ends here. "
                          "help: use .item() if that is meant; for functions of math use "
                          "autograd.numpy", GradientWarning, stacklevel=3)

    # -- reading and writing -----------------------------------------------------------------------------

    def __getitem__(self, index: Any) -> "Tensor":
        return indexing.getitem(self, index=_plain_index(index))

    def __setitem__(self, index: Any, value: Any) -> None:
        index = _plain_index(index)
        taped = recording() and (self.requires_grad or getattr(value, "requires_grad", False))
        if not taped:
            self._write_through(index, value)
            return
        self._check_writable()
        result = indexing.setitem(self, value, index=index)
        if result.dtype != self.dtype:
            result = composite.astype(result, self.dtype)
        self._rebind(result)

    def _write_through(self, index: Any, value: Any) -> None:
        new = value.data if type(value) is Tensor else constant(value)
        if writable(self.data):
            try:
                self.data[index] = new
            except (ValueError, IndexError) as error:
                raise ShapeError(f"x[{index}] = {describe(new)} on shape {self.shape}: {error}",
                                 "the value must broadcast to what the index selects") from error
        elif is_numpy(self.data):
            raise GraphError("this array is read-only", "write to a copy: Tensor(x.data.copy())")
        else:
            self._check_writable(views_only=True)
            self.node.data = self.data.at[index].set(new)

    def _check_writable(self, views_only: bool = False) -> None:
        if not views_only and self.is_leaf and self.requires_grad:
            raise GraphError("a leaf that requires a gradient cannot be written to while recording",
                             "do it inside `with autograd.no_grad():`, or on a copy: x = x + 0")
        live = [view for view in self._views or () if view() is not None]
        base = self._base
        if live or (base is not None and shares_memory(base.data, self.data)):
            raise GraphError("a recorded write to a Tensor that shares its memory with "
                             f"{'a view of it' if live else 'its base'}: the other would not see it",
                             "write to a copy (x = x + 0), or let go of the view first")

    def _rebind(self, result: "Tensor") -> None:
        self.node = result.node
        self.requires_grad = result.requires_grad
        self._base = self._views = None

    def _in_place(self, result: Any) -> "Tensor":
        """`x op= y`: a recorded result moves the handle, an unrecorded one writes the array."""
        if result is NotImplemented:
            return result
        if tuple(result.shape) != self.shape:
            raise ShapeError(f"in place, shape {self.shape} cannot become {result.shape}",
                             "write x = x + y instead")
        if result.requires_grad or (self.requires_grad and recording()):
            self._check_writable()
            self._rebind(result if result.dtype == self.dtype
                         else composite.astype(result, self.dtype))
        elif writable(self.data):
            self.data[...] = composite.astype(result, self.dtype).data
        else:
            self.node.data = composite.astype(result, self.dtype).data
        return self

    def __len__(self) -> int:
        if not self.shape:
            raise ShapeError("len() of a Tensor of shape ()", "it is one number: use item()")
        return self.shape[0]

    def __iter__(self) -> Iterator["Tensor"]:
        return (self[i] for i in range(len(self)))

    def __contains__(self, x: Any) -> bool:
        return bool(constants.any(self == x))

    # -- more operators and methods --------------------------------------------------------------------------

    def __matmul__(self, other: Any) -> Any:
        return linalg.matmul(self, other) if self._accepts(other) else NotImplemented

    def __rmatmul__(self, other: Any) -> Any:
        return linalg.matmul(other, self) if self._accepts(other) else NotImplemented

    def sum(self, axis: Any = None, keepdims: bool = False) -> "Tensor":
        """The sum over axes (None: all)."""
        return shapes.sum(self, axis=axis, keepdims=keepdims)

    def mean(self, axis: Any = None, keepdims: bool = False) -> "Tensor":
        """The mean over axes (None: all)."""
        return composite.mean(self, axis, keepdims=keepdims)

    def max(self, axis: Any = None, keepdims: bool = False) -> "Tensor":
        """The greatest element over axes; ties share the gradient."""
        return composite.max(self, axis, keepdims=keepdims)

    def min(self, axis: Any = None, keepdims: bool = False) -> "Tensor":
        """The smallest element over axes; ties share the gradient."""
        return composite.min(self, axis, keepdims=keepdims)

    def prod(self, axis: Any = None, keepdims: bool = False) -> "Tensor":
        """The product over axes."""
        return composite.prod(self, axis, keepdims=keepdims)

    def var(self, axis: Any = None, correction: float = 0.0, keepdims: bool = False) -> "Tensor":
        """The variance over axes, divided by n - correction."""
        return composite.var(self, axis, correction=correction, keepdims=keepdims)

    def std(self, axis: Any = None, correction: float = 0.0, keepdims: bool = False) -> "Tensor":
        """The standard deviation over axes; gradient 0 where it is 0."""
        return composite.std(self, axis, correction=correction, keepdims=keepdims)

    def argmax(self, axis: Any = None) -> "Tensor":
        """The index of the greatest element along an axis."""
        return constants.argmax(self, axis=axis)

    def argmin(self, axis: Any = None) -> "Tensor":
        """The index of the smallest element along an axis."""
        return constants.argmin(self, axis=axis)

    def any(self, axis: Any = None) -> "Tensor":
        """Whether any element is true."""
        return constants.any(self, axis=axis)

    def all(self, axis: Any = None) -> "Tensor":
        """Whether every element is true."""
        return constants.all(self, axis=axis)

    def reshape(self, *shape: Any) -> "Tensor":
        """The same elements in another shape (one length may be -1)."""
        return shapes.reshape(self, shape=shape[0] if len(shape) == 1 and
                              isinstance(shape[0], (tuple, list)) else shape)

    def transpose(self, *axes: Any) -> "Tensor":
        """The axes reversed, or permuted as given."""
        return composite.transpose(self, axes[0] if len(axes) == 1 and
                                   isinstance(axes[0], (tuple, list)) else axes)

    def flatten(self) -> "Tensor":
        """All elements in one axis."""
        return shapes.reshape(self, shape=(-1,))

    def squeeze(self, axis: Any = None) -> "Tensor":
        """Without the axes of length 1."""
        return composite.squeeze(self, axis)

    def astype(self, dtype: Any) -> "Tensor":
        """With another dtype; the gradient is cast back."""
        return composite.astype(self, dtype)

    def to(self, device: Any) -> "Tensor":
        """On another device of the same storage."""
        import array_api_compat

        if array_api_compat.device(self.data) == device:
            return self
        try:
            moved = array_api_compat.to_device(self.data, device)
        except Exception as error:
            raise StorageError(f"device {device!r} is not one of this storage: {error}",
                               "python -m autograd lists the devices found") from error
        return Tensor(moved, self.requires_grad, label=self.label)

    # -- Python's protocols --------------------------------------------------------------------------------

    def __repr__(self) -> str:
        import numpy

        text = numpy.array2string(numpy.asarray(self.data), separator=", ", prefix="Tensor(") \
            if is_numpy(self.data) else str(self.data)
        dtype = "" if str(self.dtype) in ("float64", "int64", "bool") else f", dtype={self.dtype}"
        op = f", op={self.node.op.name!r}" if self.node.op is not None else ""
        label = f", label={self.label!r}" if self.label else ""
        grad = ", requires_grad=True" if self.requires_grad and not op else ""
        return f"Tensor({text}{dtype}{grad}{op}{label})"

    def __format__(self, spec: str) -> str:
        return format(self.item(), spec) if spec else repr(self)

    def __copy__(self) -> "Tensor":
        return Tensor._of(self.node, self.requires_grad)

    def __reduce_ex__(self, protocol: Any) -> Any:
        return Tensor._of, (self.node, self.requires_grad)


Primitive.variable = staticmethod(lambda array: Tensor(array, requires_grad=True))


# -- bridges between the two engines -------------------------------------------------------------------------

class _Element(Primitive):
    """The one element of a 0-d Tensor as a Value."""

    def pull(self, i: int, g: Any, z: Any, args: Any, params: Any) -> Any:
        return from_values(g) if isinstance(g, Value) else namespace(args[0]).full((), g)

    def push(self, i: int, t: Any, z: Any, args: Any, params: Any) -> Any:
        return element(t) if type(t) is Tensor else float(t)


class _FromValues(Primitive):
    """Values as a Tensor of one axis, or one Value as a 0-d Tensor."""

    def pull(self, i: int, g: Any, z: Any, args: Any, params: Any) -> Any:
        part = g[i] if len(g.shape) else g
        return element(part) if type(part) is Tensor else float(part)

    def push(self, i: int, t: Any, z: Any, args: Any, params: Any) -> Any:
        t = t if isinstance(t, Value) else float(t)
        return from_values(*(t if j == i else 0.0 for j in range(len(args))), scalar=not z.shape)


_element, _from_values = _Element("element"), _FromValues("from_values")


def element(tensor: Tensor) -> Value:
    """A 0-d Tensor as a Value; the gradient goes back to the Tensor."""
    value = Value(tensor.item())
    if tensor.requires_grad and recording():
        value.op, value.args = _element, (tensor.node,)
    return value


def from_values(*values: Any, scalar: bool = True) -> Any:
    """Values and numbers as a Tensor of shape (n,), one alone as a 0-d Tensor."""
    import numpy

    data = [v.data if isinstance(v, Value) else float(v) for v in values]
    array = numpy.asarray(data[0] if scalar and len(data) == 1 else data)
    if not recording() or not any(isinstance(v, Value) for v in values):
        return Tensor(array)
    return Tensor._of(ArrayNode(array, _from_values, values), True)


def stack(arrays: Any, axis: int = 0) -> Any:
    """Arrays, Tensors, or nested lists of Values joined along a new axis; gradients go through."""
    items = list(arrays)
    if items and any(isinstance(x, Value) for x in items):
        return from_values(*items, scalar=False)
    if items and isinstance(items[0], list):
        items = [stack(x) for x in items]
    return composite.stack(items, axis)


# -- helpers ---------------------------------------------------------------------------------------------------

def _to_array(data: Any, dtype: Any) -> Any:
    if type(data) is Tensor:
        data = data.data
    if isinstance(data, Operand):
        raise DtypeError(f"a Tensor of {describe(data)}",
                         "stack([values]) makes a Tensor of Values and carries gradients")
    if isinstance(dtype, str) and is_array(data):
        dtype = getattr(namespace(data), dtype)
    try:
        array = asarray(data, dtype)
    except (ValueError, TypeError) as error:
        raise DtypeError(f"not an array of numbers: {describe(data)} ({error})",
                         "give numbers in lists of equal lengths") from error
    if is_numpy(array) and array.dtype.kind not in "biufc":
        raise DtypeError(f"not an array of numbers: {describe(data)}",
                         "for Values use stack([values]); for Tensors stack([tensors])")
    return array


def _beside(x: Any, args: tuple[Any, ...]) -> Any:
    """A constant beside Tensors: arrays of the same library as they are, lists as arrays."""
    if x is None:
        return x
    array = asarray(x) if not isinstance(x, tuple) else asarray(list(x))
    if is_numpy(array) and array.dtype.kind not in "biufc":
        raise DtypeError(f"not an array of numbers: {describe(x)}", "give numbers or Tensors")
    for other in args:
        if type(other) is Tensor and is_numpy(other.data) != is_numpy(array):
            if array.shape == () and is_numpy(array):
                return array.item()
            raise StorageError(f"a {type(array).__module__.split('.')[0]} array beside a Tensor "
                               f"over {type(other.data).__module__.split('.')[0]}",
                               "make both of one library first")
    return array


def _outputs(data: tuple[Any, ...], op: Any, operands: Any, params: Any, tracked: bool) -> Any:
    """The outputs of an operation with several, each an item of one node."""
    if not tracked:
        return tuple(Tensor(part) for part in data)
    node = TupleNode(data, op, tuple(operands), params)
    return tuple(Tensor._of(ArrayNode(asarray(part), shapes.item, (node,), {"i": i}), True)
                 for i, part in enumerate(data))


def _link(view: Tensor, base: Any) -> None:
    """Remember who shares memory: a view holds its base, the base knows its views weakly."""
    if type(base) is Tensor and shares_memory(view.data, base.data):
        view._base = base
        root: Any = base
        while root is not None:
            root._views = [ref for ref in root._views or () if ref() is not None]
            root._views.append(weakref.ref(view))
            root = root._base


def _plain_index(index: Any) -> Any:
    """An index with the arrays of Tensors in place of the Tensors."""
    if isinstance(index, tuple):
        return tuple(_plain_index(i) for i in index)
    if type(index) is Tensor:
        if is_floating(index.data):
            raise DtypeError(f"an index of dtype {index.dtype}", "use integers or booleans")
        return index.data
    return index


def _seed(tensor: Tensor, gradient: Any) -> Any:
    if gradient is None:
        if tensor.size != 1:
            raise ShapeError(f"backward() on a Tensor of shape {tensor.shape} needs a seed",
                             "reduce it first, as in loss.sum().backward(), or give "
                             "backward(gradient) in that shape")
        return tensor.node.ones()
    gradient = gradient if type(gradient) is Tensor else Tensor(asarray(gradient))
    if gradient.shape != tensor.shape:
        raise ShapeError(f"backward() with a gradient of shape {gradient.shape} on a Tensor of "
                         f"shape {tensor.shape}", "they must be equal")
    return composite.astype(gradient, tensor.dtype)


# -- comparisons and in-place operators --------------------------------------------------------------------------

def _comparison(op: Primitive) -> Any:
    def method(self: Tensor, other: Any) -> Any:
        return op(self, other) if self._accepts(other) else NotImplemented

    return method


def _updater(name: str) -> Any:
    def method(self: Tensor, other: Any) -> Any:
        return self._in_place(getattr(self, name)(other))

    return method


for _name, _op in {"eq": constants.equal, "ne": constants.not_equal, "lt": constants.less, "le": constants.less_equal,
                   "gt": constants.greater, "ge": constants.greater_equal}.items():
    setattr(Tensor, f"__{_name}__", _comparison(_op))
for _name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul"):
    setattr(Tensor, f"__i{_name}__", _updater(f"__{_name}__"))
for _name in ("and", "or", "xor"):
    setattr(Tensor, f"__{_name}__", (lambda function: lambda self, other: Tensor(
        function(self.data, other.data if type(other) is Tensor else other)))(
            getattr(operator, f"__{_name}__")))
Tensor.__invert__ = lambda self: Tensor(~self.data)                         # type: ignore
