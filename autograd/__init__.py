"""An autograd engine you can see through: Values and Tensors, and the gradient of anything."""
# ruff: noqa: I001

from typing import TYPE_CHECKING

from .bridges import stack
from .compiling import compile
from .environment import warn_about_foreign_autograd
from .errors import (
    ArgumentError, AutogradError, DefinitionError, DtypeError, GradientWarning, GraphError,
    ShapeError, StorageError)
from .fingerprint import fingerprint
from .hips import (                 # beside vjp, jvp, hvp
    hessian_vector_product as hessian_vector_product, make_jvp as make_jvp, make_vjp as make_vjp,
    named as _named)
from .kinds import bilinear, custom_gradient, elementwise, linear, local, multilinear
from .modes import debug, enable_grad, no_grad, scope
from .primitive import reserved, table
from .storage import Device as device, scalars  # noqa: N813
from .tensor import Tensor
from .transforms import elementwise_grad, grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp
from .value import Value

reserved.update(table, vars(scalars))
warn_about_foreign_autograd()
if not TYPE_CHECKING:               # else type checkers take any name for one of ours
    __getattr__ = _named(__name__)

__version__ = "0.1.0"
__all__ = [
    # the two kinds of node
    "Value", "Tensor", "stack",
    # derivatives of functions
    "grad", "value_and_grad", "elementwise_grad", "vjp", "jvp", "jacobian", "hessian", "hvp",
    # programs
    "compile",
    # what is recorded
    "no_grad", "enable_grad", "scope", "debug", "fingerprint",
    # where arrays are kept
    "device",
    # primitives of your own
    "elementwise", "linear", "bilinear", "multilinear", "local", "custom_gradient",
    # errors
    "AutogradError", "ArgumentError", "DefinitionError", "DtypeError", "GradientWarning",
    "GraphError", "ShapeError",
    "StorageError",
]
