"""torch.compile of a training step over PyTorch storage.

PyTorch's `make_fx` runs a pure step once and writes down what it did to tensors: one graph, which
torch.compile then takes whole. Given the step itself it stops at every context variable, in pieces
of a few operations: right, and of no use. The backends here need no C++ compiler.
"""

import re
import warnings
from pathlib import Path

import numpy as np
import pytest

import nn
from autograd import Tensor

torch = pytest.importorskip("torch", reason="pip install torch==2.13.0")
rng = np.random.default_rng(0)
X, CLASSES = rng.normal(size=(20, 4)).astype("float32"), rng.integers(0, 3, 20)
BAR = 1e-6
STEPS = 5


@pytest.fixture(autouse=True)
def quiet():
    """PyTorch warns of its own deprecations, and tells how many pieces it made."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
    torch.compiler.reset()


def training(kind, options, storage):
    """A small network, its optimiser, and a step that trains it."""
    model = nn.Sequential(nn.Linear(4, 16, rng=0, dtype="float32"), "tanh",
                          nn.Linear(16, 3, rng=1, dtype="float32")).to(storage=storage)
    optimizer = kind(model.parameters(), **options)

    def step(x, y):
        optimizer.zero_grad()
        loss = nn.cross_entropy(model(Tensor(x)), Tensor(y))
        loss.backward()
        optimizer.step()
        return loss

    return model, optimizer, step


@pytest.mark.parametrize("kind, options", [
    (nn.SGD, {"lr": 0.1, "momentum": 0.9}), (nn.Adam, {"amsgrad": True}), (nn.AdamW, {}),
    (nn.RMSprop, {"momentum": 0.5}), (nn.Adagrad, {})])
def test_a_whole_step_is_one_graph_with_the_numbers_of_numpy(kind, options):
    from torch.fx.experimental.proxy_tensor import make_fx
    from torch.utils._pytree import tree_map

    _, _, plain = training(kind, options, "numpy")
    model, optimizer, step = training(kind, options, "torch")
    pure = nn.Pure(step, model, optimizer)
    state = tree_map(torch.as_tensor, pure.state())         # numbers too, or they were constants
    x, y = torch.as_tensor(X), torch.as_tensor(CLASSES)
    fast = torch.compile(make_fx(pure)(state, x, y), backend="aot_eager", fullgraph=True)
    for _ in range(STEPS):
        state, loss = fast(state, x, y)
        assert loss.item() == pytest.approx(plain(X, CLASSES).item(), rel=BAR)


def test_the_page_about_compilers_runs():
    page = Path(__file__).parent.parent / "docs" / "compilers.md"
    *_, block = re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    model, scope = nn.Linear(3, 1, rng=0, dtype="float32"), {}

    def step(x, y):
        scope["optimizer"].zero_grad()
        loss = nn.mse_loss(model(x), y)
        loss.backward()
        scope["optimizer"].step()
        return loss

    scope |= {"nn": nn, "model": model, "step": step}
    first = nn.mse_loss(model(np.ones((8, 3), "float32")), np.zeros((8, 1), "float32")).item()
    exec(compile(block, page.name, "exec"), scope)
    assert 0 < scope["loss"].item() < first


def test_given_the_step_itself_it_stops_and_goes_on():
    _, _, plain = training(nn.SGD, {"lr": 0.1}, "numpy")
    _, _, step = training(nn.SGD, {"lr": 0.1}, "torch")
    x, y = torch.as_tensor(X), torch.as_tensor(CLASSES)
    with pytest.raises(torch._dynamo.exc.Unsupported, match="ContextVar"):
        torch.compile(step, backend="eager", fullgraph=True)(x, y)
    fast = torch.compile(step, backend="eager")
    for _ in range(2):
        assert fast(x, y).item() == pytest.approx(plain(X, CLASSES).item(), rel=BAR)
