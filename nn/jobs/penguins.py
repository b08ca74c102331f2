"""The main job: a small network learns three species of penguins from four measurements."""

import argparse
import random
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy

import autograd.numpy as np
from autograd import StorageError, Value, device
from autograd.show import draw
from autograd.show.files import write_whole
from autograd.storage import dtype_name

from ..data import Standardiser, train_validation_split
from ..fit import fit, predict
from ..history import History
from ..layers import Linear, Sequential
from ..losses import cross_entropy
from ..metrics import accuracy, confusion_matrix, numbers
from ..module import Module
from ..moving import sent
from ..neuron import MLP, Neuron
from ..optim import SGD, Adagrad, Adam, AdamW, RMSprop
from ..pictures import plot_history, to_png
from ..pictures.paper import blank
from ..weights import to_bytes
from . import Parser, folder, rate, sizes, whole
from .penguin_data import SPECIES, Penguin, penguins, read_penguin
from .penguin_report import page

OPTIMIZERS: dict[str, Any] = {"sgd": (SGD, 0.1), "adagrad": (Adagrad, 0.05),    # with usual rates
                              "rmsprop": (RMSprop, 0.01), "adam": (Adam, 0.01),
                              "adamw": (AdamW, 0.01)}
ENGINES: dict[str, Any] = {"tensor": ([16], 40), "value": ([4], 20)}            # hidden, epochs
INPUTS = ("bill length", "bill depth", "flipper length", "body mass")


def parser() -> Parser:
    """The options of this job."""
    options = Parser(prog="python -m nn penguins", description=__doc__)
    add = options.add_argument
    add("--epochs", type=whole(1), help="passes over the data (40; engine value: 20)")
    add("--batch-size", type=whole(1), default=32, help="rows in a step (32)")
    add("--hidden", type=sizes, help="hidden neurons, as in 16 or 32,16 (16; engine value: 4)")
    add("--optimizer", choices=OPTIMIZERS, default="adam", help="(adam)")
    add("--lr", type=rate, help="learning rate (adam: 0.01)")
    add("--seed", type=whole(0), default=0, help="of split, weights and batches (0)")
    add("--engine", choices=ENGINES, default="tensor", help="arrays, or scalars one by one")
    add("--device", metavar="NAME", help="where to train: cpu, cuda, cuda:1 (cpu)")
    add("--storage", metavar="NAME",
        help="whose arrays: numpy, cupy, torch, jax (numpy; for cuda the first that is found)")
    add("--penguin", type=_penguin, default="37.3,16.8,19.2,30.0", metavar="A,B,C,D",
        help="bird to classify: bill length and depth in mm, flipper length in mm or cm, mass in "
             "g, hundreds of g or kg (37.3,16.8,19.2,30.0)")
    add("--out", type=folder, default="out/penguins", help="folder for the files (out/penguins)")
    add("--quiet", action="store_true", help="results only, not every epoch")
    return options


def read(words: list[str]) -> argparse.Namespace:
    """The options given, and `there`, the device that `--device` and `--storage` mean."""
    options = parser()
    given = options.parse_args(words)
    try:
        given.there = device(given.device, storage=given.storage)
    except StorageError as error:
        options.error(_one_line(error))
    if given.engine == "value" and (given.device or given.storage):
        options.error("Values are on no device; leave --engine value out")
    return given


def main(words: list[str]) -> int:
    """Run the job; 0 when done, 130 when interrupted: files from before then stay as they were."""
    given = read(words)
    hidden, epochs = ENGINES[given.engine]
    kind, lr = OPTIMIZERS[given.optimizer]
    hidden, epochs, lr = given.hidden or hidden, given.epochs or epochs, given.lr or lr
    train, validation = train_validation_split(*penguins(), seed=given.seed)
    standardiser = Standardiser().fit(train[0])
    train, validation = ((standardiser.transform(x), y) for x, y in (train, validation))
    model = network(given.engine, hidden, given.seed)
    data = [[sent(array, given.there) for array in pair] for pair in (train, validation)]
    place = ""
    if given.engine == "tensor":
        model.to(given.there, dtype=data[0][0].dtype)
        place = _place(given.there, data[0][0])
    print(f"penguins: {len(train[1])} to learn from, {len(validation[1])} to check on\n"
          f"{'-'.join(map(str, [4, *hidden, 3]))} network of {model.count()} weights on "
          f"{given.engine}s{place}, {kind.__name__} at {lr:g}, seed {given.seed}", flush=True)
    start = time.perf_counter()
    history = fit(model, *data[0], loss=cross_entropy, optimizer=kind, lr=lr, epochs=epochs,
                  batch_size=given.batch_size, validation=tuple(data[1]),
                  metrics={"accuracy": accuracy}, seed=given.seed, quiet=True,
                  on_epoch=None if given.quiet else _show(epochs))
    if history.interrupted:
        print(f"stopped after {len(history)} epochs; {given.out} is as it was")
        return 130
    print(f"{epochs} epochs in {time.perf_counter() - start:.2f} s\n")
    if given.engine == "tensor":
        model.to("cpu", storage="numpy")            # what follows prints and draws
    report(model, validation, standardiser, given.penguin)
    written = write(given.out, model, history, lambda: page(
        model, history, standardiser, train, validation), validation[0][0])
    if "neuron.svg" in written:
        length, depth, flipper, mass = standardiser.inverse(validation[0][0])
        print("neuron.svg shows the first hidden neuron on the first penguin to check on: "
              f"{SPECIES[validation[1][0]]}, bill {length:g} mm by {depth:g} mm, flipper "
              f"{flipper:g} mm, {mass:g} g, all standardised")
    return 0


def network(engine: str, hidden: list[int], seed: int) -> Module:
    """4 measurements to 3 logits, with tanh between the layers."""
    widths = [4, *hidden, 3]
    if engine == "value":
        return MLP(4, widths[1:], activation="tanh", rng=random.Random(seed))
    rng = numpy.random.default_rng(seed)
    layers: list[Any] = [Linear(widths[0], widths[1], rng=rng)]
    for width, following in pairwise(widths[1:]):
        layers += ["tanh", Linear(width, following, rng=rng)]
    return Sequential(*layers)


def report(model: Module, validation: Any, standardiser: Standardiser, penguin: Penguin) -> None:
    """Print what the network learned."""
    x, y = validation
    logits = numbers(predict(model, x))
    right = accuracy(logits, y)
    print(f"validation accuracy {right:.4f} ({round(right * len(y))} of {len(y)})\n")
    print(confusion_matrix(logits, y, SPECIES))
    length, depth, flipper, mass = penguin.measurements
    print(f"\na penguin with a bill {length:g} mm long and {depth:g} mm deep, a flipper of "
          f"{flipper:g} mm and {mass:g} g")
    if penguin.note:
        print(f"(read {penguin.note})")
    row = standardiser.transform([list(penguin.measurements)])
    for name, share in zip(SPECIES, np.softmax(numbers(predict(model, row)))[0], strict=True):
        print(f"  {name:<10} {share:.4f}")


def write(out: Path, model: Module, history: History, report: Callable[[], str],
          sample: Any) -> list[str]:
    """Write the files, each whole or not at all; one that lacks a package is named instead."""
    makers: dict[str, Callable[[], bytes]] = {
        "loss.png": lambda: to_png(plot_history(history, blank(9.6, 3.6))),
        "report.html": lambda: report().encode(),
        "neuron.svg": lambda: draw(first_neuron(model, sample)).svg().encode(),
        "weights.safetensors": lambda: to_bytes(model)}
    made: dict[str, bytes] = {}
    for name, make in makers.items():               # all before the first is written
        try:
            made[name] = make()
        except ImportError as error:
            print(f"\n{name} was not written: {error}")
    for name, content in made.items():
        write_whole(out / name, content)
    written = list(made)
    print(f"\nwritten to {out}: {', '.join(written)}")
    return written


def first_neuron(model: Any, sample: Any) -> Value:
    """The first hidden neuron on one sample as a graph of Values, its gradients computed."""
    first = model.layers[0]
    if isinstance(first, Linear):
        weight, bias = first.weight[0].tolist(), first.bias[0].item()      # type: ignore[index]
    else:
        weight, bias = [w.data for w in first.neurons[0].w], first.neurons[0].b.data
    neuron = Neuron(4, activation="tanh", seed=0)
    for w, number, name in zip(neuron.w, weight, INPUTS, strict=True):
        w.data, w.label = number, f"w {name}"
    neuron.b.data, neuron.b.label = bias, "b"
    inputs = [Value(float(x), label=name) for x, name in zip(sample, INPUTS, strict=True)]
    out: Value = neuron(inputs)
    out.label = "neuron"
    out.backward()
    return out


def _show(epochs: int) -> Callable[[dict[str, float]], None]:
    def show(row: dict[str, float]) -> None:
        print(f"epoch {row['epoch']:{len(str(epochs))}}/{epochs}  loss {row['loss']:.4f}  "
              f"validation loss {row['validation_loss']:.4f}  "
              f"accuracy {row['validation_accuracy']:.4f}", flush=True)

    return show


def _place(there: device, x: Any) -> str:
    """Where x is, in words, if it is not NumPy's."""
    library = there.library.name
    return "" if library == "numpy" else f" ({library}, {there}, {dtype_name(x.dtype)})"


def _one_line(error: Exception) -> str:
    return str(error).replace("\nhelp: ", "; ")


def _penguin(text: str) -> Penguin:
    try:
        return read_penguin(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(_one_line(error)) from None
