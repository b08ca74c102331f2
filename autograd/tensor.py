"""A Tensor is a handle on a node that holds an array.

The handle, not the node, is what a program writes to: `x[i] = v` records a new node and points the
handle at it, so that writing is differentiable and what was recorded before stays as it was.
"""

import warnings
import weakref
from collections.abc import Callable, Iterator
from typing import Any, final

from . import composite, sweep
from .applying import apply
from .array_node import ArrayNode
from .errors import (
    ArgumentError,
    DefinitionError,
    DtypeError,
    GradientWarning,
    GraphError,
    NotASequenceError,
    ShapeError,
    describe,
)
from .infix import array_function, array_method
from .inputs import beside_one, numbers_array
from .leaving import Leaving
from .methods import Methods
from .modes import recording
from .node import Operand
from .operators import BINARY, UNARY
from .ops import constants, elementwise, indexing, linalg, shapes
from .primitive import NUMBERS, Primitive, raw
from .storage import copy, device_of, find_device, is_array, is_complex, repr_array
from .views import link
from .writing import Writing

_new = object.__new__


@final
class Tensor(Methods, Writing, Leaving):
    """An array that records what is done with it.

    `data` is an array of any array API library, a number or nested lists. With `requires_grad`
    (floats only) results are recorded and `backward()` writes `grad`, a Tensor; the Tensor then
    holds a copy, otherwise it shares the array it was given. dtypes are kept.
    """

    __slots__ = ()
    __hash__ = object.__hash__

    def __init_subclass__(cls) -> None:
        raise DefinitionError(f"Tensor is final, {cls.__name__} cannot extend it",
                              "hold a Tensor in a class of your own, or write functions of it")

    def __init__(self, data: Any, requires_grad: bool = False, *, dtype: Any = None,
                 label: str = "") -> None:
        array = numbers_array(data, dtype)
        self.node = ArrayNode(copy(array) if requires_grad and array is raw(data) else array)
        self.node.label = label
        self._base = self._views = None
        self.tracked = False
        if requires_grad:
            self.requires_grad_()
        elif type(data) is Tensor:
            if data.tracked and recording():
                warnings.warn(f"Tensor(x) of a {describe(data)} that requires a gradient: the "
                              "gradient ends here. help: write x.detach() if that is meant; else "
                              "x itself, or x.copy(), or x.astype(...), which keep it",
                              GradientWarning, stacklevel=2)
            if array is data.data:
                link(self, data)

    @classmethod
    def _of(cls, node: Any, requires_grad: bool) -> "Tensor":
        """A handle on a node."""
        tensor = _new(cls)
        tensor.node = node
        tensor.tracked = requires_grad
        tensor._base = tensor._views = None
        return tensor

    @staticmethod
    def _apply(op: Primitive, args: tuple[Any, ...], params: dict[str, Any]) -> Any:
        lean = op.lean
        if lean is None:
            lean = op.lean = array_function(Tensor, op, apply) or False
        return lean(params, *args) if lean else apply(op, args, params)

    def _accepts(self, other: Any) -> bool:
        if type(other) is Tensor or type(other) in NUMBERS:
            return True
        return isinstance(other, (Operand, list, tuple)) or is_array(other)

    # -- gradients -----------------------------------------------------------------------------

    @property
    def grad(self) -> Any:
        """The gradient that `backward()` wrote, a Tensor; None where none was computed.

        Only leaves get one, and those that asked with `retain_grad()`; others warn.
        """
        node = self.node
        if node.grad is None and node.op is not None and not node.hooks:
            warnings.warn(f"grad of a recorded result, {node.op.name}(...): backward() writes it "
                          "on leaves. help: x.retain_grad() asks for it here; an update of a leaf, "
                          "w -= 0.1 * w.grad, belongs inside `with autograd.no_grad():`",
                          GradientWarning, stacklevel=2)
        return node.grad

    @grad.setter
    def grad(self, new: Any) -> None:
        if new is not None:
            new = beside_one("the gradient", new, self.data)
        self.node.grad = new if new is None or type(new) is Tensor else Tensor(new)

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
        sweep.backward(self.node, seed, create_graph)

    def retain_grad(self) -> None:
        """Let `backward()` write `grad` here too, although this is not a leaf."""
        reference = weakref.ref(self.node)

        def keep(g: Any) -> None:
            reference().grad = +g                                           # type: ignore

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
        link(result, self)
        return result

    def _root(self, gradient: Any) -> tuple[ArrayNode, Any]:
        seed = _seed(self, gradient)
        return self.node, seed.data if type(seed) is Tensor else seed

    def __len__(self) -> int:
        if not self.shape:
            raise NotASequenceError("len() or iter() of a Tensor of shape ()",
                                    "it is one number: use item(), or reshape((1,))")
        return self.shape[0]

    def __iter__(self) -> Iterator["Tensor"]:
        return (self[i] for i in range(len(self)))

    def __contains__(self, x: Any) -> bool:
        return bool(constants.any(self == x))

    def to(self, device: Any = None, *, storage: str | None = None) -> "Tensor":
        """On another device, of this storage or another; the gradient comes back to this one.

        `device` is a name ("cpu", "cuda", "cuda:1"), a library's own object or an
        `autograd.device`; `storage` is "numpy", "cupy", "torch", "jax". Where this is already, the
        Tensor itself is returned. Raises StorageError for what is not there.
        """
        here = device_of(self.data)
        there = find_device(device, storage, here.library)
        return self if here == there else shapes.to_device(self, device=there)

    def to_device(self, device: Any, /, stream: Any = None) -> "Tensor":
        """The array API standard's word for `to`."""
        if stream is not None:
            raise ArgumentError(f"to_device with stream={stream!r}",
                                "leave stream out, and set it in the storage's own library")
        return self.to(device)

    def __array_namespace__(self, /, *, api_version: str | None = None) -> Any:
        from .numpy.namespace import of

        return of(self.data, api_version)

    # -- Python's protocols --------------------------------------------------------------------

    def __repr__(self) -> str:
        text = repr_array(self.data, "Tensor(")
        name = str(self.dtype).split(".")[-1]
        dtype = "" if name in ("float64", "int64", "bool") else f", dtype={name}"
        op = f", op={self.node.op.name!r}" if self.node.op is not None else ""
        label = f", label={self.label!r}" if self.label else ""
        grad = ", requires_grad=True" if self.requires_grad and not op else ""
        return f"Tensor({text}{dtype}{_place(self.data)}{grad}{op}{label})"

    def __format__(self, spec: str) -> str:
        return format(self.item(), spec) if spec or not self.shape else repr(self)

    def __copy__(self) -> "Tensor":
        if not self.tracked:                            # as NumPy's arrays: numbers of its own
            return Tensor(copy(self.data), label=self.label)
        return Tensor._of(self.node, True)

    def __reduce_ex__(self, protocol: Any) -> Any:
        return Tensor._of, (self.node, self.requires_grad)


ArrayNode.handle = Tensor._of
for _name, _binary in BINARY.items():
    array_method(Tensor, f"__{_name}__", _binary)
    array_method(Tensor, f"__r{_name}__", _binary, reflected=True)
for _name, _op in {**UNARY, "__neg__": elementwise.negative}.items():
    array_method(Tensor, _name, _op)
array_method(Tensor, "mT", shapes.matrix_transpose)
for _name, _reflected in (("__matmul__", False), ("__rmatmul__", True)):
    array_method(Tensor, _name, linalg.matrix_product, "number or x.ndim < 2 or y.ndim < 2",
                 reflected=_reflected)
array_method(Tensor, "sum", shapes.sum, "dtype is not None")
array_method(Tensor, "reshape", shapes.reshape, "order != 'C' or copy is not None",
             "shape = shape[0] if len(shape) == 1 and type(shape[0]) is tuple else shape")
array_method(Tensor, "__getitem__", indexing.getitem,
             before="index = plain_index(index, self.tracked)")
Primitive.variable = staticmethod(lambda array: Tensor._of(ArrayNode(array), True))


# -- helpers -----------------------------------------------------------------------------------

def _place(array: Any) -> str:
    """Where an array is, for a repr that says so: of NumPy's nothing, of a CPU its library."""
    device = device_of(array)
    storage = "" if device.library.name == "numpy" else f", storage={device.library.name}"
    where = "" if device.place is None or str(device).startswith("cpu") else f", device={device}"
    return storage + where


def _seed(tensor: Tensor, gradient: Any) -> Any:
    if gradient is None:
        if is_complex(tensor.data):
            raise DtypeError("backward() on a complex Tensor needs a seed",
                             "reduce it to a real number first, or give backward(gradient)")
        if tensor.size != 1:
            raise ShapeError(f"backward() on a Tensor of shape {tensor.shape} needs a seed",
                             "reduce it first, as in loss.sum().backward(), or give "
                             "backward(gradient) in that shape")
        return tensor.node.ones()
    gradient = beside_one("backward's gradient", gradient, tensor.data)
    gradient = gradient if type(gradient) is Tensor else Tensor(gradient)
    if gradient.shape != tensor.shape:
        raise ShapeError(f"backward() with a gradient of shape {gradient.shape} on a Tensor of "
                         f"shape {tensor.shape}", "they must be equal")
    return composite.cast(gradient, tensor.dtype)


