"""Operations without a derivative: their results are constants, and the gradient ends there."""

import operator

from ..kinds import constant

equal, not_equal, less, less_equal, greater, greater_equal = (
    constant(name, infix=getattr(operator, sign), arity=2)
    for name, sign in (("equal", "eq"), ("not_equal", "ne"), ("less", "lt"), ("less_equal", "le"),
                       ("greater", "gt"), ("greater_equal", "ge")))
isfinite, isinf, isnan = constant("isfinite"), constant("isinf"), constant("isnan")
signbit = constant("signbit")
bitwise_and, bitwise_or, bitwise_xor = (
    constant(f"bitwise_{name}", infix=getattr(operator, f"__{name}__"), arity=2)
    for name in ("and", "or", "xor"))
bitwise_left_shift = constant("bitwise_left_shift", infix=operator.lshift, arity=2)
bitwise_right_shift = constant("bitwise_right_shift", infix=operator.rshift, arity=2)
bitwise_invert = constant("bitwise_invert", infix=operator.invert)
logical_not = constant("logical_not")
logical_and, logical_or, logical_xor = (
    constant(f"logical_{name}", arity=2) for name in ("and", "or", "xor"))

argsort = constant("argsort", axis=-1, descending=False, stable=True)
argmax = constant("argmax", axis=None, keepdims=False)
argmin = constant("argmin", axis=None, keepdims=False)
any, all = constant("any", axis=None, keepdims=False), constant("all", axis=None, keepdims=False)
count_nonzero = constant("count_nonzero", axis=None, keepdims=False)
nonzero = constant("nonzero")
isin = constant("isin", arity=2)
searchsorted = constant("searchsorted", arity=2, side="left")
for _op in (less, less_equal, greater, greater_equal, signbit, argsort, argmax, argmin,
            searchsorted, bitwise_and, bitwise_or, bitwise_xor, bitwise_left_shift,
            bitwise_right_shift, bitwise_invert):
    _op.real = True
