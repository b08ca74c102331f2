"""The main job: a small network learns three species of penguins from four measurements."""

import argparse
import random
import time
from typing import Any

import numpy

import autograd.numpy as np
from autograd import Value
from autograd.show import draw

from ..data import Standardiser, train_validation_split
from ..evaluation import predict
from ..fit import fit
from ..layers import Linear
from ..losses import cross_entropy
from ..metrics import accuracy, confusion_matrix, numbers
from ..module import Module
from ..moving import sent
from ..neuron import MLP, Neuron
from ..optim import SGD, Adagrad, Adam, AdamW, RMSprop
from ..pictures import plot_history, to_png
from ..pictures.paper import blank
from ..weights import to_bytes
from . import Parser, rate, sizes, whole
from .options import one_line, read, shared
from .penguin_data import SPECIES, Penguin, penguins, read_penguin
from .penguin_report import page
from .report import write
from .training import dense, place, show

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
    add("--engine", choices=ENGINES, default="tensor", help="arrays, or scalars one by one")
    add("--penguin", type=_penguin, default="37.3,16.8,19.2,30.0", metavar="A,B,C,D",
        help="bird to classify: bill length and depth in mm, flipper length in mm or cm, mass in "
             "g, hundreds of g or kg (37.3,16.8,19.2,30.0)")
    return shared(options)


def options_of(words: list[str]) -> argparse.Namespace:
    """The options given, those of the engine and the optimiser filled in."""
    options = parser()
    given = read(options, words)
    hidden, epochs = ENGINES[given.engine]
    kind, lr = OPTIMIZERS[given.optimizer]
    given.hidden, given.epochs = given.hidden or hidden, given.epochs or epochs
    given.kind, given.lr = kind, given.lr or lr
    if given.engine == "value" and (given.device or given.storage):
        options.error("Values are on no device; leave --engine value out")
    return given


def main(words: list[str]) -> int:
    """Run the job; 0 when done, 130 when interrupted: files from before then stay as they were."""
    given = options_of(words)
    train, validation = train_validation_split(*penguins(), seed=given.seed)
    standardiser = Standardiser().fit(train[0])
    train, validation = ((standardiser.transform(x), y) for x, y in (train, validation))
    model = network(given.engine, given.hidden, given.seed)
    data = [[sent(array, given.there) for array in pair] for pair in (train, validation)]
    where = ""
    if given.engine == "tensor":
        model.to(given.there, dtype=data[0][0].dtype)
        where = place(given.there, data[0][0].dtype)
    print(f"penguins: {len(train[1])} to learn from, {len(validation[1])} to check on\n"
          f"{'-'.join(map(str, [4, *given.hidden, 3]))} network of {model.count()} weights on "
          f"{given.engine}s{where}, {given.kind.__name__} at {given.lr:g}, seed {given.seed}",
          flush=True)
    start = time.perf_counter()
    history = fit(model, *data[0], loss=cross_entropy, optimizer=given.kind, lr=given.lr,
                  epochs=given.epochs, batch_size=given.batch_size, validation=tuple(data[1]),
                  metrics={"accuracy": accuracy}, seed=given.seed, quiet=True,
                  callbacks=None if given.quiet else show(given.epochs))
    if history.interrupted:
        print(f"stopped after {len(history)} epochs; {given.out} is as it was")
        return 130
    print(f"{given.epochs} epochs in {time.perf_counter() - start:.2f} s\n")
    if given.engine == "tensor":
        model.to("cpu", storage="numpy")            # what follows prints and draws
    report(model, validation, standardiser, given.penguin)
    written = write(given.out, {
        "loss.png": lambda: to_png(plot_history(history, blank(9.6, 3.6))),
        "report.html": lambda: page(model, history, standardiser, train, validation).encode(),
        "neuron.svg": lambda: draw(first_neuron(model, validation[0][0])).svg().encode(),
        "weights.safetensors": lambda: to_bytes(model)})
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
    return dense(widths, "tanh", numpy.random.default_rng(seed))


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


def _penguin(text: str) -> Penguin:
    try:
        return read_penguin(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(one_line(error)) from None
