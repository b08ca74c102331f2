"""Every function of the standard over array-api-strict, at every dtype: its values and dtypes.

What array-api-strict computes must come out of ours, on Tensors over it. Ours may take more.
"""

import inspect
import itertools

import array_api_strict as strict
import numpy
import pytest

import autograd.numpy as np
from autograd import Tensor

DTYPES = ("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
          "float32", "float64", "complex64", "complex128")
ARRAY = type(strict.asarray(0))
SINGLE = (strict.float32, strict.complex64)
ORDERED = ("greater", "greater_equal", "less", "less_equal", "maximum", "minimum")
pytestmark = pytest.mark.filterwarnings("ignore")           # 0 / 0, casts to real, wide shifts


def beyond(name, args, words):
    """Whether array-api-strict computes here what the standard does not know, and ours refuses."""
    if name in ("tensordot", "vecdot"):                 # dtypes that do not promote
        try:
            strict.multiply(*args)
        except TypeError:
            return True
    if "dtype" in words:                                # sums of truth values, complex made real
        return words["dtype"] == strict.bool or (is_complex(args[0].dtype) and not is_complex(
            words["dtype"]))
    return name in ORDERED and complex in map(type, args)


def is_complex(dtype):
    return strict.isdtype(dtype, "complex floating")


def array(dtype):
    return strict.asarray(numpy.asarray([[1, 0, 3], [2, 2, 1]]).astype(dtype))


def with_words(name):
    """The keywords to call a function of one array with."""
    words = inspect.signature(getattr(strict, name)).parameters
    several = [{"axis": (0, 1)}, {"axis": ()}] if "keepdims" in words and "arg" not in name else []
    found = [{}, *([{"axis": 0}, {"axis": -1}, *several] if "axis" in words else [])]
    for word, values in {"keepdims": [True], "correction": [1, 0.5], "descending": [True],
                         "n": [0, 2], "k": [1]}.items():
        found += [{word: value} for value in values if word in words]
    if "include_initial" in words:
        found = [{"axis": 0, "include_initial": True}, {"axis": -1}]
    return found + [{**found[-1], "dtype": getattr(strict, dtype)} for dtype in DTYPES
                    if "dtype" in words]


def kinds(name):
    """The kinds of a function's parameters by name."""
    return {p.name: p.kind for p in inspect.signature(getattr(strict, name)).parameters.values()}


def operands(count):
    """The functions of so many arrays, and nothing else by position."""
    asked = ["x"] if count == 1 else ["x1", "x2"]
    functions = [name for name in dir(strict) if name[0] != "_" and "flags" not in name
                 and inspect.isfunction(getattr(strict, name))]
    return [name for name in functions if [*kinds(name)][:count] == asked and all(
        kind is inspect.Parameter.KEYWORD_ONLY for kind in [*kinds(name).values()][count:])
        and not name.endswith("_like") and name not in ("from_dlpack", "searchsorted", "matmul")]


def others(dtype):
    """Calls of the functions that take something else too."""
    a, mask = array(dtype), array("bool")
    edges = strict.asarray(numpy.asarray([0, 1, 2]).astype(dtype))
    return [
        ("clip", (a, 1, 2), {}), ("clip", (a, a, None), {}), ("clip", (a, None, 1.5), {}),
        ("clip", (a,), {"max": 2}), ("where", (mask, a, 1), {}), ("where", (mask, 1.0, a), {}),
        ("where", (mask, a, a), {}), ("concat", ([a, a],), {}),
        ("concat", ([a, array("float64")],), {"axis": None}), ("stack", ([a, a],), {"axis": -1}),
        ("repeat", (a, 2), {}), ("repeat", (a, strict.asarray([1, 2, 0])), {"axis": 1}),
        ("tile", (a, (2, 1, 1)), {}), ("roll", (a, 1), {}), ("roll", (a, (1, 2)), {"axis": (0, 1)}),
        ("squeeze", (a[:1, ...], 0), {}), ("expand_dims", (a, -1), {}),
        ("moveaxis", (a, 0, -1), {}),
        ("permute_dims", (a, (1, 0)), {}), ("broadcast_to", (a, (2, 2, 3)), {}),
        ("take", (a, strict.asarray([0, 1])), {"axis": 0}),
        ("take_along_axis", (a, strict.asarray([[0, 1]])), {}), ("reshape", (a, (3, 2)), {}),
        ("reshape", (a, (3, 2)), {"copy": True}), ("broadcast_arrays", (a, strict.asarray(1)), {}),
        ("meshgrid", (a[0, :], a[1, :]), {}), ("meshgrid", (a[0, :], a[1, :]), {"indexing": "ij"}),
        ("searchsorted", (edges, a), {}), ("searchsorted", (edges, 1), {"side": "right"}),
        ("diff", (a,), {"prepend": a, "append": a}), ("isin", (a, a[0, :]), {}),
        ("unstack", (a,), {"axis": 1}), ("matmul", (a, a.T), {}),
        *(("astype", (a, getattr(strict, other)), {}) for other in DTYPES)]


def agree(name, args, words):
    """Call both; strict must have computed nothing that ours does not."""
    try:
        expected = getattr(strict, name)(*args, **words)
    except (TypeError, ValueError, OverflowError, AttributeError):
        return
    if beyond(name, args, words):
        return
    found = getattr(np, name)(*map(recorded, args), **{
        word: recorded(value) for word, value in words.items()})
    assert isinstance(found, tuple) is isinstance(expected, tuple)
    pairs = zip(found, expected, strict=True) if isinstance(found, tuple) else [(found, expected)]
    for ours, theirs in pairs:
        assert type(ours) is Tensor and ours.dtype == theirs.dtype, (name, args, words, ours.dtype)
        numpy.testing.assert_allclose(numpy.asarray(ours.data), numpy.asarray(theirs),
                                      rtol=2e-6 if ours.dtype in SINGLE else 1e-14)


def recorded(x):
    """Arrays as Tensors, in lists too."""
    return [recorded(y) for y in x] if isinstance(x, list) else Tensor(x) if type(x) is ARRAY else x


@pytest.mark.parametrize("name", operands(1))
def test_functions_of_one_array(name):
    for dtype, words in itertools.product(DTYPES, with_words(name)):
        agree(name, (array(dtype),), words)


@pytest.mark.parametrize("name", operands(2))
def test_functions_of_two_arrays_or_an_array_and_a_number(name):
    for one, two in itertools.product(DTYPES, DTYPES):
        agree(name, (array(one), array(two)), {})
    for dtype, number in itertools.product(DTYPES, (True, 1, 1.0, 1j)):
        agree(name, (array(dtype), number), {})
        agree(name, (number, array(dtype)), {})


@pytest.mark.parametrize("dtype", DTYPES)
def test_functions_of_arrays_and_more(dtype):
    for name, args, words in others(dtype):
        agree(name, args, words)


def test_every_function_is_called():
    elsewhere = {"arange", "asarray", "broadcast_shapes", "can_cast", "empty", "empty_like", "eye",
                 "finfo", "from_dlpack", "full", "full_like", "iinfo", "isdtype", "linspace",
                 "ones", "ones_like", "result_type", "zeros", "zeros_like"}
    every = {name for name in dir(strict) if name[0] != "_" and "flags" not in name
             and inspect.isfunction(getattr(strict, name))}
    assert every - elsewhere == {*operands(1), *operands(2), *(call[0] for call in others("int8"))}
