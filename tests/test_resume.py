"""Whole runs: one that was stopped and goes on is, bit for bit, the one that was not stopped."""

import itertools
import json
import os
import random
import struct
import sys

import kill_resume
import numpy
import pytest
from fitting import InterruptAt, X, Y, bits, deep, line, weights
from places import PLACES

import nn
from autograd import Tensor
from autograd.errors import ArgumentError
from autograd.show.files import write_whole
from nn import checkpoint
from nn.fit import fit

pytest.importorskip("safetensors", reason="pip install safetensors")

OPTIMIZERS = {
    "SGD": lambda p: nn.SGD(p, 0.05, momentum=0.9, nesterov=True),
    "Adam": lambda p: nn.Adam(p, 0.02, amsgrad=True),
    "AdamW": lambda p: nn.AdamW(p, 0.02),
    "RMSprop": lambda p: nn.RMSprop(p, 0.01, momentum=0.5, centered=True),
    "Adagrad": lambda p: nn.Adagrad(p, 0.1, lr_decay=0.01),
}


class Stop(nn.Callback):
    """An interrupt in the second batch of an epoch."""

    def __init__(self, epoch):
        self.epoch = epoch

    def on_batch_end(self, run, row):
        if (row["epoch"], row["batch"]) == (self.epoch, 2):
            raise KeyboardInterrupt


def trained(path, stop=None, model=None, optimizer=None, x=X, y=Y, resume=True, **options):
    """(all that has a state, the model) after a run that keeps a checkpoint, stopped if asked."""
    model = model or deep()
    optimizer = (optimizer or OPTIMIZERS["Adam"])(model.parameters())
    gradients = nn.GradientHistory()
    options = {"loss": "mse", "epochs": 7, "batch_size": 5, "validation": 0.25, "seed": 3,
               "schedule": nn.CosineAnnealingLR(optimizer, 7), "metrics": ["r2"],
               "clip_norm": 1.0} | options
    callbacks = [nn.Checkpoint(path), nn.EarlyStopping(7), gradients]
    history = fit(model, x, y, optimizer=optimizer, quiet=True,
                  callbacks=callbacks + [Stop(stop)] * (stop is not None),
                  resume=path if resume else None, **options)
    assert history.interrupted == (stop is not None)
    return bits({"model": model.state_dict(), "optimizer": optimizer.state_dict(),
                 "history": history.rows, "gradients": gradients.rows,
                 "file": checkpoint.read(path)}), model


def same(tmp_path, stops=(3, 6), make=None, **options):
    """Assert that a run which is stopped in some epochs is the run that is not."""
    make = make or deep
    whole, _ = trained(tmp_path / "whole.safetensors", model=make(), **options)
    path = tmp_path / "stopped.safetensors"
    for stop in (*stops, None):
        parts, model = trained(path, stop, model=make(), **options)
    for part in whole:
        assert parts[part] == whole[part], part
    return model


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_stopped_run_goes_on_bit_for_bit(tmp_path, name, dtype):
    same(tmp_path, make=lambda: deep(dtype), optimizer=OPTIMIZERS[name], x=X.astype(dtype),
         y=Y.astype(dtype))


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_stopped_run_goes_on_in_compiled_training(tmp_path, monkeypatch, name):
    monkeypatch.setattr("autograd.compiling.machine.available", lambda: False)
    same(tmp_path, make=lambda: deep("float32", dropout=0.0), optimizer=OPTIMIZERS[name],
         x=X.astype("float32"), y=Y.astype("float32"), compile=True)


def test_a_stopped_run_goes_on_in_machine_code(tmp_path):
    pytest.importorskip("numba", reason="machine code needs Numba: pip install numba")
    same(tmp_path, stops=(4,), make=lambda: deep(dropout=0.0), compile=True)


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_a_stopped_run_goes_on_over_every_storage(place, tmp_path):
    def dropped():
        return nn.Sequential(nn.Dropout(0.3, rng=1), nn.Linear(1, 1, rng=0)).to(place.device)

    with place:
        same(tmp_path, stops=(2,), make=dropped, x=place.put(X), y=place.put(Y), epochs=3,
             batch_size=6, optimizer=OPTIMIZERS["SGD"], clip_norm=None, schedule=None, metrics=())


def test_a_model_of_values_goes_on(tmp_path):
    def squared(p, t):
        return nn.mse_loss([[one] for one in p], t)

    same(tmp_path, stops=(3,), make=lambda: nn.MLP(1, [3, 1], activation="tanh", seed=0),
         loss=squared, metrics=())


@pytest.mark.parametrize("options", [
    {"accumulate": 2}, {"class_weight": {0: 2.0}, "y": (Y > 0) * 1.0}, {"validation": None},
    {"sample_weight": numpy.linspace(0, 2, 24)}, {"validation": (X[:5], Y[:5])},
    {"schedule": None, "metrics": ()}], ids=lambda options: next(iter(options)))
def test_every_kind_of_run_goes_on(tmp_path, options):
    same(tmp_path, **options)


class Centred(nn.Module):
    """A layer with a buffer that training moves."""

    def __init__(self):
        self.mean, self.linear = Tensor(numpy.zeros(1)), nn.Linear(1, 1, rng=0)

    def forward(self, x):
        if self.training:
            self.mean.data = 0.9 * self.mean.data + 0.1 * x.mean(0)
        return self.linear(x - self.mean)


def test_buffers_go_on(tmp_path):
    model = same(tmp_path, make=Centred)
    assert model.mean.item() != 0.0


@pytest.mark.parametrize("kind", ["PCG64", "MT19937", "Philox", "SFC64"])
def test_generators_of_every_kind_go_on_those_that_are_shared_too(tmp_path, kind):
    def run(path, stop=None):
        rng = numpy.random.Generator(getattr(numpy.random, kind)(0))
        model = nn.Sequential(nn.Linear(1, 4, rng=0), nn.Dropout(0.5, rng), nn.Linear(4, 1, rng=1))
        state, _ = trained(path, stop, model=model, seed=rng)
        return state, bits(rng.bit_generator.state)

    whole = run(tmp_path / "whole")
    run(tmp_path / "parts", stop=3)
    assert run(tmp_path / "parts") == whole
    if kind != "PCG64":
        with pytest.raises(ArgumentError, match="is not a whole checkpoint: ValueError: state"):
            trained(tmp_path / "parts", seed=0)


def test_without_a_seed_the_rows_held_back_stay_the_same(tmp_path):
    path = tmp_path / "run.safetensors"
    trained(path, stop=3, seed=None)
    kept = path.read_bytes()
    one, _ = trained(path, seed=None)
    path.write_bytes(kept)
    two, _ = trained(path, seed=None)
    assert one == two


def test_a_run_that_is_over_only_gives_its_history_and_weights(tmp_path, capsys):
    path = tmp_path / "run.safetensors"
    whole, _ = trained(path)
    before = path.read_bytes()
    again, _ = trained(path)
    assert again == whole and path.read_bytes() == before
    more, _ = trained(path, epochs=9)
    assert more["history"][:7] == whole["history"] and len(more["history"]) == 9


def test_a_run_that_stopped_early_stays_stopped_with_its_best_weights(tmp_path):
    """The validation loss rises from the second epoch on: its targets are those of the start."""
    def run(epochs, resume=None):
        model, seen = line(), []
        history = fit(model, X, Y, loss="mse", optimizer=nn.SGD, lr=0.1, epochs=epochs,
                      batch_size=24, validation=(X, line()(X).data), seed=0, quiet=True,
                      resume=resume,
                      callbacks=[lambda row: seen.append(weights(model)), nn.EarlyStopping(3),
                                 nn.Checkpoint(path)])
        return history.rows, weights(model), seen

    path = tmp_path / "run.safetensors"
    rows, best, seen = run(50)
    assert len(rows) == 4 and best == seen[0] != seen[-1]
    assert run(50, path) == (rows, best, [])
    path.unlink()
    run(2)
    assert run(50, path) == (rows, best, seen[2:])


def test_how_far_a_run_is_is_said(tmp_path, capsys):
    path = tmp_path / "run.safetensors"
    for epochs in (2, 3):
        fit(line(), X, Y, loss="mse", epochs=epochs, callbacks=nn.Checkpoint(path), resume=path)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"no file {path} yet: this run begins"
    assert lines[3] == f"{path}: 2 of 3 epochs are done" and lines[4].startswith("epoch 3/3")
    assert len(lines) == 5


def test_a_checkpoint_is_of_every_nth_epoch_and_of_the_last(tmp_path):
    path, seen = tmp_path / "run.safetensors", []

    class Look(nn.Callback):
        last = True

        def on_epoch_end(self, run, row):
            state = checkpoint.read(path)
            seen.append(len(state["history"]) if state else 0)

    fit(line(), X, Y, loss="mse", epochs=7, callbacks=[nn.Checkpoint(path, every=3), Look()],
        quiet=True)
    assert seen == [0, 0, 3, 3, 3, 6, 7]


# -- what is refused -------------------------------------------------------------------------------

def refused(path, says, **options):
    """Assert that a run cannot go on, and that nothing has changed."""
    model = options.pop("model", None) or deep()
    optimizer = options.pop("optimizer", OPTIMIZERS["Adam"])(model.parameters())
    options = {"x": X, "y": Y, "validation": 0.25, "seed": 3, "callbacks": [nn.GradientHistory()],
               "schedule": nn.CosineAnnealingLR(optimizer, 7)} | options
    before, content = bits([model.state_dict(), optimizer.state_dict()]), path.read_bytes()

    def loss(p, t):
        raise AssertionError("training began")

    with pytest.raises(ArgumentError, match=says) as caught:
        fit(model, options.pop("x"), options.pop("y"), loss=loss, optimizer=optimizer,
            resume=path, quiet=True, **options)
    assert "\nhelp: " in str(caught.value)
    assert bits([model.state_dict(), optimizer.state_dict()]) == before
    assert path.read_bytes() == content


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """The checkpoint of the third epoch of a run."""
    path = tmp_path_factory.mktemp("kept") / "run.safetensors"
    trained(path, stop=4)
    return path


def wide():
    return nn.Sequential(nn.Linear(1, 7, rng=0), "tanh", nn.Dropout(0.3, rng=1),
                         nn.Linear(7, 1, rng=2))


def relu():
    return nn.Sequential(nn.Linear(1, 6, rng=0), "relu", nn.Dropout(0.3, rng=1),
                         nn.Linear(6, 1, rng=2))


@pytest.mark.parametrize("options, says", [
    ({"model": wide}, r"run with another model\n  line 2: \(layers.0\): Linear\(in_features=1, "
     r"out_features=7, .* here, .*out_features=6,.* there\n"),
    ({"model": relu}, r"another model\n  line 3: \(layers.1\): ReLU\(\) here, .*Tanh\(\) there\n"),
    ({"model": lambda: deep("float32"), "x": X.astype("f4"), "y": Y.astype("f4")},
     r"another model\n  layers.0.weight: \(6, 1\) float32 here, \(6, 1\) float64 there"),
    ({"model": lambda: deep(dropout=0.4)}, r"Dropout\(p=0.4\) here, \(layers.2\): Dropout\(p=0.3"),
    ({"optimizer": OPTIMIZERS["AdamW"]}, r"another optimiser\n  optimizer: AdamW of \[4\] .* here, "
     r"Adam of \[4\] parameters there"),
    ({"x": X[:20], "y": Y[:20]}, r"other data\n  x: \(15, 1\) float64 here, \(18, 1\) float64 "),
    ({"y": Y[:, 0]}, r"other data\n  y: \(18,\) float64 here, \(18, 1\) float64 there"),
    ({"validation": None}, r"other data\n(.*\n)*  validation x: nothing here, \(6, 1\) float64 th"),
    ({"schedule": None}, "other callbacks\n  .*: GradientHistory here, CosineAnnealingLR, Grad"),
    ({"callbacks": ()}, "other callbacks\n  .*: CosineAnnealingLR here, CosineAnnealingLR, Gradi"),
    ({"callbacks": nn.GradientHistory("step")}, "GradientHistory of every step, saved for every e"),
], ids=lambda x: next(iter(x)) if isinstance(x, dict) else "")
def test_the_checkpoint_of_another_run_is_refused_before_training(kept, options, says):
    refused(kept, says, **options | ({"model": options["model"]()} if "model" in options else {}))


def rewritten(path, **metadata):
    """The file with other metadata."""
    content = path.read_bytes()
    size = struct.unpack("<Q", content[:8])[0]
    header = json.loads(content[8:8 + size])
    header["__metadata__"] |= metadata
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + content[8 + size:]


def test_a_newer_version_of_the_format_is_named(kept, tmp_path):
    path = tmp_path / "newer.safetensors"
    path.write_bytes(rewritten(kept, version="2", run="{}"))
    refused(path, "has version 2 of the format of checkpoints, this nn reads version 1\nhelp: inst")


def test_weights_are_no_checkpoint(tmp_path):
    path = nn.save(deep(), tmp_path / "weights.safetensors")
    refused(path, r"is a safetensors file, but no checkpoint\nhelp: read weights with nn.load")


@pytest.mark.parametrize("part", [
    "identity", "model", "best", "optimizer", "callbacks", "start", "order", "generators",
    "history"])
@pytest.mark.parametrize("wrong", [None, 3, [], {}, {"epoch": "3"}, [[]]])
def test_a_damaged_part_is_refused_whole(kept, tmp_path, part, wrong):
    state = checkpoint.read(kept)
    if (part, wrong) in (("best", None), ("identity", {})):
        return                                  # the last epoch was the best; checked elsewhere
    path = tmp_path / "damaged.safetensors"
    path.write_bytes(checkpoint.to_bytes(state | {part: wrong}))
    refused(path, "is not a whole checkpoint: ")


def test_bytes_that_changed_are_an_error_or_other_numbers(kept, tmp_path):
    content, rng, path = kept.read_bytes(), random.Random(0), tmp_path / "run.safetensors"
    outcomes = {True: 0, False: 0}
    for i in range(300):
        damaged = bytearray(content[:rng.randrange(len(content))] if i % 10 == 0 else content)
        for _ in range(rng.choice([1, 1, 4])):
            if damaged:
                damaged[rng.randrange(len(damaged))] = rng.randrange(256)
        path.write_bytes(damaged)
        model = deep()
        optimizer = OPTIMIZERS["Adam"](model.parameters())
        schedule = nn.CosineAnnealingLR(optimizer, 7)
        before = bits([model.state_dict(), optimizer.state_dict()])
        try:
            fit(model, X, Y, loss="mse", optimizer=optimizer, epochs=3, validation=0.25, seed=3,
                schedule=schedule, callbacks=nn.GradientHistory(), resume=path, quiet=True)
            outcomes[True] += 1
        except ArgumentError:
            outcomes[False] += 1
            assert bits([model.state_dict(), optimizer.state_dict()]) == before
    assert min(outcomes.values()) > 10


def test_what_cannot_be_kept_or_written_is_found_before_training(tmp_path):
    def loss(p, t):
        raise AssertionError("training began")

    class Odd(nn.Callback):
        def state_dict(self):
            return {"what": {1, 2}}

    model = nn.Sequential(nn.Linear(1, 1, rng=0), nn.Linear(1, 1, rng=1))
    model.extra = Tensor([1j])
    for given, path, others, says in (
            (line(), tmp_path / "none" / "run", [], r"cannot be written to '.*run'\nhelp: give a"),
            (line(), tmp_path, [], "a checkpoint cannot be written to"),
            (model, tmp_path / "run", [], r"a checkpoint cannot keep these numbers(.|\n)*\nhelp: "),
            (line(), tmp_path / "run", [Odd()], r"cannot keep callbacks\.0\.what, set \{1, 2\}\n")):
        with pytest.raises(ArgumentError, match=says):
            fit(given, X, Y, loss=loss, callbacks=[*others, nn.Checkpoint(path)], quiet=True)
    assert not [*tmp_path.iterdir()]
    for every in (0, 1.5, "2"):
        with pytest.raises(ArgumentError, match=r"every=.*\nhelp: give a whole number of epochs"):
            nn.Checkpoint("run", every=every)
    with pytest.raises(ArgumentError, match=r"cannot be read: .*\nhelp: give the path"):
        fit(line(), X, Y, loss=loss, resume=tmp_path, quiet=True)


def test_a_disk_that_is_full_leaves_the_earlier_checkpoint_and_the_best_weights(
        tmp_path, monkeypatch):
    path, calls, replace = tmp_path / "run.safetensors", [], os.replace

    def full(*args):
        calls.append(args)
        if len(calls) == 3:
            raise OSError(28, "No space left on device")
        return replace(*args)

    monkeypatch.setattr(os, "replace", full)
    model = line()
    with pytest.raises(ArgumentError, match="No space left on device"):
        fit(model, X, Y, loss="mse", callbacks=nn.Checkpoint(path), quiet=True)
    state = checkpoint.read(path)
    assert len(state["history"]) == 2 and [p.name for p in tmp_path.iterdir()] == [path.name]
    assert numpy.isfinite(weights(model)).all()


def test_the_rest_of_a_process_that_was_killed_while_it_wrote_is_removed(tmp_path, monkeypatch):
    """The unlink that a process does not come to is left out here; of a name of any length."""
    paths = [tmp_path / f"{i}{'中' * 84}" for i in (1, 2)]
    with monkeypatch.context() as killed:
        killed.setattr(os, "replace", lambda *_: 1 / 0)
        killed.setattr(type(tmp_path), "unlink", lambda *_, **__: None)
        for path in paths:
            with pytest.raises(ZeroDivisionError):
                write_whole(path, b"half")
    assert len([*tmp_path.glob(".*.part")]) == 2
    for left in (1, 0):
        path = paths.pop()
        fit(line(), X, Y, loss="mse", epochs=1, callbacks=nn.Checkpoint(path), quiet=True)
        assert checkpoint.read(path) and len([*tmp_path.glob(".*.part")]) == left


def test_there_is_nothing_in_the_file_but_arrays_and_json(kept):
    content = kept.read_bytes()
    size = struct.unpack("<Q", content[:8])[0]
    header = json.loads(content[8:8 + size])
    assert header.pop("__metadata__").keys() == {"kind", "version", "run"}
    assert sum(numpy.prod(entry["shape"], dtype=int) * {"F64": 8, "BOOL": 1}[entry["dtype"]]
               for entry in header.values()) == len(content) - 8 - size


def test_rows_may_hold_words_and_numpys_numbers(tmp_path):
    path = tmp_path / "run.safetensors"

    def note(row):
        row.update(note="good", rate=numpy.float32(0.1), seen=[1, None, True])

    for epochs in (1, 2):
        history = fit(line(), X, Y, loss="mse", epochs=epochs, resume=path, quiet=True,
                      callbacks=[nn.Checkpoint(path), note])
    assert [row["note"] for row in history] == ["good"] * 2
    assert history[0]["rate"] == float(numpy.float32(0.1)) and history[0]["seen"] == [1, None, True]


def test_an_interrupt_at_any_line_leaves_a_whole_checkpoint(tmp_path):
    """The run is repeated with an interrupt at ever later lines, until there are none left."""
    def run(path):
        return fit(line(), X, Y, loss="mse", epochs=3, batch_size=24, seed=0, quiet=True,
                   resume=path, callbacks=[nn.Checkpoint(path), nn.GradientHistory()])

    run(tmp_path / "whole")
    whole, found = bits(checkpoint.read(tmp_path / "whole")), set()
    for n in itertools.count(1, 19):
        path, before = tmp_path / f"run{n}", sys.gettrace()
        trace = InterruptAt(n, ("nn/checkpoint.py", "show/files.py", "nn/run.py"))
        sys.settrace(trace)
        try:
            run(path)
        except KeyboardInterrupt:
            pass                                # before training began
        finally:
            sys.settrace(before)
        state = checkpoint.read(path)
        found.add(len(state["history"]) if state else 0)
        run(path)
        assert bits(checkpoint.read(path)) == whole, n
        if trace.left > 0:
            break
    assert found == {0, 1, 2, 3} and not [*tmp_path.glob(".*")]


def test_killed_processes_go_on(tmp_path):
    runs, _, early = kill_resume.kill(3, tmp_path, epochs=20)
    assert runs >= 1 and early < 3
