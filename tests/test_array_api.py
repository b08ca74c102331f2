"""Every name and signature of the array API standard, as array-api-strict has them, is ours too.

A signature of ours may accept more: a parameter by position and by name, optional ones beyond the
standard's. It must not ask for more, nor call or default anything otherwise.
"""

import inspect
import math

import array_api_strict as strict
import pytest

import autograd.numpy as np
from autograd import Tensor

NOT_THE_STANDARD = {
    "ArrayAPIStrictFlags": "array-api-strict's settings",
    "get_array_api_strict_flags": "array-api-strict's settings",
    "set_array_api_strict_flags": "array-api-strict's settings",
    "reset_array_api_strict_flags": "array-api-strict's settings",
    "Device": "array-api-strict's devices",
    "ModuleType": "left over from an import",
    "annotations": "left over from an import",
    "DType": "the type of array-api-strict's dtypes",
    "__new__": "Python makes objects with it; arrays are made by creation functions",
    "__reduce__": "pickle's business: Tensor has __reduce_ex__",
    "__buffer__": "NumPy reads array-api-strict's arrays by it; Tensor leaves by __array__",
    "__annotations__": "Python's own, of every class", "__annotations_cache__": "Python's own",
    "__annotate_func__": "Python's own", "__conditional_annotations__": "Python's own",
    "__doc__": "Python's own", "__module__": "Python's own", "__slots__": "Python's own",
    "__weakref__": "Python's own", "__firstlineno__": "Python's own",
    "__static_attributes__": "Python's own",
}
ARRAY = type(strict.asarray(0.0))
EMPTY, VARIADIC = inspect.Parameter.empty, inspect.Parameter.VAR_POSITIONAL
BY_POSITION = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
BY_NAME = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


def public(space):
    """The names of a namespace or class that belong to the standard."""
    return [name for name in sorted(vars(space)) if name not in NOT_THE_STANDARD
            and (name[0] != "_" or (name[:2] == name[-2:] == "__" and space is ARRAY))
            and not inspect.ismodule(vars(space)[name])]


def complaints(ours, theirs, names=True):
    """What a signature of ours does not accept of theirs; `names` of positional ones must agree."""
    found, taken = [], set()
    places = [p for p in ours.parameters.values() if p.kind in BY_POSITION]
    gathers = any(p.kind is VARIADIC for p in ours.parameters.values())
    for i, asked in enumerate(theirs.parameters.values()):
        by_position = asked.kind in BY_POSITION
        if asked.kind is VARIADIC:
            found += [] if gathers else [f"*{asked.name}"]
            continue
        if by_position and i >= len(places):
            found.append(f"{asked.name} by position")
            continue
        own = places[i] if by_position else ours.parameters.get(asked.name)
        if own is None or (asked.kind in BY_NAME and own.kind not in BY_NAME) or (
                own.name != asked.name and (names or asked.kind in BY_NAME)):
            found.append(f"{asked.name}, {asked.kind.description}")
            continue
        taken.add(own.name)
        unset = "Undef" in type(asked.default).__name__         # strict's "not given"
        if asked.default is not EMPTY and own.default != (None if unset else asked.default):
            found.append(f"{asked.name}={asked.default!r}, ours is {own.default!r}")
    return found + [f"{p.name}, which the standard does not know" for p in ours.parameters.values()
                    if p.name not in taken and p.default is EMPTY and p.kind.value in (0, 1, 3)]


def check(ours, theirs):
    assert not complaints(inspect.signature(ours), inspect.signature(theirs))


@pytest.mark.parametrize("name", [*public(strict), "__array_namespace_info__"])
def test_every_name_of_the_namespace(name):
    theirs, ours = getattr(strict, name), getattr(np, name)
    if inspect.isfunction(theirs):
        check(ours, theirs)
    elif isinstance(theirs, float):
        assert ours == theirs or (math.isnan(ours) and math.isnan(theirs))
    elif theirs is None:
        assert ours is None
    else:
        assert name in str(ours) or name == "__array_namespace_info__"


def functions(space):
    """The functions of an extension; array-api-strict's __all__ forgets the newest."""
    here = vars(getattr(strict, space))
    defined = {name for name, f in here.items() if inspect.isfunction(f) and name[0] != "_"
               and f.__module__ == here["__name__"]}
    return sorted({*here["__all__"], *defined})


@pytest.mark.parametrize(("space", "name"), [
    (space, name) for space in ("linalg", "fft") for name in functions(space)])
def test_every_name_of_the_extensions(space, name):
    check(getattr(getattr(np, space), name), getattr(getattr(strict, space), name))


@pytest.mark.parametrize("name", public(type(strict.__array_namespace_info__())))
def test_every_method_of_the_inspection(name):
    check(getattr(np.__array_namespace_info__(), name),
          getattr(strict.__array_namespace_info__(), name))


@pytest.mark.parametrize("name", public(ARRAY))
def test_every_attribute_of_arrays(name):
    theirs, ours = inspect.getattr_static(ARRAY, name), inspect.getattr_static(Tensor, name)
    if isinstance(theirs, property):
        assert isinstance(ours, property)
    elif theirs is not None:                            # __hash__ is None there, identity here
        assert not complaints(*(inspect.signature(f.__get__(0)) for f in (ours, theirs)), False)


def test_the_exceptions_are_needed():
    there = {*dir(strict), *dir(ARRAY), *vars(type), "__conditional_annotations__",
             "__firstlineno__", "__static_attributes__", "__annotations_cache__",
             "__annotate_func__", "DType", "annotations"}
    assert set(NOT_THE_STANDARD) <= there


def f(x, /, y, *, z=1):
    """The signature that the next test compares with."""


@pytest.mark.parametrize(("ours", "accepted"), [
    (lambda x, y, z=1: 0, True), (lambda x, /, y, *, z=1, w=2: 0, True),
    (lambda x, y, *zs, z=1: 0, True), (lambda x, y, z: 0, False), (lambda x, y: 0, False),
    (lambda x, y, z=2: 0, False), (lambda x, y, /, z=1: 0, False), (lambda x, *, y, z=1: 0, False),
    (lambda u, y, z=1: 0, False), (lambda x, y, w, z=1: 0, False), (lambda y, x, z=1: 0, False),
    (lambda x, y=0, z=1, *, w: 0, False), (lambda *xs, y=0, z=1: 0, False)])
def test_what_a_signature_accepts(ours, accepted):
    assert (not complaints(inspect.signature(ours), inspect.signature(f))) is accepted
