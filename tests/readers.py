"""What every reader promises, whatever it is given: the right value, or a refusal that says why.

What was loaded has the numbers that came, in the dtypes and shapes that the reader's model has, and
can be saved and read again with the same bits. A refusal is one of this project's errors, and it
leaves everything as it was. Nothing else is raised, not even a warning. The tests hold this of
mutated files (test_readers.py), and the fuzzer of what it comes upon (fuzz_bytes.py).
"""

import csv
import io
import json
import pathlib
import struct
import tempfile
import warnings
from collections.abc import Callable
from typing import NamedTuple

import array_api_strict
import numpy

import nn
from autograd import Tensor, Value
from autograd.errors import ArgumentError, ShapeError
from nn.jobs.penguin_data import COLUMNS, SPECIES, read_penguin, read_penguins
from nn.module import leaves
from nn.weights import to_bytes

DTYPES = {"F64": "f8", "F32": "f4", "F16": "f2", "C64": "c8", "BOOL": "u1", "I64": "i8",
          "I32": "i4", "I16": "i2", "I8": "i1", "U64": "u8", "U32": "u4", "U16": "u2", "U8": "u1"}
SIZES = (0, 1, 2, 3, 4, 5, 2**31, 2**60, 2**62, 2**63 - 1, 2**63, 2**64 - 1, 2**64, -1)
NUMBERS = (0.0, -0.0, 1.0, numpy.nan, numpy.inf, -numpy.inf, 1e300, 1e39, 65520.0, 5e-324, 300.0)


class Source:
    """Choices, read from bytes; where these end, each is the first one."""

    def __init__(self, content):
        self.content, self.at = content, 0

    def take(self, n):
        """The next n bytes."""
        self.at += n
        return self.content[self.at - n:self.at].ljust(n, b"\0")

    def below(self, n):
        """A number from 0 to n - 1."""
        return int.from_bytes(self.take(1 if n <= 256 else 8)) % n

    def pick(self, things):
        """One of several things."""
        return things[self.below(len(things))]


# -- models, and all there is to see of them -------------------------------------------------------

class Mixed(nn.Module):
    """Parameters and buffers of many dtypes, a Value, an empty array, one that is only read."""

    def __init__(self, seed):
        rng = numpy.random.default_rng(seed)
        numbers = rng.standard_normal(4)
        self.half = Tensor(numbers.astype("f2"), requires_grad=True)
        self.whole = [Tensor((numbers * 9).astype(kind)) for kind in ("i8", "i1", "u1", "u8", "?")]
        self.complex = Tensor(numbers.astype("c8"), requires_grad=True)
        self.parts = {"empty": Tensor(numpy.zeros((0, 3))), "value": Value(numbers[0])}
        self.single = Tensor(numpy.float32(numbers[1]), requires_grad=True)
        self.fixed = Tensor(numpy.broadcast_to(numbers[2], (2, 2)), requires_grad=True)


MODELS = (lambda seed: nn.Sequential(nn.Linear(2, 3, rng=seed), "tanh", nn.Linear(3, 1, rng=seed)),
          lambda seed: nn.Linear(2, 2, dtype="float32", rng=seed),
          lambda seed: nn.MLP(2, [2, 1], seed=seed), Mixed)


def numbers(model):
    """The dtype, shape and bits of each entry of a model."""
    return {name: bits(x.data) for name, x in leaves(model)}


def everything(model):
    """`numbers`, and what else loading could have changed."""
    return numbers(model), [
        (id(x), type(x), getattr(x, "requires_grad", True), x.label, repr(x.grad))
        for _, x in leaves(model)]


def bits(x):
    """Something nested of arrays and numbers, as what is equal only if every bit is."""
    if isinstance(x, dict):
        return {key: bits(item) for key, item in x.items()}
    if isinstance(x, list | tuple):
        return [bits(item) for item in x]
    if isinstance(x, numpy.ndarray | float):
        return str(numpy.asarray(x).dtype), numpy.shape(x), numpy.asarray(x).tobytes()
    return type(x), repr(x)


def accepts(load, see):
    """Whether `load` takes what it gets; a refusal says what to do, and `see` sees no change."""
    before = see()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            load()
    except (ArgumentError, ShapeError) as error:
        assert "\nhelp: " in str(error), f"a refusal without help: {error}"
        assert see() == before, f"something was changed, and then refused: {error}"
        return False
    return True


def unfit(dtype, shape, came):
    """Why an array of this dtype and shape cannot have the numbers that came; "" if it can."""
    if came.shape != shape or came.dtype.kind not in "biufc":
        return f"{came.dtype} of shape {came.shape}"
    ranks = ["biu".find(kind) < 0 and 1 + (kind == "c") for kind in (dtype.kind, came.dtype.kind)]
    if ranks[0] < ranks[1]:
        return f"{came.dtype}"
    with numpy.errstate(all="ignore"):
        cast = came.astype(dtype)
        kept = numpy.isfinite(cast) == numpy.isfinite(came) if ranks[0] else cast == came
    return "" if kept.all() else f"{came} of {came.dtype}"


def check_numbers(data, came):
    """Assert that an array or a float holds the numbers that came, and is of their shape."""
    mine, came = numpy.asarray(data), plain(came)
    why = unfit(mine.dtype, mine.shape, came)
    assert not why, f"{why} loaded into {mine} of {mine.dtype} and shape {mine.shape}"
    with numpy.errstate(all="ignore"):
        assert bits(came.astype(mine.dtype)) == bits(mine), f"{mine} came as {came}"


def plain(x):
    """An entry of a state as NumPy has it."""
    return numpy.asarray(x.data if isinstance(x, Tensor | Value) else x)


# -- weights files ---------------------------------------------------------------------------------

def weights(content):
    """A weights file, after a byte that says for which model it is."""
    number, content = content[:1] or b"\0", content[1:]
    make = MODELS[number[0] % len(MODELS)]
    model = make(1)
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "weights.safetensors"
        path.write_bytes(content)
        if not accepts(lambda: nn.load(model, path), lambda: everything(model)):
            return False
        again = nn.load(make(2), nn.save(model, path))
    came = {entry.name: entry.array() for entry in entries(content)}
    assert came.keys() == dict(leaves(model)).keys()
    for name, leaf in leaves(model):
        check_numbers(leaf.data, came[name])
    assert numbers(again) == numbers(model), "saved and read, it is another"
    return True


class Entry(NamedTuple):
    """One array of a weights file; `moved` is by how much the file lies about where it is."""

    name: str
    dtype: str
    shape: list
    data: bytes
    moved: tuple = (0, 0)

    def array(self):
        """The numbers; of a BOOL, what is not 0 is 1."""
        array = numpy.frombuffer(self.data, "<" + DTYPES[self.dtype]).reshape(self.shape)
        return array != 0 if self.dtype == "BOOL" else array


def entries(content):
    """The arrays of a file, read in the plainest way; raises anything where it is not whole."""
    (size,) = struct.unpack("<Q", content[:8])
    header, body = json.loads(content[8:8 + size]), content[8 + size:]
    header.pop("__metadata__", None)
    return [Entry(name, x["dtype"], x["shape"], body[slice(*x["data_offsets"])])
            for name, x in header.items()]


def written(found, source):
    """A file of these entries, most often with a true header."""
    header, body = {}, b""
    for x in found:
        stop = len(body) + len(x.data)
        header[x.name] = {"dtype": x.dtype, "shape": x.shape,
                          "data_offsets": [len(body) + x.moved[0], stop + x.moved[1]]}
        body += x.data
    metadata = source.pick([None] * 12 + [{"format": "np"}, {"n": 3}, [], "x"])
    if metadata is not None:
        header["__metadata__"] = metadata
    text = json.dumps(header, ensure_ascii=source.below(2) == 0).encode(errors="surrogatepass")
    text += source.pick([b""] * 12 + [b" " * 7, b"\0", b"{}", b"\xff"])
    size = len(text) + source.pick([0] * 12 + [1, -1, 8, 2**60])
    return struct.pack("<Q", size) + text + body + source.pick([b""] * 12 + [b"\0", b"x" * 9])


def damaged(content, source):
    """A file like this one, with entries added, dropped, and of other names, dtypes and shapes."""
    try:
        found = entries(content[1:])
        assert found
    except Exception:
        content = source.pick(WEIGHTS)
        found = entries(content[1:])
    for _ in range(source.below(3)):
        i = source.below(len(found))
        change = source.pick([_renamed, _retyped, _mistyped, _reshaped, _refilled, _moved])
        found[i:i + 1] = [[change(found[i], source)], [found[i], change(found[i], source)], [],
                          ][source.pick([0] * 8 + [1, 2])]
        found = found or [Entry("", "F64", [0], b"")]
    number = source.pick([content[0]] * 7 + list(range(len(MODELS))))
    return bytes([number]) + written(found, source)


def _renamed(entry, source):
    other = ["", "0", "layers", entry.name + ".x", entry.name.upper(), "é\n\x1b[2J", "\ud800",
             "__metadata__", "x" * 300, *[x.name for file in WEIGHTS for x in entries(file[1:])]]
    return entry._replace(name=source.pick(other))


def _retyped(entry, source):
    """The same numbers of another dtype, rightly kept."""
    dtype = source.pick(list(DTYPES))
    with numpy.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return entry._replace(dtype=dtype, data=entry.array().astype(DTYPES[dtype]).tobytes())
        except (KeyError, ValueError, TypeError):
            return entry


def _mistyped(entry, source):
    """Another dtype for the same bytes, some of which NumPy does not have."""
    return entry._replace(dtype=source.pick([*DTYPES, "BF16", "F8_E4M3", "F8_E5M2", "F4", "F80",
                                             "f64", "", None, 3, []]))


def _reshaped(entry, source):
    shape = list(entry.shape) if isinstance(entry.shape, list) else [2]
    at, size = source.below(len(shape) + 1), source.pick(SIZES)
    return entry._replace(shape=source.pick([
        shape[::-1], [*shape, 1], [1, *shape], [*shape, 0], [0, size], [size, 0], [],
        [*shape[:at], size, *shape[at + 1:]], [size] * 3, [1] * 64 + shape, [0] * 65, [size],
        [float(size)], [str(size)], None, {}, size]))


def _refilled(entry, source):
    """Other numbers, and now and then more or fewer bytes."""
    kind = DTYPES.get(entry.dtype if isinstance(entry.dtype, str) else "", "u1")
    with numpy.errstate(all="ignore"):
        number = source.pick([numpy.float64(source.pick(NUMBERS)).astype(kind).tobytes(),
                              source.take(8)])
    keep = len(entry.data) + source.pick([0] * 6 + [1, -1, 8, -8])
    return entry._replace(data=(number * (1 + len(entry.data) // len(number)) + number)[:keep])


def _moved(entry, source):
    sizes = (0, 0, 1, -1, 8, -8, 2**60, 2**64 - 1, -2**63)
    return entry._replace(moved=(source.pick(sizes), source.pick(sizes)))


WEIGHTS = [bytes([i]) + to_bytes(make(0)) for i, make in enumerate(MODELS)]


# -- states, which come from pickles and JSON ------------------------------------------------------

class Refuses:
    """What cannot be read as an array."""

    def __array__(self, *args, **kwargs):
        raise RuntimeError("no array")


def odd(was, source):
    """Something else in the place of an entry, often not far from it."""
    array = numpy.asarray(was if isinstance(was, numpy.ndarray | float | int) else 1.0)
    kind = source.pick(["f8", "f4", "f2", "g", "c8", "c16", "i8", "i1", "u1", "u8", "?", ">f8", "O",
                        "U3", "S2", "M8[s]", [("x", "f8")]])
    number = source.pick([*NUMBERS, -1, 7, 2**53 + 1, 2**64 - 1, 2**64, 10**400, True, 1j])
    with numpy.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return source.pick([
            lambda: array.astype(kind) if isinstance(kind, str) else numpy.zeros(array.shape, kind),
            lambda: numpy.full(array.shape, number),
            lambda: number,
            lambda: array.tolist(), lambda: tuple(array.tolist()) if array.ndim else array.item(),
            lambda: array[..., None], lambda: array.T, lambda: array[None], lambda: array[:0],
            lambda: array.ravel()[::-1], lambda: numpy.broadcast_to(array, (2, *array.shape)),
            lambda: Tensor(array, requires_grad=array.dtype.kind == "f"),
            lambda: Value(float(array.ravel()[0])),
            lambda: array_api_strict.asarray(array), lambda: numpy.ma.masked_array(array),
            lambda: numpy.full(array.shape, 0)[()], lambda: [array.tolist()],
            lambda: [[1.0], [2.0, 3.0]], lambda: nested(5000), lambda: itself(),
            lambda: source.pick([None, "", "1.0", "é", b"1", {}, [], (), {"x": 1}, {1}, float, len,
                                 object, numpy.ndarray, numpy.float64(2), numpy.int8(2)]),
            lambda: Refuses(),
        ])()


def nested(depth):
    """A list in a list in a list."""
    found = []
    for _ in range(depth):
        found = [found]
    return found


def itself():
    """A list that holds itself."""
    found = []
    found.append(found)
    return found


def places(tree, depth=5):
    """Each (container, key) inside of nested dicts and lists."""
    for key, item in list(tree.items() if isinstance(tree, dict) else enumerate(tree)):
        yield tree, key
        if isinstance(item, dict | list) and depth:
            yield from places(item, depth - 1)


def edited(tree, source):
    """The tree after up to three edits: something else, something gone, something added, swaps."""
    for _ in range(source.below(4)):
        found = list(places(tree)) if isinstance(tree, dict | list) else []
        if not found:
            return tree
        (holder, key), (other, place) = source.pick(found), source.pick(found)
        try:
            match source.below(8):
                case 0 | 1 | 2 | 3:
                    holder[key] = odd(holder[key], source)
                case 4:
                    del holder[key]
                case 5 if isinstance(holder, dict):
                    new = source.pick([str(key), "x", "step", "", 0, -1, 2**70, None, 1.5, b"w", (),
                                       True, "-0", "\ud800", "exp_avg", "params"])
                    holder[new] = source.pick([holder.pop(key), 0.0, 1])
                case 6:
                    holder[key], other[place] = other[place], holder[key]
                case 7:
                    return odd(tree, source)
        except (TypeError, ValueError, IndexError, OverflowError, RuntimeError):
            continue
    return tree


def state(content):
    """A model's state: of its own or as a list, a Tensor, a number ... all as the bytes say."""
    source = Source(content)
    make = source.pick(MODELS)
    model, given = make(1), edited(make(0).state_dict(), source)
    if not accepts(lambda: model.load_state_dict(given), lambda: everything(model)):
        names = dict(leaves(model))
        assert not (isinstance(given, dict) and given.keys() == names.keys() and all(
            type(x) in (numpy.ndarray, float) and not unfit(
                plain(names[name]).dtype, plain(names[name]).shape, plain(x))
            for name, x in given.items())), "it was right, and was refused"
        return False
    assert given.keys() == dict(leaves(model)).keys()
    for name, leaf in leaves(model):
        check_numbers(leaf.data, given[name])
    again = make(2)
    again.load_state_dict(model.state_dict())
    assert numbers(again) == numbers(model)
    return True


KINDS = (lambda p: nn.SGD(p, lr=0.1, momentum=0.9), lambda p: nn.SGD(p, lr=1),
         lambda p: nn.Adam(p), lambda p: nn.AdamW(p, amsgrad=True), lambda p: nn.Adagrad(p),
         lambda p: nn.RMSprop(p, momentum=0.9, centered=True))


def trained(make, steps):
    """An optimiser of two groups after some steps."""
    a, b, c = (Tensor(numpy.ones(2), requires_grad=True), Value(2.0),
               Tensor(numpy.ones((1, 2), "f4"), requires_grad=True))
    found = make([{"params": [a, b]}, {"params": [c], "weight_decay": 0.5}])
    for _ in range(steps):
        step(found)
    return found


def step(optimizer):
    """One step, with gradients of 0.5."""
    for group in optimizer.param_groups:
        for p in group["params"]:
            p.grad = 0.5 if isinstance(p, Value) else Tensor(numpy.full_like(p.data, 0.5))
    optimizer.step()


def optimizer(content):
    """An optimiser's state, as it was or through JSON."""
    source = Source(content)
    make = source.pick(KINDS)
    mine, given = trained(make, source.below(2)), trained(make, 1 + source.below(2)).state_dict()
    if source.below(2):
        given = through_json(given)
    given = edited(given, source)

    def see():
        return bits(mine.state_dict()), [bits(p.data) for p in mine._parameters()]

    data = see()[1]
    if not accepts(lambda: mine.load_state_dict(given), see):
        return False
    saved = mine.state_dict()
    for group, theirs in zip(saved["param_groups"], given["param_groups"], strict=True):
        assert group.keys() == theirs.keys()
        for key, x in group.items():
            assert loose(x) == loose(theirs[key]), f"{key} is {x!r}, and came as {theirs[key]!r}"
    theirs = {int(i): x for i, x in given["state"].items() if x}
    assert theirs.keys() == saved["state"].keys()
    for i, p in enumerate(mine._parameters()):
        for key, x in theirs.get(i, {}).items():
            got = saved["state"][i][key]
            if key == "step":
                assert type(got) is int and got == plain(x), f"step {got!r} came as {x!r}"
            else:
                check_numbers(got, x)
                assert isinstance(got, numpy.ndarray) == isinstance(p, Tensor)
    assert see()[1] == data, "the parameters were changed"
    again = trained(make, 0)
    again.load_state_dict(saved)
    assert bits(again.state_dict()) == bits(saved), "saved and read, it is another"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        step(mine)
    return True


def through_json(tree):
    """What JSON makes of a state: keys are text, tuples are lists; arrays it cannot have."""
    if isinstance(tree, dict):
        return {str(key): through_json(x) for key, x in tree.items()}
    return [through_json(x) for x in tree] if isinstance(tree, list | tuple) else tree


def loose(x):
    """An option as a Python number, or a list of them."""
    if isinstance(x, list | tuple):
        return [loose(item) for item in x]
    return x if isinstance(x, bool) else float(plain(x))


SCHEDULES = (lambda o: nn.StepLR(o, 2), lambda o: nn.CosineAnnealingLR(o, 4),
             lambda o: nn.SequentialLR(o, [nn.LinearLR(o), nn.StepLR(o, 3)], [2]))


def schedule(content):
    """A schedule's state."""
    source = Source(content)
    rates = nn.SGD([Value(1.0)], lr=0.5)
    mine = source.pick(SCHEDULES)(rates)
    given = edited({"epoch": source.below(6)}, source)

    def see():
        return mine.epoch, rates.param_groups[0]["lr"]

    if not accepts(lambda: mine.load_state_dict(given), see):
        return False
    epoch, rate = see()
    assert type(epoch) is int and epoch == given["epoch"] and 0 <= rate <= 0.5
    mine.step()
    return True


# -- text ------------------------------------------------------------------------------------------

def penguin(content):
    """The measurements of a penguin, as they are typed."""
    text, found = content.decode(errors="replace"), []
    if not accepts(lambda: found.append(read_penguin(text)), lambda: len(found)):
        return False
    came = [float(part) for part in text.split(",")]
    length, depth, flipper, mass = found[0].measurements
    assert [length, depth] == came[:2] and flipper in (came[2], came[2] * 10)
    assert mass in [came[3] * unit for unit in (1, 100, 1000)]
    return True


def penguins(content):
    """The file of the penguins."""
    text, found = content.decode(errors="replace"), []
    if not accepts(lambda: found.append(read_penguins(io.StringIO(text, newline=""))),
                   lambda: len(found)):
        return False
    (x, y), (header, *rows) = found[0], [row for row in csv.reader(io.StringIO(text, newline=""))
                                         if row]
    assert {len(row) for row in rows} == {len(header)}
    place = {name: i for i, name in enumerate(header)}
    cells = [[row[place[name]] for name in ("species", *COLUMNS)] for row in rows
             if not {row[place[name]] for name in COLUMNS} & {"", "NA"}]
    assert [SPECIES[i] for i in y] == [row[0] for row in cells]
    assert (x == numpy.array([row[1:] for row in cells], float)).all() and numpy.isfinite(x).all()
    return True


PENGUINS = b"""species,island,bill_length_mm,bill_depth_mm,flipper_length_mm,body_mass_g,sex,year
Adelie,Torgersen,39.1,18.7,181,3750,male,2007
Adelie,Torgersen,NA,NA,NA,NA,NA,2007
Gentoo,Biscoe,46.1,13.2,211,4500,female,2007
"Chinstrap",Dream,46.5,17.9,192,3500,,2007
"""


class Reader(NamedTuple):
    """A promise to hold (whether the bytes were taken), bytes to begin with, and how to change."""

    holds: Callable
    corpus: list
    damaged: Callable | None = None


READERS = {
    "weights": Reader(weights, WEIGHTS, damaged),
    "state": Reader(state, [bytes([i]) for i in range(len(MODELS))]),
    "optimizer": Reader(optimizer, [bytes([i, 1, 1, j]) for i in range(len(KINDS))
                                    for j in range(2)]),
    "schedule": Reader(schedule, [bytes([i, 3]) for i in range(len(SCHEDULES))]),
    "penguins": Reader(penguins, [PENGUINS, PENGUINS.replace(b"\n", b"\r\n")]),
    "penguin": Reader(penguin, [b"37.3,16.8,19.2,30.0", b"39.1,18.7,181,3750"]),
}
