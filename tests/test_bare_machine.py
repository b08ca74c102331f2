"""Every picture on a machine without `dot`, without a network, without IPython and ipywidgets."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
BARE = """
import shutil, sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("IPython", "ipykernel", "ipywidgets", "anywidget"):
            raise ModuleNotFoundError(f"no {name} on this machine")

def refuse(event, args):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
        raise OSError("no network on this machine")

assert not shutil.which("dot")
sys.meta_path.insert(0, Absent())
sys.addaudithook(refuse)
"""
GRAPHS = """
import numpy
import autograd.numpy as np, nn
from autograd import Tensor, Value

def svg(graph, boxes):
    made = graph.svg()
    assert made.count('class="node"') >= boxes, made     # laid out, and not written as text
    assert graph.png().startswith(bytes([137]) + b"PNG")
    bundle = graph._repr_mimebundle_()
    assert {"image/svg+xml", "image/png", "text/plain"} <= set(bundle)
    for suffix in ("svg", "png", "dot", "txt"):
        assert graph.save(f"graph.{suffix}").stat().st_size

def stepper(steps):
    page = steps._repr_html_()
    assert 'src="data:image/svg+xml;base64,' in page
    assert page.count("<tr>") == len(steps.frames) + 1
    assert steps.save("steps.html").stat().st_size > len(page)

a, b = Value(2.0, label="a"), Value(-3.0, label="b")
loss = (a * b).tanh() + a ** b
svg(loss.draw(), 6)
stepper(loss.steps())
assert loss._repr_html_()

W = Tensor(numpy.ones((3, 2)), requires_grad=True, label="W")
total = np.sum(np.tanh(numpy.ones((4, 3)) @ W))
svg(total.draw(), 4)
stepper(total.steps())
total.backward()
assert W._repr_html_() and W.grad._repr_html_()

model = nn.MLP(2, [3, 1])
svg(model.draw([0.5, -1.0]), 2)
assert model._repr_html_() and nn.Sequential(nn.Linear(2, 3, rng=0))._repr_html_()
"""
JOB = """
from nn.__main__ import main
sys.exit(main(["penguins", "--epochs", "2", "--quiet", "--out", "out"]))
"""


def run(folder, program):
    """What a program leaves in a folder, on such a machine."""
    (folder / "bin").mkdir()
    env = {name: value for name, value in os.environ.items() if name in ("SYSTEMROOT", "TMPDIR")}
    env |= {"PATH": str(folder / "bin"), "HOME": str(folder), "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-W", "error", "-c", BARE + program], cwd=folder,
                          env=env, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0 and not done.stderr, done.stderr
    return sorted(path.name for path in folder.rglob("*.*"))


def test_graphs_steppers_and_reprs(tmp_path):
    assert "steps.html" in run(tmp_path, GRAPHS)


def test_the_penguins_and_their_report(tmp_path):
    run(tmp_path, JOB)
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert 'class="wengert-stepper"' in page and "data:image/png;base64," in page
