"""The methods of arrays, in NumPy's words: each is one function of autograd.numpy."""

from typing import TYPE_CHECKING, Any, Self

from . import composite
from .handle import Handle
from .operators import Numeric, Operators, method, operator
from .ops import constants, elementwise, linalg, shapes


class Methods(Operators, Handle):
    """What a Tensor can do beyond a Value: shapes, reductions, products, comparisons."""

    __slots__ = ()

    if TYPE_CHECKING:               # set below
        def __lt__(self, other: Numeric) -> Self: ...                   # type: ignore[override]
        __le__ = __gt__ = __ge__ = __eq__ = __ne__ = __lt__             # type: ignore[assignment]
        __and__ = __or__ = __xor__ = __rand__ = __ror__ = __rxor__ = __lt__
        __lshift__ = __rshift__ = __rlshift__ = __rrshift__ = __lt__
        def sum(self, axis: Any = None, *, dtype: Any = None, keepdims: bool = False) -> Self: ...
        mean = prod = sum
        def max(self, axis: Any = None, *, keepdims: bool = False) -> Self: ...
        min = any = all = argmax = argmin = max
        def var(self, axis: Any = None, *, correction: float = 0.0, keepdims: bool = False,
                ddof: float | None = None) -> Self: ...
        std = var
        def cumsum(self, axis: int | None = None, *, dtype: Any = None) -> Self: ...
        cumprod = cumsum
        def argsort(self, axis: int = -1, descending: bool = False,
                    stable: bool = True) -> Self: ...
        def repeat(self, repeats: Any, axis: int | None = None) -> Self: ...
        def take(self, indices: Any, axis: int | None = None) -> Self: ...
        def squeeze(self, axis: Any = None) -> Self: ...
        def round(self, decimals: int = 0) -> Self: ...
        def astype(self, dtype: Any, *, copy: bool = True, device: Any = None) -> Self: ...
        def conj(self) -> Self: ...
        def nonzero(self) -> tuple[Self, ...]: ...
        def __setitem__(self, index: Any, value: Any) -> None: ...

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

    def reshape(self, *shape: Any, order: str = "C", copy: bool | None = None) -> Self:
        """The same elements in another shape (one length may be -1)."""
        return composite.reshape(self, shape[0] if len(shape) == 1 and isinstance(
            shape[0], (tuple, list)) else shape, order, copy=copy)

    def transpose(self, *axes: Any) -> Self:
        """The axes reversed, or permuted as given."""
        return composite.transpose(self, axes[0] if len(axes) == 1 and
                                   isinstance(axes[0], (tuple, list)) else axes)

    def swapaxes(self, axis1: int, axis2: int) -> Self:
        """Two axes exchanged."""
        return composite.swapaxes(self, axis1, axis2)

    def ravel(self) -> Self:
        """All elements in one axis."""
        return shapes.reshape(self, shape=(-1,))

    flatten = ravel

    def dot(self, other: Numeric) -> Self:
        """NumPy's product: of numbers, vectors, matrices."""
        from .numpy.classic import dot

        return dot(self, other)

    def copy(self) -> Self:
        """The same numbers in memory of their own; the gradient goes through."""
        return composite.astype(self, self.dtype)

    def fill(self, value: Any) -> None:
        """Write one number everywhere, in place."""
        self[...] = value

    def sort(self, axis: int = -1, *, descending: bool = False, stable: bool = True) -> None:
        """Sort along an axis in place, as NumPy's method does; np.sort makes a new Tensor."""
        self[...] = composite.sort(self, axis, descending=descending)

    @property
    def real(self) -> Self:
        """The real part."""
        return elementwise.real(self)

    @property
    def imag(self) -> Self:
        """The imaginary part."""
        return elementwise.imag(self)


for _function in (composite.sum, composite.mean, composite.prod, composite.max, composite.min,
                  composite.var, composite.std, composite.cumsum, composite.cumprod,
                  composite.repeat, composite.take, composite.squeeze, composite.round,
                  composite.astype):
    setattr(Methods, _function.__name__, _function)     # a function of x is a method of x
for _op in (constants.any, constants.all, constants.argmax, constants.argmin, constants.argsort,
            constants.nonzero, elementwise.conj):
    setattr(Methods, _op.name, method(_op))
for _name, _op in {"eq": constants.equal, "ne": constants.not_equal, "lt": constants.less,
                   "le": constants.less_equal, "gt": constants.greater,
                   "ge": constants.greater_equal}.items():
    setattr(Methods, f"__{_name}__", operator(_op, f"__{_name}__"))
for _name, _op in {"and": constants.bitwise_and, "or": constants.bitwise_or,
                   "xor": constants.bitwise_xor, "lshift": constants.bitwise_left_shift,
                   "rshift": constants.bitwise_right_shift}.items():
    setattr(Methods, f"__{_name}__", operator(_op, f"__{_name}__"))
    setattr(Methods, f"__r{_name}__", operator(_op, f"__r{_name}__", reflected=True))
