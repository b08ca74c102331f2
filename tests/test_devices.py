"""Where arrays are kept: storages and devices found, moved between, mixed up and not there.

array-api-strict stands in for machines with several devices: its devices are pretended, and it
refuses every mixture and every way to NumPy from all but the first, as a GPU would.
"""

import copy
import pickle
import sys
import threading
import types

import array_api_strict as strict
import numpy
import pytest

import autograd
import autograd.numpy as np
from autograd import DtypeError, GraphError, StorageError, Tensor, grad
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
    if request.param == "jax":
        import jax

        jax.config.update("jax_enable_x64", True)
        request.addfinalizer(lambda: jax.config.update("jax_enable_x64", False))
    return request.param


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
    with pytest.raises(DtypeError, match=r"float64(.|\n)*astype"):
        leaf(1.0).to(storage="jax")
    assert leaf(1.0).astype("float32").to(storage="jax").tolist() == [1.0]


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
