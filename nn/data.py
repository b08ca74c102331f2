"""Data on its way to a model: checked, split, standardised, cut into batches; two toy sets.

Rows are samples. Arrays may be of any array library, Tensors or lists; the kind that came goes out,
on the device it came on.
"""

import math
from collections.abc import Iterator
from typing import Any

import numpy

from autograd import Tensor
from autograd.errors import ArgumentError, ShapeError, describe
from autograd.storage import (
    asarray,
    device_of,
    is_floating,
    is_numpy,
    library_of,
    namespace,
    to_number,
    to_numpy,
)

from .moving import apart, sent, together

Seed = int | numpy.random.Generator | None
Rows = tuple[Any, Any]


def check_data(x: Any, y: Any = None) -> None:
    """Raise ArgumentError on no rows, a nan or an inf, ShapeError on unequal lengths."""
    for name, data in (("x", x), ("y", y)):
        if data is None:
            continue
        array = _array(data)
        if not array.shape:
            raise ShapeError(f"{name} is one number: {describe(data)}", "give a row per sample")
        if array.shape[0] == 0:
            raise ArgumentError(f"{name} is empty: shape {tuple(array.shape)}",
                                "check where the data is read, and how it is filtered")
        if _is_string(array) or not is_floating(array):
            continue
        finite = namespace(array).isfinite(array)
        if not bool(namespace(array).all(finite)):
            place = tuple(int(i) for i in numpy.argwhere(~to_numpy(finite))[0])
            where = ", ".join(f"{kind} {i}" for kind, i in
                              zip(("row", "column", *["index"] * array.ndim), place, strict=False))
            raise ArgumentError(f"{to_number(array[place])} in {name} at {where} (counted from 0)",
                                "drop such rows: keep = numpy.isfinite(x).all(axis=1)")
    if y is not None and _array(x).shape[0] != _array(y).shape[0]:
        raise ShapeError(f"{_array(x).shape[0]} rows in x, {_array(y).shape[0]} in y",
                         "every row of x needs its own y")


def train_validation_split(x: Any, y: Any, validation: float = 0.2, stratify: bool = True,
                           seed: Seed = None) -> tuple[tuple[Any, Any], tuple[Any, Any]]:
    """(x, y) for training and (x, y) for validation, rows drawn at random.

    `validation` is the share kept back. With `stratify` every class of y (integers or strings; a
    y of floats has none) has that share too, within one row. Raises ArgumentError where one of
    the two would be empty.
    """
    check_data(x, y)
    parts = [taken(data, chosen) for chosen in split_rows(y, validation, stratify, seed)
             for data in (x, y)]
    return (parts[0], parts[1]), (parts[2], parts[3])


def split_rows(y: Any, validation: float, stratify: bool = True, seed: Seed = None) -> Rows:
    """The numbers of the rows that `train_validation_split` trains on, and of those it keeps."""
    n = _array(y).shape[0]
    kept = round(n * validation)
    if not 0 < validation < 1 or not 0 < kept < n:
        raise ArgumentError(f"validation={validation!r} of {n} rows is {kept} rows",
                            "give a share between 0 and 1 that leaves rows on both sides")
    rng = numpy.random.default_rng(seed)
    labels = _array(y)
    if stratify and labels.ndim == 1 and (_is_string(labels) or not is_floating(labels)):
        held = _stratified(to_numpy(labels), kept, rng)
    else:
        held = rng.permutation(n)[:kept]
    mask = numpy.zeros(n, bool)
    mask[held] = True
    return rng.permutation(numpy.flatnonzero(~mask)), rng.permutation(held)


def _stratified(labels: Any, kept: int, rng: numpy.random.Generator) -> Any:
    """Rows to keep back: each class its share rounded down, the rest to the largest remainders."""
    classes = [numpy.flatnonzero(labels == c) for c in numpy.unique(labels)]
    shares = [len(rows) * kept / len(labels) for rows in classes]
    counts = [math.floor(share) for share in shares]
    order = sorted(range(len(classes)), key=lambda i: counts[i] - shares[i])
    for i in order[:kept - sum(counts)]:
        counts[i] += 1
    return numpy.concatenate([rng.permutation(rows)[:count]
                              for rows, count in zip(classes, counts, strict=True)])


class Standardiser:
    """Columns brought to mean 0 and standard deviation 1, as they were in the data it was fit to.

    A column that is constant there is only shifted. `mean` and `scale` have a number a column.
    """

    mean: Any = None
    scale: Any = None

    def __repr__(self) -> str:
        fitted = "not fitted" if self.mean is None else f"of {len(self.mean)} columns"
        return f"<Standardiser {fitted}>"

    def fit(self, x: Any) -> "Standardiser":
        """Learn mean and scale of x, of shape (rows, columns); raises as `check_data` does."""
        check_data(x)
        array = _array(x)
        if array.ndim < 2:
            raise ShapeError(f"a Standardiser of {describe(array)}",
                             "give rows of columns: x[:, None]")
        xp, n = namespace(array), array.shape[0]
        if not is_floating(array):
            array = _floats(array)
        mean, scale = xp.mean(array, axis=0), xp.std(array, axis=0)
        # The rounding of a constant column's mean is not a deviation: 10 × 0.1 has one of 1e-17.
        noise = n * xp.finfo(array.dtype).eps * (xp.abs(mean) + scale)
        self.mean = mean
        self.scale = xp.where(scale <= noise, xp.ones_like(scale), scale)
        return self

    def transform(self, x: Any) -> Any:
        """(x − mean) / scale."""
        return (self._checked(x) - self.mean) / self.scale

    def fit_transform(self, x: Any) -> Any:
        """`fit(x)`, then `transform(x)`."""
        return self.fit(x).transform(x)

    def inverse(self, x: Any) -> Any:
        """x · scale + mean: what `transform` made x from."""
        return self._checked(x) * self.scale + self.mean

    def _checked(self, x: Any) -> Any:
        """x as floats that fit."""
        if self.mean is None:
            raise ArgumentError("a Standardiser that was fit to no data", "call fit(x) first")
        if _array(x).shape[-1:] != self.mean.shape[-1:]:
            raise ShapeError(f"{describe(_array(x))} for a Standardiser of "
                             f"{self.mean.shape[-1]} columns", "give the same columns")
        if not together(_array(x), self.mean):
            raise apart("Standardiser", "what it was fit to", self.mean, "x", _array(x))
        return x if isinstance(x, Tensor) else _floats(_array(x))


def batches(x: Any, y: Any, size: int, seed: Seed = None,
            shuffle: bool = True) -> Iterator[tuple[Any, Any]]:
    """(x, y) in pieces of `size` rows, the last may be smaller; each row once.

    `seed` is a number or a Generator: with one Generator every call has an order of its own.
    """
    check_data(x, y)
    if size < 1:
        raise ArgumentError(f"batches of {size} rows", "give 1 or more")
    return shuffled((x, y), size, numpy.random.default_rng(seed), shuffle)


def shuffled(data: tuple[Any, ...], size: int, rng: numpy.random.Generator,
             shuffle: bool = True) -> Iterator[Any]:
    """`batches` of x, y and more that were checked before; their order goes to a device once."""
    n = _array(data[-1]).shape[0]
    order = rng.permutation(n) if shuffle else numpy.arange(n)
    places: list[Any] = []
    for i, x in enumerate(data):
        beside = [k for k in range(i) if together(_array(data[k]), _array(x))]
        places.append(places[beside[0]] if beside else _placed(order, x))
    for start in range(0, n, size):
        rows = slice(start, min(start + size, n))
        yield tuple(_rows(x, place[rows]) for x, place in zip(data, places, strict=True))


def taken(x: Any, rows: Any) -> Any:
    """The rows of x with these numbers, a NumPy array, in their order."""
    return _rows(x, _placed(rows, x))


def moons(n: int = 100, noise: float = 0.0, seed: Seed = None) -> tuple[Any, Any]:
    """Two interleaving half circles: x of shape (n, 2), y of 0 (upper) and 1; rows in random order.

    The geometry of scikit-learn's make_moons; `noise` is the standard deviation around it.
    """
    rng = _generator_of("moons", n, 2, noise, seed)
    upper = n // 2
    a, b = numpy.linspace(0, numpy.pi, upper), numpy.linspace(0, numpy.pi, n - upper)
    x = numpy.concatenate([numpy.stack([numpy.cos(a), numpy.sin(a)], 1),
                           numpy.stack([1 - numpy.cos(b), 0.5 - numpy.sin(b)], 1)])
    return _noisy(x, numpy.repeat([0, 1], [upper, n - upper]), noise, rng)


def spirals(n: int = 300, classes: int = 3, noise: float = 0.0,
            seed: Seed = None) -> tuple[Any, Any]:
    """Spiral arms from the centre to radius 1: x of shape (n, 2), y the arm; in random order."""
    rng = _generator_of("spirals", n, classes, noise, seed)
    y = numpy.arange(n) % classes
    radius = (numpy.arange(n) // classes + 1) / -(-n // classes)
    angle = 2 * numpy.pi * y / classes + 4 * radius
    x = numpy.stack([radius * numpy.cos(angle), radius * numpy.sin(angle)], 1)
    return _noisy(x, y, noise, rng)


def _generator_of(name: str, n: int, least: int, noise: float, seed: Seed) -> Any:
    if n < least or least < 1 or not 0 <= noise < math.inf:
        raise ArgumentError(f"{name} of {n} points, {least} classes, noise {noise!r}",
                            "give a point a class or more, and a noise that is not negative")
    return numpy.random.default_rng(seed)


def _noisy(x: Any, y: Any, noise: float, rng: numpy.random.Generator) -> tuple[Any, Any]:
    order = rng.permutation(len(y))
    return (x + noise * rng.standard_normal(x.shape))[order], y[order]


# -- arrays of any kind ----------------------------------------------------------------------------

def _array(x: Any) -> Any:
    return x.data if isinstance(x, Tensor) else asarray(x)


def _is_string(array: Any) -> bool:
    return is_numpy(array) and array.dtype.kind not in "biufc"


def _floats(array: Any) -> Any:
    """Integers as floats of their storage."""
    library: Any = library_of(array)
    return array if is_floating(array) else library.xp.astype(array, library.dtype(float))


def _placed(rows: Any, x: Any) -> Any:
    """The numbers of rows, a NumPy array, where they can index x."""
    return sent(rows, device_of(_array(x)))


def _rows(x: Any, rows: Any) -> Any:
    """These rows, as the kind of array that came; `rows` lies where x does."""
    array = _array(x)
    taken = array[rows] if is_numpy(array) else namespace(array).take(array, rows, axis=0)
    return Tensor(taken) if isinstance(x, Tensor) else taken
