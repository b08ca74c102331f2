"""Random programs: every engine computes the same, they print themselves, and they shrink."""

import contextlib
import hashlib
import math
import os
import random
import statistics
import subprocess
import sys

import numpy as np
import pytest
from domains import CONSTANTS, PRIMITIVES
from hypothesis import find, given, settings
from places import STRICT

import autograd.numpy as anp
from autograd import ArgumentError, DefinitionError, Tensor, Value
from autograd.array_node import ArrayNode
from autograd.primitive import table
from autograd.storage import to_numpy
from autograd.testing import BANK, derivatives, random_program, register, shrink
from autograd.testing.peers import weights
from autograd.testing.strategies import arrays, broadcastable, floats, programs
from autograd.testing.table import TABLE, rows

NEVER = {                               # what no program draws, and why
    "its result is a constant": {
        "equal", "not_equal", "less", "less_equal", "greater", "greater_equal", "isfinite",
        "isinf", "isnan", "signbit", "bitwise_and", "bitwise_or", "bitwise_xor",
        "bitwise_left_shift", "bitwise_right_shift", "bitwise_invert", "logical_not",
        "logical_and", "logical_or", "logical_xor", "argsort", "argmax", "argmin", "any", "all",
        "count_nonzero", "nonzero", "isin", "searchsorted", "matrix_rank", "gammasgn"},
    "the gradients of getitem, take, sort and windows are made of it": {
        "scatter", "put", "put_along_axis", "overlap_add"},
    "only other rules call it": {
        "zeta_slope", "gamma_density", "gamma_tail", "beta_density", "beta_tail",
        "student_slope", "sech"},
    "it changes nothing, or where a number lies": {
        "identity", "to_device", "element", "from_values"},
    "its eigenvalues have no order, and its vectors any length": {"eig"},
    "it takes two orders that have no derivative": {"lpmv"}}
ROWS = [name for name, row in TABLE.items() if row.group != "user"]


def draws_of(name, count, **options):
    """The first programs that have an operation in them."""
    found = (random_program(seed, ops=[name], max_ops=3, **options) for seed in range(1000))
    having = (p for p in found if any(step.op == name for step in p.steps))
    return [next(having) for _ in range(count)]


def primitives_of(tensor):
    """The names of the primitives in a graph."""
    todo, seen = [tensor.node], {}
    while todo:
        node = todo.pop()
        if isinstance(node, ArrayNode) and id(node) not in seen:
            seen[id(node)] = node
            todo += [getattr(arg, "node", arg) for arg in node.args]
    return {node.op.name for node in seen.values() if node.op is not None}


def executed(program, engine):
    """What the printed program leaves as its result."""
    names = {}
    exec(program.source(engine), names)
    return names["result"]


def same_bits(x, y):
    return np.array_equal(np.asarray(x).view(np.int64), np.asarray(y).view(np.int64))


def test_numpy_tensors_and_printed_programs_agree_bit_for_bit_over_all_operations():
    seen = set()
    for name in ROWS:
        for program in draws_of(name, 3):
            z, plain = program.run("autograd"), program.run("numpy")
            seen |= primitives_of(z)
            if TABLE[name].group == "special":              # SciPy computes some in other ways
                np.testing.assert_allclose(z.data, plain, rtol=1e-10, atol=1e-12)
            else:
                assert same_bits(z.data, plain), program
            assert same_bits(program(*program.inputs), z.data), program
            assert same_bits(executed(program, "autograd").data, z.data), program
            assert same_bits(executed(program, "numpy"), plain), program
    left = {name for names in NEVER.values() for name in names}
    assert seen & left == set()
    assert seen | left == {*CONSTANTS, *PRIMITIVES}         # the table, without what tests define


@pytest.mark.parametrize("place", STRICT[:1], ids=str)
def test_tensors_over_other_storages_agree(place):
    for seed in range(60):
        program = random_program(seed)
        xs = [Tensor(place.put(x), requires_grad=True) for x in program.inputs]
        z = program(*xs)
        assert place.holds(z.data)
        np.testing.assert_allclose(to_numpy(z.data), program.run("numpy"), rtol=1e-9, atol=1e-12)


def test_a_value_is_a_tensor_of_one_number():
    """Each step within 4 ulp on the same operands; ulps of the largest number in it."""
    for seed in range(300):
        program = random_program(seed, scalars=True)
        assert type(program.run("value")) is Value
        nodes = [float(np.asarray(x)) for x in program.nodes("numpy", *program.inputs)]
        for (op, args, params), z in zip(program.steps, nodes[len(program.inputs):], strict=True):
            operands = [nodes[i] for i in args]
            value = TABLE[op].function("autograd")(*map(Value, operands), **params)
            terms = [z, *(x for x in params.values() if isinstance(x, float))]
            assert abs(value.data - z) <= 4 * np.spacing(max(map(abs, terms))), (op, operands)
        assert same_bits(executed(program, "value").data, program.run("value").data)


def complex_gradients(program):
    """The gradients of the weighted sum by complex steps: no rule of ours is in them."""
    w = weights(np.asarray(program.run("numpy")))
    found = [np.zeros(x.shape) for x in program.inputs]
    for i, x in enumerate(program.inputs):
        for k in np.ndindex(x.shape):
            moved = [y.astype(complex) for y in program.inputs]
            moved[i][k] += 1e-30j
            found[i][k] = np.sum(np.imag(program.run("complex", *moved)) * w) / 1e-30
    return found


def wrong(program, rtol=1e-6):
    """Whether the gradients are not those of complex steps."""
    return not all(np.allclose(ours, other, rtol=rtol, atol=1e-9) for ours, other in zip(
        derivatives(program).first, complex_gradients(program), strict=True))


def test_complex_programs_have_the_gradients_as_their_steps():
    for seed in range(200):
        program = random_program(seed, engines=("complex",))
        assert program.supports("complex") and not wrong(program), program


def agree(program, engine, order):
    assert same_bits(to_numpy(executed(program, engine).detach() if engine == "torch" else
                              executed(program, engine)), np.asarray(
        program.run(engine).detach() if engine == "torch" else program.run(engine)))
    for ours, other in zip(derivatives(program, order=order), derivatives(program, engine, order),
                           strict=True):
        for x, y in zip(*((part if isinstance(part, tuple) else (part,))
                          for part in (ours, other)), strict=True):
            assert x.shape == y.shape and x.dtype == y.dtype
            np.testing.assert_allclose(x, y, rtol=1e-6, atol=1e-8 * max(1.0, np.abs(x).max()))


def test_pytorch_agrees_to_the_second_order():
    pytest.importorskip("torch", reason="pip install torch")
    for seed in range(60):
        agree(random_program(seed, engines=("torch",)), "torch", 2)


def test_jax_agrees():
    pytest.importorskip("jax", reason="pip install jax")
    import jax

    with jax.enable_x64(True):
        for seed in range(5):                   # each new shape of an operation is compiled
            agree(random_program(seed, engines=("jax",), shapes=BANK[:2], max_ops=3), "jax", 1)


def test_values_have_the_gradients_of_tensors():
    for seed in range(100):
        program = random_program(seed, scalars=True)
        for ours, other in zip(derivatives(program, "value", 2)[1:], derivatives(
                program, order=2)[1:], strict=True):
            np.testing.assert_allclose(ours, other, rtol=1e-9, atol=1e-9)


OPTIONS = [{}, {"scalars": True}, {"smooth": False}, {"shapes": BANK}, {"max_ops": 1},
           {"inputs": 1, "max_ops": 30}, {"ops": ["linalg", "reduction"]}, {"dtype": "float32"},
           {"engines": ("torch", "jax", "complex")}, {"ops": ["special"]}]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_what_is_asked_for_is_drawn(options):
    for seed in range(60):
        program = random_program(seed, **options)
        assert program.shared
        nodes = program.nodes("numpy", *program.inputs) if options.get("smooth", True) else []
        shapes = {np.shape(z) for z in nodes}
        assert shapes <= ({()} if "scalars" in options else set(options.get("shapes", shapes)))
        assert {np.asarray(z).dtype.name for z in nodes} <= {options.get("dtype", "float64")}
        assert len(program.inputs) <= options.get("inputs", 3)
        assert program.is_smooth() or not options.get("smooth", True)
        assert all(program.supports(engine) for engine in options.get("engines", ()))


def test_programs_are_large_and_various_enough():
    drawn = [random_program(seed) for seed in range(600)]
    sizes = [len(program.steps) for program in drawn]
    assert statistics.mean(sizes) > 3 and max(sizes) > 8
    assert {step.op for p in drawn for step in p.steps} > {
        name for name in ROWS if TABLE[name].group not in ("special", "map", "linalg")} - {
            "setitem", "getitem_points"}


def test_numbers_that_are_not_smooth_are_hard_points():
    numbers = {abs(x) for seed in range(100)
               for a in random_program(seed, smooth=False).inputs for x in a.ravel().tolist()}
    assert {0.0, 1.0, 5e-324, 1e300} <= numbers


DIGEST = """
import hashlib
from autograd.testing import random_program
text = "".join(random_program(seed).source() for seed in range(150))
print(hashlib.sha256(text.encode()).hexdigest())
"""


def test_a_seed_is_the_same_program_in_every_process():
    here = "".join(random_program(seed).source() for seed in range(150))
    for seed in ("1", "77"):
        out = subprocess.run([sys.executable, "-c", DIGEST], capture_output=True, text=True,
                             env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH":
                                  os.pathsep.join(sys.path)}, check=True)
        assert out.stdout.strip() == hashlib.sha256(here.encode()).hexdigest()


# -- shrinking -----------------------------------------------------------------------------------
PLANTED = ["multiply", "divide", "exp", "log", "tanh", "maximum", "sum", "max", "prod", "reshape",
           "getitem", "take", "concat", "matrix_product", "det", "cumulative_sum", "where", "pow",
           "broadcast_to", "square"]


@contextlib.contextmanager
def doubled(op):
    """An operation whose rules say twice what they should."""
    pull = op.pull

    def twice(*what):
        part = pull(*what)
        return part if part is None else part * 2.0

    op.pull, op.direct = twice, False           # a printed rule would not be asked
    op._kernels.clear()
    try:
        yield
    finally:
        del op.pull, op.direct
        op._kernels.clear()


def test_programs_shrink_to_three_operations_for_planted_bugs():
    sizes = []
    for name in PLANTED:
        with doubled(table[name]):
            drawn = (random_program(seed, engines=("complex",)) for seed in range(2000))
            program = next(p for p in drawn if wrong(p))
            least = shrink(program, wrong)
            assert wrong(least) and len(least.steps) <= len(program.steps)
            sizes.append(len(least.steps))
        assert not wrong(least)
    assert statistics.median(sizes) <= 3 and max(sizes) <= 4


def test_what_is_smaller_runs_and_what_shrinks_ends():
    for seed in range(40):
        program = random_program(seed)
        for candidate in program.smaller():
            assert candidate.is_smooth()
            assert same_bits(candidate.run("autograd").data, candidate.run("numpy"))
        least = shrink(program, lambda p: True)
        assert len(least.steps) <= 1
        assert all(x.size <= 2 for x in least.inputs)           # diff takes two numbers
        assert all(number in (0, 1) for x in least.inputs for number in x.ravel())


def has(*names):
    return lambda program: all(any(step.op == name for step in program.steps) for name in names)


def test_hypothesis_drops_operations_too():
    some = programs(ops=["exp", "matmul", "sin", "tanh", "reshape"], max_ops=5, inputs=2)
    least = find(some, has("sin", "exp"), random=random.Random(0),
                 settings=settings(max_examples=1000, database=None))
    assert len(least.steps) <= 4 and len(least.inputs) == 1


@given(programs(max_ops=5))
@settings(max_examples=30)
def test_hypothesis_draws_programs(program):
    assert program.shared and program.is_smooth()
    assert same_bits(program.run("autograd").data, program.run("numpy"))


# -- numbers, arrays and shapes ------------------------------------------------------------------
@pytest.mark.parametrize("point", [-0.0, 0.0, 1.0, -1.0, 5e-324, 1e300])
def test_numbers_are_hard_points(point):
    found = find(floats(), lambda x: x == point and math.copysign(1, x) == math.copysign(1, point),
                 settings=settings(max_examples=500, database=None, derandomize=True))
    assert found == point


@given(floats((0.3, 3.0)), floats((2.0, math.inf)), floats(width=32), floats(extreme=False))
def test_numbers_stay_in_their_domain(x, y, z, w):
    assert 0.3 <= x <= 3 and 2 <= y < math.inf and np.float32(z) == z and abs(w) <= 10


@given(arrays(), arrays((2, 3), "float32"))
def test_arrays_have_their_shape_and_dtype(x, y):
    assert x.dtype == np.float64 and x.ndim <= 3
    assert y.shape == (2, 3) and y.dtype == np.float32 and np.all(np.isfinite(y))


def test_shapes_broadcast_with_sizes_0_and_1():
    seen = set()

    @given(broadcastable(3))
    @settings(max_examples=100)
    def run(shapes):
        np.broadcast_shapes(*shapes)
        seen.update(n for shape in shapes for n in shape)

    run()
    assert {0, 1, 2} <= seen


# -- operations of one's own ---------------------------------------------------------------------
def bent(x):
    """A function of one's own: |x - 1| + x."""
    return anp.abs(x - 1.0) + x


def ratio(x, y, *, power=1):
    """Another, of two operands."""
    return x / y ** power


@pytest.fixture
def own():
    """Operations registered for one test."""
    before = dict(TABLE)
    yield (register(bent, domain=(-2.0, 4.0), kinks=(1.0,), torch=lambda x: abs(x - 1.0) + x),
           register(ratio, domain=(0.5, 3.0)))
    for name in set(TABLE) - set(before):
        del TABLE[name]
    rows.cache_clear()


def test_an_operation_of_ones_own_is_drawn(own):
    assert any(has("bent")(random_program(seed)) for seed in range(400))
    for program in draws_of("ratio", 5, scalars=True):
        nodes = program.nodes("numpy", *program.inputs)
        assert all(0.5 <= nodes[i] <= 3 for step in program.steps if step.op == "ratio"
                   for i in step.args)
    for program in draws_of("bent", 10):
        nodes = program.nodes("numpy", *program.inputs)
        operands = [nodes[step.args[0]] for step in program.steps if step.op == "bent"]
        assert all(np.all((x >= -2) & (x <= 4) & (np.abs(x - 1) > 0.01)) for x in operands)
        assert same_bits(executed(program, "autograd").data, nodes[-1])
        assert program.supports("torch") and not program.supports("jax")
        with pytest.raises(ArgumentError, match="bent has no word in jax"):
            program.run("jax")


def test_errors_say_what_to_write():
    with pytest.raises(ArgumentError, match="no operation, group or engine is called sine"):
        random_program(0, ops=["sine"])
    with pytest.raises(ArgumentError, match="called tensorflow"):
        random_program(0, engines=["tensorflow"])
    with pytest.raises(ArgumentError, match="no operation is left"):
        random_program(0, ops=["linalg"], scalars=True)
    for wrong in ({"max_ops": 0}, {"max_ops": 2.5}, {"inputs": 1.5}):
        with pytest.raises(ArgumentError, match=r"programs of .* operations on .* inputs"):
            random_program(0, **wrong)
    for wrong in ({"shapes": []}, {"shapes": [3]}, {"dtype": "int64"}):
        with pytest.raises(ArgumentError, match="shapes are tuples, one at least"):
            random_program(0, **wrong)
    with pytest.raises(ArgumentError, match="no engine is called 'cobol'"):
        random_program(0).run("cobol")
    with pytest.raises(ArgumentError, match="order 3"):
        derivatives(random_program(0), order=3)
    program = random_program(0)
    with pytest.raises(ArgumentError, match=f"{len(program.inputs)} inputs got 7"):
        program(*range(7))
    with pytest.raises(DefinitionError, match="words for"):
        register("mine", "np.sin({x})", cobol="SIN")
    with pytest.raises(ArgumentError, match="a Value of an array of shape"):
        next(p for p in map(random_program, range(9)) if p.inputs[0].shape).source("value")


NONSENSE = {
    "a name alone": (("foo",), {}),
    "an empty domain": ((bent,), {"domain": (1, 0)}),
    "a domain of nothing": ((bent,), {"domain": 3}),
    "domains of others": ((bent,), {"domain": ((0, 1), (0, 1))}),
    "one kink": ((bent,), {"kinks": 0.5}),
    "a reduction": ((anp.sum,), {}),
    "a reduction in words": (("total", "np.sum({x})"), {}),
    "what cannot be called": ((ratio,), {"numpy": lambda x: x})}


@pytest.mark.parametrize("name", NONSENSE)
def test_nonsense_is_not_registered(name):
    args, options = NONSENSE[name]
    before = dict(TABLE)
    with pytest.raises(ArgumentError):
        register(*args, **options)
    assert before == TABLE


def test_an_operation_is_imported_from_where_it_is_defined(own):
    program = draws_of("bent", 1)[0]
    assert f"from {bent.__module__} import bent\n" in program.source()
    assert "# put here: bent = the operation bent in torch\n" in program.source("torch")
