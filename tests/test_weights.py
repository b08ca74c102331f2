"""Weights files: the same bits back, whole or not at all, and errors that name the entries."""

import json
import os
import struct
import sys
import tracemalloc

import numpy
import pytest

import nn
from autograd import Tensor
from autograd.errors import ArgumentError
from nn.weights import load, save

pytest.importorskip("safetensors", reason="pip install safetensors")


def network(seed=0, hidden=5, dtype=None):
    return nn.Sequential(nn.Linear(3, hidden, rng=seed, dtype=dtype), "tanh",
                         nn.Linear(hidden, 2, rng=seed + 1, dtype=dtype))


def bits(model):
    return {name: (numpy.asarray(x).dtype, numpy.shape(x), numpy.asarray(x).tobytes())
            for name, x in model.state_dict().items()}


@pytest.mark.parametrize("make", [
    lambda seed: network(seed), lambda seed: network(seed, dtype="float32"),
    lambda seed: nn.MLP(3, [4, 2], seed=seed), lambda seed: nn.Neuron(2, seed=seed)])
def test_the_same_bits_come_back(tmp_path, make):
    model, other = make(0), make(1)
    path = save(model, tmp_path / "w.safetensors")
    assert bits(model) != bits(other)
    assert load(other, str(path)) is other
    assert bits(model) == bits(other)


def test_special_numbers_and_transposed_memory_come_back(tmp_path):
    model, other = network(), network(1)
    model.layers[0].weight.data = numpy.asfortranarray(
        numpy.arange(15.0).reshape(5, 3) * [numpy.nan, -0.0, numpy.inf])
    load(other, save(model, tmp_path / "w.safetensors"))
    assert bits(model) == bits(other)


def test_other_readers_can_read_it(tmp_path):
    safetensors = pytest.importorskip("safetensors.numpy", reason="pip install safetensors")
    model = network()
    state = safetensors.load_file(save(model, tmp_path / "w.safetensors"))
    assert list(state) == sorted(model.state_dict())
    assert (state["layers.0.weight"] == model.layers[0].weight.data).all()


def test_the_file_of_another_model_is_refused_and_nothing_is_changed(tmp_path):
    path = save(network(hidden=7), tmp_path / "w.safetensors")
    model = network(1)
    before = bits(model)
    with pytest.raises(ArgumentError) as caught:
        load(model, path)
    text = str(caught.value)
    assert str(path) in text and "unfit layers.0.weight: (5, 3) cannot take" in text
    assert "shape (7, 3)" in text and "help:" in text and bits(model) == before
    with pytest.raises(ArgumentError) as caught:
        load(nn.Linear(3, 5), path)
    assert "missing weight: (5, 3)" in str(caught.value)
    assert "unknown layers.2.bias" in str(caught.value)


@pytest.mark.parametrize("cut", [0, 1, 7, 8, 100, -1])
def test_a_file_cut_off_is_refused(tmp_path, cut):
    path = save(network(), tmp_path / "w.safetensors")
    path.write_bytes(path.read_bytes()[:cut])
    model = network(1)
    before = bits(model)
    with pytest.raises(ArgumentError, match="not a whole weights file"):
        load(model, path)
    assert bits(model) == before


def one(dtype, shape, body):
    """A file with one array, `weight`."""
    header = {"weight": {"dtype": dtype, "shape": shape, "data_offsets": [0, len(body)]}}
    return struct.pack("<Q", len(text := json.dumps(header).encode())) + text + body


@pytest.mark.parametrize("content, says", [
    (one("BF16", [2, 1], bytes(4)), "has numbers of dtype BF16, which NumPy has not"),
    (one("F8_E5M2", [2, 1], bytes(2)), "has numbers of dtype F8_E5M2, which NumPy has not"),
    (one("F64", [1] * 65, bytes(8)), "has an array of a shape that NumPy cannot have: "),
    (one("F64", [2**60, 0], b""), "has an array of a shape that NumPy cannot have: "),
    (one("F64", [2**60], bytes(16)), "is not a whole weights file: "),
    (struct.pack("<Q", 2**60) + b"{}", "is not a whole weights file: "),
    (one("F32", [2, 1], bytes(7)), "is not a whole weights file: "),
    (one("F64", [2, 1], struct.pack("<dd", 0.0, 1e300)),
     r"unfit weight: \(2, 1\) of float32 cannot hold 1e\+300")])
def test_what_numpy_or_the_model_cannot_have_is_refused_at_no_cost(tmp_path, content, says):
    (path := tmp_path / "w.safetensors").write_bytes(content)
    model = nn.Linear(1, 2, bias=False, rng=0, dtype="float32")
    before = bits(model)
    tracemalloc.start()
    try:
        with pytest.raises(ArgumentError, match=rf"w\.safetensors:? (.|\n)*{says}(.|\n)*\nhelp: "):
            load(model, path)
        assert tracemalloc.get_traced_memory()[1] < 1e6
    finally:
        tracemalloc.stop()
    assert bits(model) == before


def test_the_booleans_of_a_file_are_0_and_1(tmp_path):
    (path := tmp_path / "w.safetensors").write_bytes(one("BOOL", [3], b"\0\1\7"))
    model = nn.Module()
    model.weight = Tensor([True, False, False])
    assert load(model, path).weight.data.view("u1").tolist() == [0, 1, 1]


def test_a_dtype_that_safetensors_has_not_cannot_be_saved(tmp_path):
    model = nn.Module()
    model.weight = Tensor([1j])
    with pytest.raises(ArgumentError, match=r"cannot be kept as safetensors(.|\n)*\nhelp: pickle"):
        save(model, tmp_path / "w.safetensors")
    assert not list(tmp_path.iterdir())


def test_a_missing_file_is_named_and_is_pythons_error_too():
    for error in (FileNotFoundError, ArgumentError):
        with pytest.raises(error, match=r"^no weights file none\.safetensors; the working folder "
                                        r"is .*\nhelp: give the path that nn\.save returned$"):
            load(network(), "none.safetensors")


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(ArgumentError, match=r"cannot be read: .*\nhelp: give the path"):
        load(network(), tmp_path)


@pytest.mark.parametrize("call, came", [
    (lambda: save("m.st", network()), "save of str 'm.st' and a model, Sequential"),
    (lambda: load("m.st", network()), "load of str 'm.st' and a model, Sequential"),
    (lambda: load("m.st"), "load of str 'm.st' alone"),
    (lambda: load(network()), "load of a model, Sequential alone"),
    (lambda: save(network(), 3), "save of a model, Sequential and int 3")])
def test_arguments_in_the_wrong_order_or_left_out(call, came):
    with pytest.raises(ArgumentError, match=rf"^nn\.{came}\nhelp: give the model, then the path: "
                                            r"nn\.(save|load)\(model, 'weights\.safetensors'\)"):
        call()


def test_arrays_for_an_mlp_of_values_point_to_its_twin(tmp_path):
    scalar = nn.MLP(3, [5, 2], activation="tanh", seed=0)
    path, before = save(network(), tmp_path / "w.safetensors"), bits(scalar)
    with pytest.raises(ArgumentError) as caught:
        load(scalar, path)
    text = str(caught.value)
    assert str(path) in text and text.endswith("help: load them into the same network on Tensors: "
                                               "nn.load(model.vectorize(), path)")
    assert "missing" not in text and bits(scalar) == before
    assert bits(load(scalar.vectorize(), path)) == bits(network())
    other = save(nn.MLP(3, [4, 2], seed=0), tmp_path / "v.safetensors")
    with pytest.raises(ArgumentError, match=r"missing layers\.0\.neurons\.4\.w\.0: a Value"):
        load(scalar, other)


def test_saving_replaces_the_file_whole_and_leaves_nothing_beside_it(tmp_path, monkeypatch):
    path = save(network(), tmp_path / "w.safetensors")
    before = path.read_bytes()

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(ArgumentError, match="No space left on device"):
        save(network(1), path)
    monkeypatch.undo()
    assert path.read_bytes() == before and [p.name for p in tmp_path.iterdir()] == [path.name]
    save(network(1), path)
    assert path.read_bytes() != before and len(list(tmp_path.iterdir())) == 1


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ArgumentError, match="cannot be written"):
        save(network(), tmp_path / "none" / "w.safetensors")


def test_without_safetensors_the_way_out_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "safetensors", None)
    for call in (save, load):
        with pytest.raises(ImportError, match="help: pip install safetensors"):
            call(network(), tmp_path / "w.safetensors")
