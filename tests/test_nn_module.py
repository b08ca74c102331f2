"""Modules find, name, save and reset their parameters; layers compute what PyTorch's do."""

import copy
import functools
import pickle

import numpy
import pytest
from numpy.testing import assert_array_equal

import autograd.numpy as np
import nn
from autograd import ArgumentError, Tensor, Value, no_grad
from autograd.node import ZERO


class Zoo(nn.Module):
    """A module with parameters in every kind of place, and no call of super().__init__()."""

    def __init__(self):
        self.scale = Tensor([2.0], requires_grad=True)
        self.name = "zoo"
        self.cages = {"left": nn.Linear(2, 3, rng=0), "right": [Value(1.0), Value(2.0)]}
        self.pair = (nn.Linear(3, 1, bias=False, rng=1), None)
        self.mean = Tensor([0.5, 0.25])
        self.counts = Tensor([1, 2, 3])
        self.again = self.pair[0]

    def forward(self, x):
        return self.pair[0](self.cages["left"](x)) * self.scale


ZOO_NAMES = ["scale", "cages.left.weight", "cages.left.bias", "cages.right.0", "cages.right.1",
             "pair.0.weight"]


def small_model():
    return nn.Sequential(nn.Linear(4, 16, rng=0), nn.ReLU(), nn.Linear(16, 3, rng=1))


# -- finding ---------------------------------------------------------------------------------------

def test_parameters_are_found_in_definition_order_each_once():
    zoo = Zoo()
    assert [name for name, _ in zoo.named_parameters()] == ZOO_NAMES
    assert [id(p) for _, p in zoo.named_parameters()] == [id(p) for p in zoo.parameters()]
    assert len({id(p) for p in zoo.parameters()}) == len(zoo.parameters())
    assert zoo.count() == 1 + 6 + 3 + 2 + 3


def test_tied_parameters_are_found_and_loaded_once():
    module, twin = nn.Module(), nn.Module()
    for m, start in ((module, 1.0), (twin, 2.0)):
        m.encode, m.scale = Tensor([start], requires_grad=True), Value(start)
        m.decode, m.scales = m.encode, [m.scale, m.scale]
    assert [name for name, _ in module.named_parameters()] == ["encode", "scale"]
    twin.load_state_dict(module.state_dict())
    assert twin.decode is twin.encode and twin.decode.item() == twin.scales[1].data == 1.0


def test_equal_parameters_are_told_apart_by_identity():
    module = nn.Module()
    module.w = [Tensor([1.0], requires_grad=True), Tensor([1.0], requires_grad=True), Value(1.0),
                Value(1.0)]
    assert len(module.parameters()) == 4


def test_names_of_a_sequential():
    assert [name for name, _ in small_model().named_parameters()] == [
        "layers.0.weight", "layers.0.bias", "layers.2.weight", "layers.2.bias"]


def test_results_kept_as_attributes_are_no_parameters():
    zoo = Zoo()
    zoo.last = zoo(numpy.ones((1, 2)))
    zoo.total = zoo.cages["right"][0] * 2.0
    assert [name for name, _ in zoo.named_parameters()] == ZOO_NAMES


def test_frozen_parameters_are_saved_and_not_trained():
    model = small_model()
    model[0].weight.requires_grad_(False)
    assert "layers.0.weight" not in dict(model.named_parameters())
    assert "layers.0.weight" in model.state_dict()


def test_modules_of_a_module_that_holds_itself():
    model = nn.Sequential(nn.Linear(1, 1, rng=0), nn.Sequential(nn.Tanh()))
    model[1].parent = model
    assert [type(m).__name__ for m in model.modules()] == [
        "Sequential", "Linear", "Sequential", "Tanh"]
    assert len(model.parameters()) == 2
    assert "..." in repr(model)


def test_a_module_without_forward_says_what_is_missing():
    with pytest.raises(NotImplementedError, match=r"Module has no forward.*\nhelp: write def f"):
        nn.Module()(1.0)


def test_forward_takes_any_arguments():
    class Scale(nn.Module):
        def forward(self, x, *, by=2.0):
            return x * by

    assert Scale()(3.0, by=4.0) == 12.0


# -- modes and gradients ---------------------------------------------------------------------------

def test_train_and_eval_reach_every_module_and_return_the_model():
    model = nn.Sequential(nn.Dropout(0.5, rng=0), nn.Sequential(nn.Dropout(0.5, rng=1)))
    assert model.training and model.eval() is model
    assert [m.training for m in model.modules()] == [False] * 4
    assert model.train() is model and all(m.training for m in model.modules())
    assert nn.Module().training                     # nothing leaked to other modules


def test_zero_grad_gives_none_on_tensors_and_the_uncomputed_zero_on_values():
    zoo = Zoo()
    zoo(numpy.ones((2, 2))).sum().backward()
    (zoo.cages["right"][0] * 3.0).backward()
    zoo.zero_grad()
    for p in zoo.parameters():
        assert p.grad is (ZERO if isinstance(p, Value) else None)


# -- state -----------------------------------------------------------------------------------------

def test_state_holds_copies_of_parameters_and_buffers():
    zoo = Zoo()
    state = zoo.state_dict()
    assert list(state) == [*ZOO_NAMES, "mean", "counts"]
    assert state["cages.right.0"] == 1.0 and type(state["cages.right.0"]) is float
    state["scale"][0] = 100.0
    assert zoo.scale.item() == 2.0


def test_a_state_goes_into_another_model_of_the_same_make():
    one, other = Zoo(), Zoo()
    for i, p in enumerate(one.parameters()):
        p.data = p.data * 0 + i + 0.5
    one.mean.data = numpy.array([7.0, 8.0])
    one.counts.data = numpy.array([4, 5, 6])
    before = [(id(x), x.data.dtype) for x in other.parameters() if isinstance(x, Tensor)]
    other.load_state_dict(one.state_dict())
    assert [(id(x), x.data.dtype) for x in other.parameters() if isinstance(x, Tensor)] == before
    for name, x in one.state_dict().items():
        assert_array_equal(other.state_dict()[name], x, err_msg=name)
    assert all(p.requires_grad for p in other.parameters() if isinstance(p, Tensor))


def test_loading_writes_in_place_and_keeps_the_dtype():
    layer = nn.Linear(2, 2, dtype="float32", rng=0)
    array = layer.weight.data
    layer.load_state_dict({"weight": [[1, 2], [3, 4]], "bias": Tensor([0.5, 0.1])})
    assert layer.weight.data is array and array.dtype == numpy.float32
    assert_array_equal(array, [[1, 2], [3, 4]])
    assert layer.bias.data.dtype == numpy.float32


def test_loading_does_not_keep_the_arrays_that_were_given():
    layer, state = nn.Linear(1, 1, rng=0), {"weight": numpy.ones((1, 1)), "bias": numpy.ones(1)}
    layer.weight.data = numpy.broadcast_to(numpy.float64(5.0), (1, 1))         # cannot be written
    layer.load_state_dict(state)
    state["weight"][0, 0] = state["bias"][0] = 9.0
    assert layer.weight.item() == layer.bias.item() == 1.0


def test_loading_names_every_missing_unknown_and_unfit_entry_and_changes_nothing():
    model = small_model()
    before = model.state_dict()
    state = {"layers.0.weight": numpy.zeros((4, 16)), "layers.0.bias": numpy.zeros(16),
             "layers.2.weight": numpy.full((3, 16), 1j), "head.weight": numpy.zeros((2, 2))}
    with pytest.raises(ArgumentError) as caught:
        model.load_state_dict(state)
    text = str(caught.value)
    assert "missing layers.2.bias: (3,)" in text
    assert "unknown head.weight: array of shape (2, 2) and dtype float64" in text
    assert "unfit layers.0.weight: (16, 4) cannot take array of shape (4, 16)" in text
    assert "unfit layers.2.weight: (3, 16) cannot take array" in text
    assert "nothing was loaded" in text and "help: " in text
    for name, x in model.state_dict().items():
        assert_array_equal(x, before[name])


@pytest.mark.parametrize("entry", ["abc", None, [[1.0], [2.0, 3.0]], [1.0, 2.0], 1j, {}])
def test_what_is_no_number_cannot_be_loaded_into_a_value(entry):
    module = nn.Module()
    module.w = Value(3.0)
    with pytest.raises(ArgumentError, match="unfit w: a Value cannot take"):
        module.load_state_dict({"w": entry})
    assert module.w.data == 3.0


def test_floats_cannot_be_loaded_into_integers():
    module = nn.Module()
    module.n = Tensor([1, 2])
    with pytest.raises(ArgumentError, match="unfit n"):
        module.load_state_dict({"n": [0.5, 1.5]})


@pytest.mark.parametrize("dtype, entry, says", [
    ("float32", [0.0, 1e39], r"\(2,\) of float32 cannot hold 1e\+39"),
    ("float16", [70000, 1], r"\(2,\) of float16 cannot hold 70000"),
    ("int8", [1, 300], r"\(2,\) of int8 cannot hold 300"),
    ("uint8", [1, -1], r"\(2,\) of uint8 cannot hold -1"),
    ("bool", [1, 2], r"\(2,\) of bool cannot hold 2"),
    ("int64", numpy.array([1, 2**63], "u8"), rf"\(2,\) of int64 cannot hold {2**63}")])
def test_numbers_beyond_a_dtype_are_refused(dtype, entry, says):
    module = nn.Module()
    module.n = Tensor(numpy.array([1, 0], dtype))
    with pytest.raises(ArgumentError, match=f"unfit n: {says}\n"):
        module.load_state_dict({"n": entry})
    assert module.n.tolist() == [1, 0]


def test_rounding_inf_and_nan_are_loaded():
    module = nn.Module()
    module.n = Tensor(numpy.zeros(4, "f4"))
    module.load_state_dict({"n": numpy.array([0.1, 1e-300, numpy.inf, numpy.nan])})
    assert_array_equal(module.n.data, numpy.array([0.1, 0.0, numpy.inf, numpy.nan], "f4"))


class Broken:
    def __array__(self, *args, **kwargs):
        raise RuntimeError("no array")


@pytest.mark.parametrize("entry", [
    Broken(), numpy.zeros(2, [("x", "f8")]), numpy.zeros(2, "M8[s]"), numpy.ma.zeros(2),
    numpy.ndarray, functools.reduce(lambda x, _: [x], range(5000), [])])
def test_entries_that_are_no_numbers_are_unfit(entry):
    module = nn.Module()
    module.n = Tensor([1.0, 2.0])
    with pytest.raises(ArgumentError, match=r"unfit n: \(2,\) cannot take \w+"):
        module.load_state_dict({"n": entry})
    assert module.n.tolist() == [1.0, 2.0]


@pytest.mark.parametrize("state", [None, 3, "n", [("n", 1.0)], numpy.zeros(2), Tensor([1.0])])
def test_a_state_that_is_no_mapping_is_refused(state):
    with pytest.raises(ArgumentError, match="is no state of a Module\nhelp: give what state_dict"):
        nn.Module().load_state_dict(state)


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_copies_are_independent_and_keep_sharing(duplicate):
    zoo = Zoo()
    twin = duplicate(zoo)
    assert twin.again is twin.pair[0] and twin.pair[0] is not zoo.pair[0]
    assert [name for name, _ in twin.named_parameters()] == ZOO_NAMES
    with no_grad():
        twin.scale[...] = 5.0
    assert zoo.scale.item() == 2.0
    twin(numpy.ones((1, 2))).sum().backward()
    assert twin.scale.grad is not None and zoo.scale.grad is None


# -- reading ---------------------------------------------------------------------------------------

def test_repr_is_a_tree_with_shapes_and_counts():
    model = nn.Sequential(nn.Linear(4, 16, rng=0), nn.LeakyReLU(0.1),
                          nn.Sequential(nn.Dropout(0.2, rng=0), nn.Linear(16, 3, False, rng=0)))
    assert repr(model) == """\
Sequential(  # 128 parameters
  (layers.0): Linear(in_features=4, out_features=16, weight: (16, 4), bias: (16,))  # 80 parameters
  (layers.1): LeakyReLU(slope=0.1)
  (layers.2): Sequential(  # 48 parameters
    (layers.0): Dropout(p=0.2)
    (layers.1): Linear(in_features=16, out_features=3, weight: (3, 16))  # 48 parameters
  )
)"""


def test_repr_of_own_tensors_values_and_children():
    text = repr(Zoo())
    assert text.splitlines() == [
        "Zoo(  # 15 parameters", "  name='zoo'", "  scale: (1,)", "  mean: (2,)", "  counts: (3,)",
        "  2 Values",
        "  (cages.left): Linear(in_features=2, out_features=3, weight: (3, 2), bias: (3,))"
        "  # 9 parameters",
        "  (pair.0): Linear(in_features=3, out_features=1, weight: (1, 3))  # 3 parameters", ")"]


def test_repr_shows_no_addresses():
    assert "0x" not in repr(nn.Sequential(lambda x: x, np.tanh, nn.Dropout(rng=0), Zoo()))
