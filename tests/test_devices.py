"""Where arrays are kept: storages and devices found, moved between, mixed up and not there.

array-api-strict stands in for machines with several devices: its devices are pretended, and it
refuses every mixture and every way to NumPy from all but the first, as a GPU would.
"""

import copy
import operator
import pickle
import re
import sys
import threading
import types
from contextlib import contextmanager, nullcontext

import array_api_strict as strict
import numpy
import places
import pytest

import autograd
import autograd.numpy as np
from autograd import DtypeError, GraphError, StorageError, Tensor, grad, jvp, vjp
from autograd.storage import libraries, library

DEVICE1, DEVICE2 = strict.Device("device1"), strict.Device("device2")


def leaf(*numbers):
    return Tensor(numpy.asarray(numbers, float), requires_grad=True)


def storages():
    """The names of the storages that can be tested here."""
    yield "numpy"
    yield "array_api_strict"
    for name in ("torch", "jax"):
        yield pytest.param(name, marks=pytest.mark.skipif(
            not libraries.LIBRARIES[name].found, reason=f"pip install {name}"))


@pytest.fixture(params=storages())
def storage(request):
    """A storage that takes float64."""
    with jax_takes_float64(True) if request.param == "jax" else nullcontext():
        yield request.param


@contextmanager
def jax_takes_float64(yes):
    """A block in which JAX has or has not been told so; other tests tell it what they need."""
    import jax

    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", yes)
    try:
        yield
    finally:
        jax.config.update("jax_enable_x64", before)


# -- moving ----------------------------------------------------------------------------------------

def test_to_another_storage_and_back_keeps_numbers_and_gradient(storage):
    x = leaf(1.0, 2.0)
    y = x.to(storage=storage)
    z = (y * y).to(storage="numpy")
    z.sum().backward()
    assert isinstance(z.data, numpy.ndarray)
    assert z.tolist() == [1.0, 4.0]
    assert isinstance(x.grad.data, numpy.ndarray)
    assert x.grad.tolist() == [2.0, 4.0]


def test_second_derivatives_go_through_a_move(storage):
    f = grad(lambda x: (x.to(storage=storage) ** 3).to(storage="numpy").sum())
    second = grad(lambda x: f(x).sum())(numpy.asarray([1.0, 2.0]))
    assert second.tolist() == [6.0, 12.0]


def test_a_tensor_that_is_there_already_is_returned(storage):
    x = leaf(1.0).to(storage=storage)
    assert x.to(x.device) is x
    assert x.to(storage=storage) is x
    assert x.to_device(x.device) is x


def test_numbers_are_not_shared_after_a_move(storage):
    x = Tensor(numpy.asarray([1.0, 2.0]))
    y = x.to(storage=storage)
    x.data[0] = 7.0
    assert y.tolist() == ([7.0, 2.0] if storage == "numpy" else [1.0, 2.0])


def test_devices_of_one_storage():
    x = Tensor(strict.asarray([1.0, 2.0]), requires_grad=True)
    y = x.to("device1")
    assert y.device == DEVICE1
    z = (y * y).to(DEVICE2)
    assert z.device == DEVICE2
    z.sum().backward()
    assert x.grad.device == x.device
    assert x.grad.tolist() == [2.0, 4.0]


def test_a_name_means_the_devices_own_storage_first():
    x = Tensor(strict.asarray([1.0]))
    assert type(x.to("device1").to("cpu").data) is type(x.data)


@pytest.mark.parametrize("dtype", ["bool", "int32", "int64", "float32", "complex64", "complex128"])
def test_dtypes_keep_their_names(storage, dtype):
    x = Tensor(numpy.ones(2, dtype)).to(storage=storage)
    assert str(x.dtype).rpartition(".")[2] == dtype
    assert x.numpy().dtype == dtype


# -- what is not there -----------------------------------------------------------------------------

def test_an_unknown_device_lists_those_found():
    with pytest.raises(StorageError, match=r"no device 'tpu:7'(.|\n)*cpu of numpy"):
        leaf(1.0).to("tpu:7")


@pytest.mark.parametrize("given, write", [
    ("torch", "x.to(storage='torch')"), ("float32", "x.astype('float32')"),
    (strict.float64, "x.astype('float64')"), (float, "x.astype('float64')")])
def test_what_is_no_device_is_told_what_it_is(given, write):
    with pytest.raises(StorageError, match=rf"no device (.|\n)*help: .*{re.escape(write)}"):
        leaf(1.0).to(given)
    with pytest.raises(AttributeError, match=r"help: write x\.to\('cuda'\)"):
        leaf(1.0).cuda()


def test_an_unknown_storage_lists_those_there_are():
    with pytest.raises(StorageError, match=r"'tensorflow'(.|\n)*numpy, cupy, torch, jax"):
        leaf(1.0).to(storage="tensorflow")


def test_a_missing_storage_names_the_extra(monkeypatch):
    monkeypatch.setattr(library, "find_spec", lambda name: None)
    with pytest.raises(StorageError, match=r"not installed(.|\n)*wengert\[cuda13\]"):
        leaf(1.0).to(storage="cupy")


def test_cupy_without_a_driver_has_no_device(monkeypatch):
    class CUDARuntimeError(RuntimeError):
        pass

    def fail(*args):
        raise CUDARuntimeError("cudaErrorInsufficientDriver")

    runtime = types.SimpleNamespace(getDeviceCount=fail, CUDARuntimeError=CUDARuntimeError)
    cupy = types.ModuleType("cupy")
    cupy.cuda = types.SimpleNamespace(runtime=runtime, Device=fail)
    monkeypatch.setitem(sys.modules, "cupy", cupy)
    monkeypatch.setattr(library, "find_spec", lambda name: True)
    for device, says in ((None, "no device\nhelp"), ("cuda", "no device 'cuda'\nhelp")):
        with pytest.raises(StorageError, match=f"cupy has {says}: it has none"):
            leaf(1.0).to(device, storage="cupy")


def test_a_device_that_the_storage_lacks():
    with pytest.raises(StorageError, match=r"no device 'cuda:3'(.|\n)*it has cpu"):
        leaf(1.0).to("cuda:3", storage="numpy")


def test_jax_does_not_halve_digits_silently():
    pytest.importorskip("jax", reason="pip install jax")
    with jax_takes_float64(False):
        with pytest.raises(DtypeError, match=r"float64(.|\n)*astype"):
            leaf(1.0).to(storage="jax")
        x = leaf(1.0).astype("float32").to(storage="jax")
        assert x.tolist() == [1.0]
        for make in (lambda: x.astype("float64"), lambda: np.zeros(2, "float64", device=x.device)):
            with pytest.raises(DtypeError, match=r"float64 float32\nhelp: .*x64"):
                make()
        assert np.unique_all(x).inverse_indices.tolist() == [0]     # ours ask for none; nor do
        assert np.can_cast(x, "float64") and str(np.result_type(x, "float64")) == "float32"


# -- mixing ----------------------------------------------------------------------------------------

def test_two_devices_in_one_operation_name_the_move():
    x, y = Tensor(strict.asarray([1.0], device=DEVICE1)), Tensor(strict.asarray([1.0]))
    for mixed in (lambda: x * y, lambda: np.concat([x, y]), lambda: np.maximum(x, y)):
        with pytest.raises(StorageError, match=r"device1(.|\n)*x\.to\(y\.device\)"):
            mixed()


def test_two_storages_in_one_operation_name_the_move():
    x, y = leaf(1.0), Tensor(strict.asarray([1.0]))
    for mixed in (lambda: x * y, lambda: np.concat([x, y]), lambda: x @ y, lambda: x - y.data,
                  lambda: numpy.ones(1) * y):
        with pytest.raises(StorageError, match=r"to\(storage="):
            mixed()


# -- the default device ----------------------------------------------------------------------------

def test_creation_follows_the_default_device():
    with autograd.device("device1", storage="strict"):
        made = [np.zeros(2), np.ones(2), np.full(2, 3.0), np.arange(2), np.linspace(0, 1, 2),
                np.eye(2), np.empty(2), np.asarray([1.0, 2.0]), np.array([1.0]), Tensor([1.0]),
                np.asarray(numpy.ones(2)), np.fft.fftfreq(3), Tensor(2.0)]
        inner = np.zeros_like(leaf(1.0))
    assert [x.device for x in made] == [DEVICE1] * len(made)
    assert isinstance(inner.data, numpy.ndarray)                # where x is
    assert isinstance(np.zeros(2).data, numpy.ndarray)


def test_an_array_that_is_given_keeps_its_storage():
    x = numpy.ones(2)
    with autograd.device(storage="strict"):
        assert Tensor(x).data is x
        assert Tensor(leaf(1.0).detach()).data.__class__ is numpy.ndarray


def test_default_devices_nest_and_are_left_by_errors():
    with autograd.device("device1", storage="strict") as outer:
        with pytest.raises(ZeroDivisionError), autograd.device(storage="numpy"):
            assert isinstance(np.zeros(1).data, numpy.ndarray)
            raise ZeroDivisionError
        with outer:                                             # the same one, again
            assert np.zeros(1).device == DEVICE1
        assert np.zeros(1).device == DEVICE1
        assert np.zeros(1, device="device2").device == DEVICE2
    assert np.zeros(1).device == "cpu"


def test_another_thread_has_its_own_default():
    seen = []
    with autograd.device("device1", storage="strict"):
        thread = threading.Thread(target=lambda: seen.append(np.zeros(1).device))
        thread.start()
        thread.join()
    assert seen == ["cpu"]


def test_devices_are_compared_copied_and_pickled():
    one = autograd.device("device1", storage="strict")
    assert one == autograd.device(DEVICE1)
    assert one != autograd.device("device2", storage="strict")
    assert one != autograd.device("cpu")
    assert hash(one) == hash(autograd.device(DEVICE1))
    assert pickle.loads(pickle.dumps(one)) == copy.deepcopy(one) == one
    assert repr(one) == "device('device1', storage='array_api_strict')"


def test_dtypes_of_any_library_are_understood():
    wanted = strict.float32
    with autograd.device(storage="strict"):
        for dtype in ("float32", numpy.float32, numpy.dtype("float32"), strict.float32):
            assert np.zeros(1, dtype=dtype).dtype == wanted
        assert np.zeros(1, dtype=float).dtype == strict.float64
        assert np.zeros(1, dtype=bool).dtype == strict.bool
        with pytest.raises(DtypeError, match="no dtype 'float7'"):
            np.zeros(1, dtype="float7")


# -- the namespace of a Tensor ---------------------------------------------------------------------

def test_the_namespace_makes_arrays_where_the_tensor_is(storage):
    x = leaf(1.0, 2.0).to(storage=storage)
    xp = x.__array_namespace__()
    assert xp is (x * 2).__array_namespace__(api_version="2024.12")
    y = xp.asarray([1.0, 2.0], dtype=x.dtype) * x + xp.ones(2, dtype=xp.float64)
    assert type(y.data) is type(x.data)
    assert y.tolist() == [2.0, 5.0]
    assert xp.finfo(xp.float32).bits == 32
    assert xp.isdtype(x.dtype, "real floating")
    assert xp.result_type(x, xp.float32) == x.dtype
    assert x.device in xp.__array_namespace_info__().devices()
    assert xp.__name__ != "numpy"


def test_namespaces_are_one_object_each():
    spaces = {Tensor(strict.ones(1)).__array_namespace__(), leaf(1.0).__array_namespace__(),
              leaf(2.0).__array_namespace__()}
    assert len(spaces) == 2
    for xp in spaces:
        assert copy.deepcopy(xp) is xp
        assert pickle.loads(pickle.dumps(xp)) is xp


def test_a_namespace_ignores_the_default_of_the_caller():
    with autograd.device(storage="strict"):
        assert isinstance(leaf(1.0).__array_namespace__().zeros(2).data, numpy.ndarray)


def test_an_unknown_version_of_the_standard():
    with pytest.raises(ValueError, match=r"1999\.12"):
        leaf(1.0).__array_namespace__(api_version="1999.12")


# -- DLPack and NumPy ------------------------------------------------------------------------------

def test_dlpack_both_ways(storage):
    x = Tensor([1.0, 2.0]).to(storage=storage)
    with autograd.device(storage=storage):
        assert np.from_dlpack(x).tolist() == [1.0, 2.0]
        assert type(np.from_dlpack(numpy.ones(2)).data) is type(x.data)
    assert numpy.from_dlpack(x).tolist() == [1.0, 2.0]
    with pytest.raises(GraphError, match="detach"):
        np.from_dlpack(leaf(1.0))
    with pytest.raises(GraphError, match="detach"):
        numpy.from_dlpack(leaf(1.0))


def test_numpy_reads_from_any_device():
    x = Tensor(strict.asarray([1.0, 2.0], device=DEVICE1))
    assert x.numpy().tolist() == [1.0, 2.0]
    assert x.tolist() == [1.0, 2.0]
    assert "1., 2." in repr(x)
    with pytest.raises(StorageError, match=r"device1(.|\n)*\.numpy\(\)"):
        numpy.asarray(x)                                        # not silently


def test_the_error_names_the_call_that_left_the_graph():
    import scipy.linalg

    with pytest.raises(GraphError, match=r"scipy\.\S+, line \d+, asks for it"):
        scipy.linalg.det(Tensor(numpy.eye(2), requires_grad=True))
    with pytest.raises(GraphError, match=r"^__array__ on a \S+ that requires a gradient would drop "
                                         r"it\nhelp"):
        numpy.asarray(leaf(1.0))                                # one's own code is in sight


def test_the_error_names_the_switch_of_the_package_that_asks(monkeypatch):
    import scipy.linalg

    x = Tensor(numpy.eye(2), requires_grad=True)
    for value, says in (("0", r"help: write os\.environ\[\"SCIPY_ARRAY_API\"\] = \"1\" before"),
                        ("1", r"help: write x\.detach")):
        monkeypatch.setenv("SCIPY_ARRAY_API", value)
        with pytest.raises(GraphError, match=says):
            scipy.linalg.det(x)
    sklearn = pytest.importorskip("sklearn", reason="pip install scikit-learn")
    from sklearn.preprocessing import scale

    with sklearn.config_context(array_api_dispatch=False), pytest.raises(
            GraphError, match=r"help: .*sklearn\.set_config\(array_api_dispatch=True\)"):
        scale(x)


def test_numpys_functions_read_another_storage_as_numpy_does(storage):
    x = np.asarray([[1.0, 4.0]]).to(storage=storage)
    for found, expected in ((numpy.mean(x, axis=1), [2.5]), (numpy.sqrt(x), [[1.0, 2.0]]),
                            (numpy.concatenate([x, x]), [[1.0, 4.0]] * 2)):
        assert type(found) is numpy.ndarray and found.tolist() == expected
    assert numpy.shape(leaf(1.0, 2.0).to(storage=storage)) == (2,)      # no gradient to lose
    with pytest.raises(GraphError, match=r"numpy\.linalg\.norm of a Tensor would drop"):
        numpy.linalg.norm(leaf(1.0, 2.0).to(storage=storage))


def test_pytorchs_functions_refuse_what_is_recorded_and_its_operators_record():
    torch = pytest.importorskip("torch", reason="install torch==2.13.0")
    x = Tensor(torch.ones(2), requires_grad=True)
    for function in (torch.sin, torch.nn.functional.relu, lambda x: torch.stack([x, x])):
        with pytest.raises(GraphError, match=r"torch\.\w+ of a Tensor would drop(.|\n)*help: "):
            function(x)
        assert type(function(x.detach())) is torch.Tensor
    z, y = Tensor(torch.ones(2)), torch.tensor([2.0, 3.0])
    for write in (torch.relu_, lambda z: torch.sin(y, out=z),
                  lambda z: torch.nn.functional.relu(z, inplace=True)):
        with pytest.raises(GraphError, match=r"torch\.\w+ would write into a Tensor\nhelp"):
            write(z)
    assert y.clone().copy_(z).tolist() == [1.0, 1.0]
    for op in (operator.add, operator.sub, operator.mul, operator.truediv, operator.pow,
               operator.matmul, operator.iadd):
        assert op(y, x).requires_grad and numpy.allclose(op(y, x).data, op(y, x.data))
    for op in (operator.eq, operator.ne, operator.lt, operator.ge, operator.gt, operator.le):
        assert op(y, x).tolist() == op(y, x.data).tolist()


def test_asarray_copies_when_it_must_and_says_when_it_may_not():
    x = Tensor(numpy.ones(2))
    assert np.asarray(x) is x
    assert np.asarray(x, copy=False) is x
    assert np.asarray(x, copy=True).data is not x.data
    with pytest.raises(ValueError, match="copy=False"):
        np.asarray(x, dtype="float32", copy=False)
    with pytest.raises(ValueError, match="copy=False"):
        np.asarray([1.0], copy=False)
    tracked = leaf(1.0)
    copied = np.asarray(tracked, copy=True)
    copied.sum().backward()
    assert tracked.grad.tolist() == [1.0]


# -- derivatives of functions of other storages' arrays ------------------------------------------

def test_a_float_beside_arrays_goes_where_they_are(storage):
    x = Tensor([1.0, 2.0]).to(storage=storage).data
    found = grad(lambda x, a: (x * a).sum(), (0, 1))(x, 3.0)
    assert type(found[0]) is type(x)
    assert Tensor(found[0]).tolist() == [3.0, 3.0]
    assert float(found[1]) == 3.0


def test_gradients_of_what_creation_was_given():
    x = leaf(2.0)
    np.full((3,), x[0]).sum().backward()
    assert x.grad.tolist() == [3.0]
    x.grad = None
    np.linspace(x[0], 4.0, 5).sum().backward()
    assert x.grad.tolist() == [2.5]
    with pytest.raises(GraphError, match="range"):
        np.arange(x[0])


# -- literals, numbers and arrays of NumPy's beside other storages ---------------------------------

LITERALS = {                        # each with x, two float32s on a device that is not the first
    "array": lambda x: np.array([x[0] ** 2, 0.0]), "rows": lambda x: np.array([[x[0], 2], [3, 4]]),
    "concatenate": lambda x: np.concatenate([[0], x]), "stack": lambda x: np.stack([x, [1, 2]]),
    "hstack": lambda x: np.hstack([x, [1.0]]), "append": lambda x: np.append(x, 1.0),
    "where": lambda x: np.where([True, False], x, [1.0, 2.0]),
    "maximum": lambda x: np.maximum([0.0, 2.0], x), "plain": lambda x: np.add(x.data, [1, 2]),
    "dot": lambda x: np.dot(x, [1.0, 2.0]), "outer": lambda x: np.outer([1, 2], x),
    "kron": lambda x: np.kron([1, 2], x), "matmul": lambda x: [[1.0, 2.0]] @ x,
    "einsum": lambda x: np.einsum("i,j", x, [1.0, 2.0]), "operator": lambda x: [1, 2] * x + (1, 2),
    "tensor": lambda x: np.array(3.0) * x * Tensor(2.0)}


@pytest.mark.parametrize("name", LITERALS)
def test_a_literal_goes_where_the_arrays_beside_it_are(name):
    f, there = LITERALS[name], Tensor(strict.asarray([3.0, 4.0], dtype=strict.float32,
                                                     device=DEVICE1), requires_grad=True)
    found, expected = f(there), f(Tensor([3.0, 4.0], requires_grad=True))
    array = found if name == "plain" else found.data
    assert array.device == DEVICE1 and array.dtype == strict.float32
    assert Tensor(array).to(storage="numpy").tolist() == expected.tolist()


def test_lists_beside_arrays_of_torch():
    torch = pytest.importorskip("torch", reason="pip install torch")
    ones = torch.ones(2)
    slope = grad(lambda x: np.sum(np.array([x[0] ** 2, 0.0])))(ones)
    assert slope.tolist() == [2.0, 0.0] and slope.dtype == torch.float32
    assert np.maximum(ones, [1.0, 2.0]).tolist() == [1.0, 2.0]
    joined = np.array([torch.tensor(1.0), 2.0]).data
    assert isinstance(joined, torch.Tensor) and joined.dtype == torch.float32
    assert np.array([ones, [1, 2]]).tolist() == [[1.0, 1.0], [1.0, 2.0]]
    assert (np.array([1, 2]) + np.array(2)).tolist() == [3, 4]          # over NumPy as before


def test_what_goes_with_a_tensor_is_in_its_storage():
    w = Tensor(strict.asarray([1.0, 2.0], device=DEVICE1), requires_grad=True)
    apart, (_, pull) = numpy.ones(2), autograd.vjp(np.sin, w.data)
    for what, put in {"the gradient": lambda: setattr(w, "grad", apart),
                      "the new data": lambda: setattr(w, "data", apart),
                      "a tangent or cotangent": lambda: pull(apart),
                      "backward's gradient": lambda: (w * w).backward(apart)}.items():
        with pytest.raises(StorageError, match=f"^{what}: .* over numpy, .* over array_api_strict"
                           r"\n.*Tensor\(it\)\.to\('device1', storage='array_api_strict'\)"):
            put()
    w.grad, w.data = [1.0, 1.0], (3.0, 4.0)                            # literals go there
    assert {w.grad.device, w.device, pull([1, 1])[0].device} == {DEVICE1}
    (w * w).backward([1, 1])
    assert w.grad.to(storage="numpy").tolist() == [7.0, 9.0]


@pytest.mark.parametrize("f, nth, came", [
    (lambda w: w + numpy.ones(2), "2nd", "Tensor"), (lambda w: numpy.ones(2) + w, "1st", "Tensor"),
    (lambda w: np.where(w > 0, w, np.ones(2)), "3rd", "")])
def test_the_operand_to_move_is_named_and_where_it_goes(f, nth, came):
    w = Tensor(strict.asarray([1.0, 2.0], device=DEVICE1))
    with pytest.raises(StorageError) as raised:
        f(w)
    text = str(raised.value)
    assert f"move the numpy one, the {nth} operand: {came}" in text
    assert "it).to('device1', storage='array_api_strict')" in text or not came
    assert "np.ones(2, device=x.device)" in text
    assert "with autograd.device('device1', storage='array_api_strict'):" in text
    assert (w + np.ones(2, device=w.device)).device == DEVICE1


def test_what_requires_a_gradient_stays_and_the_other_moves():
    w, x = leaf(1.0, 2.0), Tensor(strict.asarray([1.0, 2.0]))
    with pytest.raises(StorageError, match=r"the array_api_strict one, the 1st operand: "
                                           r"it\.to\(storage='numpy'\)$"):
        x * w


def test_arrays_that_torch_records_are_refused():
    torch = pytest.importorskip("torch", reason="pip install torch")
    p = torch.nn.Parameter(torch.ones(2))
    w = Tensor(p.detach(), requires_grad=True)
    for use in (lambda: Tensor(p, requires_grad=True), lambda: Tensor(p), lambda: w * p,
                lambda: setattr(w, "data", p), lambda: grad(lambda x: np.sum(x ** 2))(p),
                lambda: grad(lambda x, y: np.sum(x * y))(p.detach(), p)):
        with pytest.raises(GraphError, match=r"torch.*requires_grad=True.*\n.*p\.detach\(\)"):
            use()


def test_what_goes_with_a_tensor_is_on_its_device():
    here, there = places.STRICT[1], places.STRICT[0]

    def leaf():
        return Tensor(here.put(numpy.asarray([1.0, 2.0])), requires_grad=True)

    other, x = Tensor(there.put(numpy.asarray([1.0, 2.0]))), leaf()
    uses = [lambda: (x + 0.0).backward(other), lambda: setattr(x, "grad", other),
            lambda: setattr(x, "data", other), lambda: jvp(lambda x: x + 0.0, (x,), (other,)),
            lambda: vjp(lambda x: x + 0.0, x)[1](other)]
    for use in uses:
        with pytest.raises(StorageError, match="help: move"):
            use()
    y = x + 0.0
    y.register_hook(lambda g: other)
    with pytest.raises(StorageError, match="a hook's result"):
        y.sum().backward()


def test_integers_given_to_a_leaf_become_its_floats():
    w = Tensor(numpy.asarray([0.5, 0.5], "float32"), requires_grad=True)
    w.data = numpy.asarray([1, 2])
    (w * 0.3).sum().backward()
    assert w.dtype == w.grad.dtype == numpy.float32
    numpy.testing.assert_allclose(w.grad.data, [0.3, 0.3], rtol=1e-6)
