"""The main job: how well the penguins are learned, what is printed and written, what is refused."""

import csv
import functools
import os
import re
import signal
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import numpy
import pytest
import recording
from places import PLACES

import nn
from autograd import Value
from autograd.errors import ArgumentError
from autograd.storage import libraries
from nn.__main__ import main
from nn.data import Standardiser, train_validation_split
from nn.evaluation import predict
from nn.fit import fit
from nn.jobs import penguins
from nn.jobs.penguin_data import COLUMNS, SPECIES, penguins as read, read_penguin, read_penguins
from nn.metrics import accuracy
from nn.weights import load

for package in ("matplotlib", "safetensors"):
    pytest.importorskip(package, reason=f"the jobs write files: pip install {package}")

ROOT = Path(__file__).resolve().parents[1]


def run(*words, **options):
    """`python -m nn` in a process of its own, with another hash seed each time."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "random"}
    return subprocess.run([sys.executable, "-W", "error", "-m", "nn", *map(str, words)],
                          env=environment, capture_output=True, text=True, timeout=120, **options)


def test_the_data_is_that_of_the_package():
    x, y = read()
    assert x.shape == (342, 4) and numpy.bincount(y).tolist() == [151, 68, 123]
    assert x[0].tolist() == [39.1, 18.7, 181.0, 3750.0] and numpy.isfinite(x).all()
    (file,) = [f for f in metadata.files("palmerpenguins") if f.name == "penguins.csv"]
    with open(file.locate(), newline="") as rows:
        weights = [float(row["body_mass_g"]) for row in csv.DictReader(rows)
                   if row["species"] == "Gentoo" and row["body_mass_g"] != "NA"]
    assert x[y == SPECIES.index("Gentoo"), COLUMNS.index("body_mass_g")].tolist() == weights


def test_pandas_is_not_imported():
    code = ("import sys, nn.jobs.penguins as p; p.penguins(); "
            "sys.exit('pandas' in sys.modules or 'palmerpenguins' in sys.modules)")
    assert subprocess.run([sys.executable, "-c", code], env=os.environ | {
        "PYTHONPATH": str(ROOT)}).returncode == 0


def train(seed, engine="tensor"):
    """The validation accuracy after training as the job does by default."""
    hidden, epochs = penguins.ENGINES[engine]
    kind, lr = penguins.OPTIMIZERS["adam"]
    learned, validation = train_validation_split(*read(), seed=seed)
    standardiser = Standardiser().fit(learned[0])
    model = penguins.network(engine, hidden, seed)
    fit(model, standardiser.transform(learned[0]), learned[1], loss=nn.cross_entropy,
        optimizer=kind, lr=lr, epochs=epochs, batch_size=32, seed=seed, quiet=True)
    return accuracy(predict(model, standardiser.transform(validation[0])), validation[1])


def test_ten_seeds_learn_the_penguins():
    accuracies = [train(seed) for seed in range(10)]
    assert numpy.mean(accuracies) >= 0.985 and min(accuracies) >= 0.95, accuracies


def test_the_scalar_engine_learns_them_too():
    assert train(0, "value") >= 0.95


def test_the_job_prints_and_writes_and_two_processes_agree_to_the_bit(tmp_path):
    folders = [tmp_path / "a", tmp_path / "b"]
    runs = [run("penguins", "--epochs", 12, "--seed", 3, "--out", folder) for folder in folders]
    text = runs[0].stdout
    assert [r.returncode for r in runs] == [0, 0] and runs[0].stderr == ""
    assert "4-16-3 network of 131 weights" in text
    assert [line.split()[1] for line in text.splitlines() if line.startswith("epoch")] == [
        f"{i}/12" for i in range(1, 13)]
    assert "true \\ predicted  Adelie  Chinstrap  Gentoo" in text
    assert "(read the flipper's 19.2 as cm and the mass's 30 as hundreds of g)" in text
    shares = [float(line.split()[-1]) for line in text.splitlines()
              if line.strip().startswith(SPECIES) and len(line.split()) == 2]
    assert "neuron.svg shows the first hidden neuron on the first penguin to check on: " in text
    assert len(shares) == 3 and sum(shares) == pytest.approx(1, abs=2e-4) and shares[0] > 0.9
    names = ["loss.png", "neuron.svg", "report.html", "weights.safetensors"]
    assert sorted(p.name for p in folders[0].iterdir()) == names
    contents = [[(folder / name).read_bytes() for name in names] for folder in folders]
    assert contents[0] == contents[1]                   # every file, to the bit
    assert contents[0][0].startswith(b"\x89PNG") and b"<svg" in contents[0][1]
    load(penguins.network("tensor", [16], 0), folders[0] / "weights.safetensors")
    page = (folders[0] / "report.html").read_text(encoding="utf-8")
    assert not re.search(r"(src|href)\s*=\s*\"(?!data:)|@import|url\(", page)
    assert page.count("data:image/png") >= 2 and page.count("wengert-stepper") >= 2
    share = float(re.search(r"validation accuracy (\S+)", text)[1])
    assert f"Of 68 penguins that it had not seen it names {share:.1%} right" in page
    assert all(words in page for words in ("recall", "Linear(in_features=4", "dloss/dweight"))


@pytest.mark.parametrize("options", [
    ["--quiet", "--hidden", "8,6", "--optimizer", "rmsprop", "--lr", "0.02", "--batch-size", "64"],
    ["--quiet", "--engine", "value", "--hidden", "3", "--epochs", "2", "--optimizer", "adamw"]])
def test_options_reach_the_network(tmp_path, capsys, options):
    assert main(["penguins", "--epochs", "3", "--out", str(tmp_path), *options]) == 0
    text = capsys.readouterr().out
    assert "epoch 1" not in text and "validation accuracy" in text
    engine = "value" if "value" in options else "tensor"
    hidden = [3] if engine == "value" else [8, 6]
    assert f"4-{'-'.join(map(str, hidden))}-3 network" in text and f"on {engine}s" in text
    assert ("AdamW at 0.01" if engine == "value" else "RMSprop at 0.02") in text
    load(penguins.network(engine, hidden, 1), tmp_path / "weights.safetensors")


def job(folder, *options):
    """The weights that the job writes, in float64, and its history."""
    histories = []

    def kept(*args, **words):
        histories.append(fit(*args, **words))
        return histories[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(penguins, "fit", kept)
        assert main(["penguins", "--epochs", "5", "--quiet", "--out", str(folder), *options]) == 0
    model = load(penguins.network("tensor", [16], 1), folder / "weights.safetensors")
    return numpy.concatenate([w.ravel() for w in model.state_dict().values()]), histories[0]


@functools.cache
def by_numpy(folder):
    return job(folder)


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_on_any_storage_the_job_learns_what_it_learns_on_numpy(
        place, tmp_path, tmp_path_factory, capsys):
    wanted, expected = by_numpy(tmp_path_factory.getbasetemp())
    capsys.readouterr()
    with place:
        weights, history = job(tmp_path, "--storage", place.storage, "--device", place.device_name)
        there = f"on tensors ({place.storage}, {place.device}, float64), Adam"
    numpy.testing.assert_allclose(weights, wanted, rtol=1e-5, atol=1e-7)
    for row, other in zip(history, expected, strict=True):
        assert row == pytest.approx(other, rel=1e-5)
    text = capsys.readouterr().out
    assert there in text and "report.html, neuron.svg, weights.safetensors" in text


def test_where_no_float64_is_kept_the_job_says_float32_and_uses_it(tmp_path, capsys):
    weights, _ = job(tmp_path, "--storage", "array_api_strict", "--device", "no_float64")
    assert "on tensors (array_api_strict, no_float64, float32)" in capsys.readouterr().out
    numpy.testing.assert_allclose(weights, job(tmp_path)[0], rtol=1e-2, atol=1e-4)
    assert (weights == weights.astype("float32")).all()


@pytest.mark.usefixtures("without_lint")
def test_the_job_moves_its_data_there_once_and_the_weights_back_once(tmp_path, monkeypatch):
    library = libraries.library_of(recording.put(0.0))
    monkeypatch.setitem(libraries.LIBRARIES, "recording", library)

    def transfers(batch_size):
        monkeypatch.setattr(recording, "meter", recording.Meter())
        job(tmp_path, "--storage", "recording", "--device", "device",
            "--batch-size", str(batch_size))
        return recording.meter.transfers

    few, many = transfers(64), transfers(8)
    assert len(few) == len(many)                        # in a step none
    arrays = ["asarray of a ndarray"] * 8               # x and y, twice, and four of weights
    each_epoch = ["asarray of a ndarray",               # the order of the rows
                  "to_device device -> host",           # the losses of the batches
                  "float() of an array of shape ()", "int() of an array of shape ()"]
    back = ["to_device device -> host"] * 8             # four of weights, with their gradients
    assert [what for what in many if "bool()" not in what] == arrays + 5 * each_epoch + back


def test_the_drawn_neuron_is_the_networks_own():
    model, sample = penguins.network("tensor", [16], 0), numpy.array([0.5, -1.0, 2.0, 0.1])
    out = penguins.first_neuron(model, sample)
    first = model.layers[0]
    assert out.data == pytest.approx(numpy.tanh(first.weight.data[0] @ sample + first.bias.data[0]))
    slopes = {node.label: node.grad for node in _leaves(out)}
    slope = 1 - out.data**2
    assert slopes["w bill depth"] == pytest.approx(-1.0 * slope)
    assert slopes["flipper length"] == pytest.approx(first.weight.data[0, 2] * slope)
    scalar = penguins.network("value", [4], 0)
    assert penguins.first_neuron(scalar, sample).data == pytest.approx(
        scalar.layers[0].neurons[0](list(sample)).data)


def _leaves(node):
    if not node.args:
        return {node}
    return set().union(*(_leaves(arg) for arg in node.args if isinstance(arg, Value)))


@pytest.mark.parametrize("text, measurements, note", [
    ("37.3,16.8,19.2,30.0", (37.3, 16.8, 192.0, 3000.0),
     "the flipper's 19.2 as cm and the mass's 30 as hundreds of g"),
    ("37.3, 16.8, 192, 3000", (37.3, 16.8, 192.0, 3000.0), ""),
    ("50,15,230,5.5", (50.0, 15.0, 230.0, 5500.0), "the mass's 5.5 as kg")])
def test_a_penguin_is_read_in_either_units(text, measurements, note):
    penguin = read_penguin(text)
    assert penguin.measurements == pytest.approx(measurements) and penguin.note == note


@pytest.mark.parametrize("text", ["", "1,2,3", "1,2,3,x", "1,2,3,4,5", "1,2,3,-4", "1,2,nan,4",
                                  "0,1,2,3", "1,2,3,inf"])
def test_what_is_no_penguin_is_refused(text):
    with pytest.raises(ArgumentError):
        read_penguin(text)


@pytest.mark.parametrize("rows, says", [
    ("Adelie,39.1,18.7,181,37", "a row of another length"), ("Emu,39.1,18.7,181,3750,f", "Emu"),
    ("Adelie,39.1,x,181,3750,f", "could not convert"), ("Adelie,NA,1,1,1,f", "no rows"),
    ("Adelie,39.1,18.7,181,-3750,f", "not positive"), ("Adelie,nan,18.7,181,3,f", "not positive")])
def test_a_damaged_file_of_penguins_is_refused(rows, says):
    lines = [",".join(["species", *COLUMNS, "sex"]), *rows.splitlines()]
    with pytest.raises(ArgumentError, match=f"file is damaged: .*{says}.*\nhelp: install it anew"):
        read_penguins(lines)
    with pytest.raises(ArgumentError, match=r"file is damaged: KeyError.*bill_depth"):
        read_penguins(["species,bill_length_mm", "Adelie,39.1"])


@pytest.mark.parametrize("options, says", [
    (["--epochs", "0"], "--epochs: '0' is not a whole number from 1 up"),
    (["--epochs", "many"], "'many' is not a whole number"),
    (["--batch-size", "-3"], "--batch-size: '-3' is not a whole number from 1 up"),
    (["--hidden", "16,"], "--hidden: '' is not a whole number"),
    (["--hidden", "0"], "'0' is not a whole number"),
    (["--lr", "-0.1"], "--lr: '-0.1' is not a positive number"),
    (["--lr", "nan"], "'nan' is not a positive number"),
    (["--lr", "fast"], "'fast' is not a positive number"),
    (["--seed", "-1"], "'-1' is not a whole number from 0 up"),
    (["--optimizer", "sdg"], "invalid choice: 'sdg'"),
    (["--engine", "steam"], "invalid choice: 'steam'"),
    (["--device", "tpu"], "no device 'tpu' here; there are cpu of numpy"),
    (["--storage", "abacus"], "no storage 'abacus'; there are numpy, cupy, torch, jax"),
    (["--storage", "numpy", "--device", "cuda:1"], "numpy has no device 'cuda:1'; it has cpu"),
    (["--engine", "value", "--device", "cpu"], "Values are on no device; leave --engine value"),
    (["--penguin", "1,2"], "a penguin is four numbers, not '1,2'"),
    (["--out", __file__], f"--out: {__file__}: File exists"),
    (["--out", f"{__file__}/x"], "Not a directory"),
    (["--colour", "red"], "unrecognized arguments"),
])
def test_a_bad_option_is_one_clear_line_and_status_2(capsys, monkeypatch, tmp_path, options, says):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as caught:
        main(["penguins", *options])
    text = capsys.readouterr().err
    assert caught.value.code == 2 and says in text and text.count("\n") == 1


def test_a_folder_that_cannot_be_written_to(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(SystemExit):
        main(["penguins", "--out", str(tmp_path)])
    assert f"{tmp_path}: cannot be written to\n" in capsys.readouterr().err


def test_an_interrupted_run_leaves_the_files_as_they_were(tmp_path):
    earlier = {name: tmp_path / name for name in ("loss.png", "neuron.svg", "weights.safetensors")}
    for path in earlier.values():
        path.write_text("earlier")
    program = ("import runpy, signal; "             # as at a terminal, also where SIGINT is ignored
               "signal.signal(signal.SIGINT, signal.default_int_handler); "
               "runpy.run_module('nn', run_name='__main__', alter_sys=True)")
    process = subprocess.Popen(
        [sys.executable, "-c", program, "penguins", "--epochs", "100000", "--out", str(tmp_path)],
        stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": str(ROOT)})
    for line in process.stdout:
        if line.startswith("epoch"):
            break
    process.send_signal(signal.SIGINT)
    try:
        text = process.communicate(timeout=60)[0]
    finally:
        process.kill()
    assert process.returncode == 130 and "stopped after" in text and "is as it was" in text
    assert {path.read_text() for path in tmp_path.iterdir()} == {"earlier"}


def test_a_failing_run_leaves_the_files_as_they_were(tmp_path, capsys, monkeypatch):
    (tmp_path / "weights.safetensors").write_text("earlier")
    monkeypatch.setattr(penguins, "cross_entropy",
                        lambda p, t: nn.cross_entropy(p, t) * float("nan"))
    assert main(["penguins", "--out", str(tmp_path)]) == 1
    assert "the loss is nan in batch 1 of epoch 1" in capsys.readouterr().err
    assert [p.read_text() for p in tmp_path.iterdir()] == ["earlier"]


def test_a_missing_package_costs_its_file_alone(tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    monkeypatch.setitem(sys.modules, "safetensors", None)
    assert main(["penguins", "--epochs", "1", "--out", str(tmp_path)]) == 0
    text = capsys.readouterr().out
    assert "loss.png was not written: plotting needs Matplotlib\nhelp: pip install" in text
    assert "weights.safetensors was not written: weights files need safetensors" in text
    assert sorted(p.name for p in tmp_path.iterdir()) == ["neuron.svg", "report.html"]
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert page.count("plotting needs Matplotlib") == 2 and "wengert-stepper" in page


def test_without_the_data_the_way_out_is_named(tmp_path, capsys, monkeypatch):
    def none(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "files", none)
    assert main(["penguins", "--out", str(tmp_path)]) == 1
    assert "help: pip install palmerpenguins" in capsys.readouterr().err
