"""What a user's own type checker sees: mypy --strict accepts right code and refuses wrong code."""

import os
import pathlib
import subprocess
import sys

import pytest

pytest.importorskip("mypy", reason="checking the types needs mypy: pip install mypy")

RIGHT = '''
import numpy

import autograd
import autograd.numpy as np
import nn
from autograd import Tensor, Value, grad, no_grad, value_and_grad


def scalars(a: Value, b: Value) -> Value:
    c = (a + b).tanh() * 3.0 - 2 / a + b**2 + 2**b
    c += -a
    c = c.relu() if c > 0 else abs(c)
    c.backward()
    print(a.data + a.grad, c.item(), f"{c:.2f}", [step.contribution for step in c.steps()])
    return c.exp().clip(0.0, 1.0)


def improved(new: Value, old: Value) -> bool:
    return new < old and 0.5 < new <= 1.0 and new != old


def arrays(x: Tensor, w: Tensor) -> Tensor:
    h = (x @ w.T).relu() * numpy.ones(3) + numpy.float32(2.0)
    h[0] = h[1:].sum(axis=0)
    chosen = (h > 0) & ~(h == 1.0)
    loss: Tensor = np.where(chosen, np.sqrt(h), 0.0).mean()
    loss.backward()
    print(w.grad.shape, w.dtype, w.detach().numpy(), (numpy.ones((2, 3)) @ w).ndim)
    with no_grad():
        w -= 0.1 * w.grad
    return h.reshape(-1, 2).std() / 2


@autograd.custom_gradient(lambda g, x: g * 2 * x)
def squared(x: float) -> float:
    return x * x


@autograd.linear("my_double")
def double(g: Tensor) -> Tensor:
    return 2 * g


class Model(nn.Module):
    def __init__(self) -> None:
        self.layers = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 1))

    @no_grad()
    def predict(self, x: Tensor) -> Tensor:
        prediction: Tensor = self.layers(x)
        return prediction


model = Model()
optimizer = nn.Adam(model.parameters(), lr=1e-3)
history = nn.fit(model.layers, np.ones((8, 3)), np.zeros((8, 1)), loss=nn.mse_loss,
                 optimizer=optimizer, epochs=1)
out = nn.MLP(2, [4, 1])([Value(1.0), 2.0])
slope: float = grad(lambda x: squared(x) + np.tanh(x))(0.5)
value, gradient = value_and_grad(np.sin)(Tensor([1.0], requires_grad=True, dtype=np.float32))
'''

WRONG = {
    'Value(2.0) * "3"': "incompatible type",
    "Value(2.0).tahn()": "tahn",
    "Value(2.0).data.backward()": "backward",
    "Tensor([1.0]) @ [2.0]": "Unsupported operand",
    "Tensor([1.0]).summ()": "summ",
    "np.sqroot(2.0)": "sqroot",
    'nn.Linear("3", 4)': "incompatible type",
}


@pytest.fixture(scope="module")
def complaints(tmp_path_factory):
    """The lines that mypy --strict says about the two programs, by program."""
    folder = tmp_path_factory.mktemp("types")
    (folder / "right.py").write_text(RIGHT)
    (folder / "wrong.py").write_text("\n".join([
        "import autograd.numpy as np, nn; from autograd import Tensor, Value", *WRONG]))
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--follow-imports=silent", "--no-color-output",
         "--cache-dir", str(folder / "cache"), "right.py", "wrong.py"],
        cwd=folder, capture_output=True, text=True, check=False,
        env={**os.environ, "MYPYPATH": str(pathlib.Path(__file__).parent.parent)})
    assert done.returncode in (0, 1), done.stdout + done.stderr
    lines = [line for line in done.stdout.splitlines() if ": error:" in line]
    return {name: [line for line in lines if line.startswith(name)] for name in ("right", "wrong")}


def test_right_code_is_accepted(complaints):
    assert complaints["right"] == []


@pytest.mark.parametrize("code", WRONG)
def test_wrong_code_is_refused(complaints, code):
    number = 2 + list(WRONG).index(code)
    found = [line for line in complaints["wrong"] if line.startswith(f"wrong.py:{number}:")]
    assert found and WRONG[code] in found[0], complaints["wrong"]
