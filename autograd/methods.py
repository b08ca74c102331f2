"""The methods of arrays, in NumPy's words: each is one function of autograd.numpy."""

from typing import TYPE_CHECKING, Any, Self

from . import composite
from .handle import Handle
from .operators import Numeric, Operators
from .ops import constants, linalg, shapes
from .primitive import Primitive


class Methods(Operators, Handle):
    """What a Tensor can do beyond a Value: shapes, reductions, products, comparisons."""

    __slots__ = ()

    if TYPE_CHECKING:               # set below
        def __lt__(self, other: Numeric) -> Self: ...                   # type: ignore[override]
        __le__ = __gt__ = __ge__ = __eq__ = __ne__ = __lt__             # type: ignore[assignment]
        __and__ = __or__ = __xor__ = __rand__ = __ror__ = __rxor__ = __lt__

    @property
    def T(self) -> Self:
        """The matrix transposed, x.mT; for vectors and numbers the Tensor itself."""
        return self if self.ndim < 2 else composite.transpose(self)

    @property
    def mT(self) -> Self:
        """The last two axes exchanged."""
        return shapes.matrix_transpose(self)

    def __invert__(self) -> Self:
        return constants.bitwise_invert(self)

    def __matmul__(self, other: Numeric) -> Self:
        return linalg.matmul(self, other) if self._accepts(other) else NotImplemented

    def __rmatmul__(self, other: Numeric) -> Self:
        return linalg.matmul(other, self) if self._accepts(other) else NotImplemented

    def sum(self, axis: Any = None, keepdims: bool = False) -> Self:
        """The sum over axes (None: all)."""
        return shapes.sum(self, axis=axis, keepdims=keepdims)

    def mean(self, axis: Any = None, keepdims: bool = False) -> Self:
        """The mean over axes (None: all)."""
        return composite.mean(self, axis, keepdims=keepdims)

    def max(self, axis: Any = None, keepdims: bool = False) -> Self:
        """The greatest element over axes; ties share the gradient."""
        return composite.max(self, axis, keepdims=keepdims)

    def min(self, axis: Any = None, keepdims: bool = False) -> Self:
        """The smallest element over axes; ties share the gradient."""
        return composite.min(self, axis, keepdims=keepdims)

    def prod(self, axis: Any = None, keepdims: bool = False) -> Self:
        """The product over axes."""
        return composite.prod(self, axis, keepdims=keepdims)

    def var(self, axis: Any = None, correction: float = 0.0, keepdims: bool = False) -> Self:
        """The variance over axes, divided by n - correction."""
        return composite.var(self, axis, correction=correction, keepdims=keepdims)

    def std(self, axis: Any = None, correction: float = 0.0, keepdims: bool = False) -> Self:
        """The standard deviation over axes; gradient 0 where it is 0."""
        return composite.std(self, axis, correction=correction, keepdims=keepdims)

    def argmax(self, axis: Any = None) -> Self:
        """The index of the greatest element along an axis."""
        return constants.argmax(self, axis=axis)

    def argmin(self, axis: Any = None) -> Self:
        """The index of the smallest element along an axis."""
        return constants.argmin(self, axis=axis)

    def any(self, axis: Any = None) -> Self:
        """Whether any element is true."""
        return constants.any(self, axis=axis)

    def all(self, axis: Any = None) -> Self:
        """Whether every element is true."""
        return constants.all(self, axis=axis)

    def reshape(self, *shape: Any) -> Self:
        """The same elements in another shape (one length may be -1)."""
        return shapes.reshape(self, shape=shape[0] if len(shape) == 1 and
                              isinstance(shape[0], (tuple, list)) else shape)

    def transpose(self, *axes: Any) -> Self:
        """The axes reversed, or permuted as given."""
        return composite.transpose(self, axes[0] if len(axes) == 1 and
                                   isinstance(axes[0], (tuple, list)) else axes)

    def flatten(self) -> Self:
        """All elements in one axis."""
        return shapes.reshape(self, shape=(-1,))

    def squeeze(self, axis: Any = None) -> Self:
        """Without the axes of length 1."""
        return composite.squeeze(self, axis)

    def astype(self, dtype: Any) -> Self:
        """With another dtype; the gradient is cast back."""
        return composite.astype(self, dtype)


def _comparison(op: Primitive, name: str) -> Any:
    def method(self: Any, other: Any) -> Any:
        return op(self, other) if self._accepts(other) else NotImplemented

    method.__name__ = method.__qualname__ = name
    return method


for _name, _op in {"eq": constants.equal, "ne": constants.not_equal, "lt": constants.less,
                   "le": constants.less_equal, "gt": constants.greater,
                   "ge": constants.greater_equal, "and": constants.bitwise_and,
                   "or": constants.bitwise_or, "xor": constants.bitwise_xor,
                   "rand": constants.bitwise_and, "ror": constants.bitwise_or,
                   "rxor": constants.bitwise_xor}.items():
    setattr(Methods, f"__{_name}__", _comparison(_op, f"__{_name}__"))
