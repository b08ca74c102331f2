"""Operations without a derivative: their results are constants, and the gradient ends there."""

import operator

from ..primitive import constant
from .elementwise import on_operands

equal, not_equal, less, less_equal, greater, greater_equal = (
    constant(name, on_operands(getattr(operator, sign)), arity=2)
    for name, sign in (("equal", "eq"), ("not_equal", "ne"), ("less", "lt"), ("less_equal", "le"),
                       ("greater", "gt"), ("greater_equal", "ge")))
isfinite, isinf, isnan = constant("isfinite"), constant("isinf"), constant("isnan")
logical_not = constant("logical_not")
logical_and, logical_or = constant("logical_and", arity=2), constant("logical_or", arity=2)

argsort = constant("argsort", axis=-1, descending=False, stable=True)
argmax = constant("argmax", axis=None, keepdims=False)
argmin = constant("argmin", axis=None, keepdims=False)
any, all = constant("any", axis=None, keepdims=False), constant("all", axis=None, keepdims=False)
count_nonzero = constant("count_nonzero", axis=None, keepdims=False)
