"""Callbacks: when they are called, and what those that come with the library write down."""

import contextlib
import csv
import math
import struct
import sys

import numpy
import pytest
from fitting import X, Y, bits, deep, line, weights

import nn
from autograd.errors import ArgumentError
from nn.fit import fit


class Diary(nn.Callback):
    """Writes down its calls."""

    def __init__(self, stop_in=None):
        self.calls, self.stop_in = [], stop_in

    def on_train_begin(self, run):
        self.calls.append(("train", len(run.history), run.model.training))

    def on_epoch_begin(self, run, epoch):
        self.calls.append(("epoch", epoch))

    def on_batch_end(self, run, row):
        self.calls.append(("batch", row["epoch"], row["batch"], float(row["loss"])))

    def on_epoch_end(self, run, row):
        assert row is run.history[-1]
        self.calls.append(("row", row["epoch"], row["loss"], weights(run.model)))
        run.stop_training = row["epoch"] == self.stop_in

    def on_train_end(self, run):
        self.calls.append(("end", len(run.history), weights(run.model)))


def test_callbacks_are_called_at_their_turns():
    diary, model = Diary(stop_in=2), line()
    history = fit(model, X, Y, loss="mse", epochs=5, batch_size=16, callbacks=diary, quiet=True)
    assert [call[:3] for call in diary.calls if call[0] in ("train", "epoch", "batch")] == [
        ("train", 0, True), ("epoch", 1), ("batch", 1, 1), ("batch", 1, 2),
        ("epoch", 2), ("batch", 2, 1), ("batch", 2, 2)]
    assert [call[0] for call in diary.calls] == [
        "train", *["epoch", "batch", "batch", "row"] * 2, "end"]
    losses = [call[3] for call in diary.calls if call[0] == "batch"]
    assert history[0]["loss"] == pytest.approx((16 * losses[0] + 8 * losses[1]) / 24)
    assert diary.calls[-1] == ("end", 2, weights(model)) and len(history) == 2


def test_the_loss_of_a_batch_is_read_without_a_warning_by_both_engines_and_compiled():
    diary = Diary()
    fit(nn.MLP(1, [1], seed=0), X, Y[:, 0], loss="mse", epochs=1, batch_size=24, quiet=True,
        callbacks=diary)
    fit(line(), X, Y, loss="mse", epochs=1, batch_size=24, quiet=True, callbacks=diary,
        compile=True)
    assert [type(call[3]) for call in diary.calls if call[0] == "batch"] == [float, float]


def broken(p, t):
    raise ZeroDivisionError


def interrupted(p, t):
    raise KeyboardInterrupt


@pytest.mark.usefixtures("without_lint")
@pytest.mark.parametrize("loss", [broken, interrupted])
def test_the_end_is_told_however_training_ends(loss):
    diary, model = Diary(), line()
    start = weights(model)
    try:
        fit(model, X, Y, loss=loss, callbacks=diary, quiet=True)
    except ZeroDivisionError:
        assert loss is broken
    assert diary.calls == [("train", 0, True), ("epoch", 1), ("end", 0, start)]


def test_functions_of_the_row_may_add_to_it():
    history = fit(line(), X, Y, loss="mse", epochs=2, quiet=True,
                  callbacks=[lambda row: row.update(twice=2 * row["loss"])])
    assert history["twice"] == [2 * loss for loss in history["loss"]]


def test_schedules_are_callbacks_too():
    def rates(**options):
        found, model = [], line()
        optimizer = nn.SGD(model.parameters(), lr=1e-3)
        given = options.pop("callbacks", [])
        fit(model, X, Y, loss="mse", optimizer=optimizer, epochs=4, quiet=True,
            callbacks=[*(one(optimizer) for one in given), lambda row: found.append(optimizer.lr)],
            **options)
        return found

    half = pytest.approx([1e-3, 5e-4, 5e-4, 2.5e-4])
    assert rates(schedule=lambda o: nn.StepLR(o, 2, 0.5)) == half
    assert rates(callbacks=[lambda o: nn.StepLR(o, 2, 0.5)]) == half
    with pytest.raises(ArgumentError, match=r"2 schedules of one learning rate\nhelp: .*Seq"):
        rates(callbacks=[lambda o: nn.StepLR(o, 2), lambda o: nn.StepLR(o, 3)])
    with pytest.raises(ArgumentError, match="another optimiser"):
        rates(callbacks=[lambda o: nn.StepLR(nn.SGD(line().parameters()), 2)])


@pytest.mark.parametrize("callbacks, came", [
    ([3], "int 3"), ([nn.EarlyStopping], "type <class"), (nn.Checkpoint, "type <class"),
    ([None], "NoneType None")])
def test_what_is_no_callback(callbacks, came):
    with pytest.raises(ArgumentError, match=f"a callback is {came}.*\nhelp: give a nn.Callback"):
        fit(line(), X, Y, loss="mse", callbacks=callbacks, quiet=True)


# -- CSV -------------------------------------------------------------------------------------------

def rows_of(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def test_a_csv_file_is_the_history_after_every_epoch(tmp_path):
    path, lengths = tmp_path / "log.csv", []

    class Look(nn.Callback):
        last = True

        def on_epoch_end(self, run, row):
            lengths.append(len(rows_of(path)))

    path.write_text("of an earlier run\n")
    history = fit(line(), X, Y, loss="mse", validation=0.25, epochs=3, quiet=True, callbacks=[
        nn.CSVLogger(path), Look(), lambda row: row.update(note='a, "b"\nc')])
    assert lengths == [1, 2, 3]
    assert [list(row) for row in rows_of(path)] == [
        ["epoch", "loss", "validation_loss", "note"]] * 3
    for row, expected in zip(rows_of(path), history, strict=True):
        assert row == {name: str(x) for name, x in expected.items()}
        assert float(row["loss"]) == expected["loss"]


def test_a_csv_file_goes_on_with_its_run(tmp_path):
    path, log = tmp_path / "run.safetensors", tmp_path / "log.csv"
    for epochs in (2, 4):
        history = fit(line(), X, Y, loss="mse", epochs=epochs, resume=path, quiet=True,
                      callbacks=[nn.CSVLogger(log), nn.Checkpoint(path)])
        log.write_text(log.read_text() + "half a li")           # of a process that was killed
    fit(line(), X, Y, loss="mse", epochs=4, resume=path, quiet=True, callbacks=nn.CSVLogger(log))
    assert [float(row["loss"]) for row in rows_of(log)] == history["loss"]


def test_a_csv_file_that_cannot_be_written_is_an_error_before_training(tmp_path):
    with pytest.raises(ArgumentError, match=r"cannot be written: .*\nhelp: give a file in a"):
        fit(line(), X, Y, loss=broken, quiet=True,
            callbacks=nn.CSVLogger(tmp_path / "no" / "log.csv"))


# -- gradients -------------------------------------------------------------------------------------

def by_hand(epochs, size):
    """The norms of the gradients of the line, step by step."""
    model, rng, found = line(), numpy.random.default_rng(0), []
    optimizer = nn.SGD(model.parameters(), 0.1)
    for epoch in range(1, epochs + 1):
        for i, (x, y) in enumerate(nn.batches(X, Y, size, rng), 1):
            w, b = weights(model)
            error = w * x + b - y
            optimizer.zero_grad()
            nn.mse_loss(model(x), y).backward()
            optimizer.step()
            found.append({"epoch": epoch, "batch": i, "weight": abs((2 * error * x).mean()),
                          "bias": abs((2 * error).mean())})
    return found


@pytest.mark.parametrize("compiled", [False, True])
def test_gradients_of_every_step_and_epoch_are_those_by_hand(compiled):
    expected = by_hand(3, 10)
    found = {}
    for every in ("step", "epoch"):
        found[every] = nn.GradientHistory(every)
        fit(line(), X, Y, loss="mse", optimizer=nn.SGD, lr=0.1, epochs=3, batch_size=10, seed=0,
            compile=compiled, clip_norm=1e9, callbacks=found[every], quiet=True)
    assert found["step"].names == ["weight", "bias"] and len(found["step"].rows) == 9
    for row, other in zip(found["step"].rows, expected, strict=True):
        assert row == pytest.approx(other, rel=1e-12)
    for i, row in enumerate(found["epoch"].rows):
        steps = expected[3 * i:3 * i + 3]
        assert row == pytest.approx({"epoch": i + 1, "batch": 3} | {
            name: sum(step[name] for step in steps) / 3 for name in ("weight", "bias")}, rel=1e-12)


def test_gradients_are_those_before_they_are_clipped():
    found = []
    for clip in (None, 1e-3):
        gradients = nn.GradientHistory()
        fit(line(), X, Y, loss="mse", optimizer=nn.SGD, lr=0.1, epochs=1, batch_size=24,
            seed=0, clip_norm=clip, callbacks=gradients, quiet=True)
        found.append(gradients.rows)
    assert found[0] == found[1] and found[0][0]["weight"] > 1


def test_gradients_of_values_count_layer_by_layer():
    model = nn.MLP(1, [3, 1], activation="tanh", seed=0)
    twin = model.vectorize()
    one, two = nn.GradientHistory(), nn.GradientHistory()
    fit(model, X, Y[:, 0], loss="mse", epochs=1, batch_size=24, callbacks=one, quiet=True)
    fit(twin, X, Y, loss="mse", epochs=1, batch_size=24, callbacks=two, quiet=True)
    for layer, i in (("layers.0", 0), ("layers.1", 2)):
        assert one[layer][0] == pytest.approx(math.hypot(
            two[f"layers.{i}.weight"][0], two[f"layers.{i}.bias"][0]))


class Half(nn.Module):
    """One parameter that gets a gradient, one that gets none."""

    def __init__(self):
        self.used, self.other = nn.Linear(1, 1, rng=0), nn.Linear(1, 1, rng=1)

    def forward(self, x):
        return self.used(x)


def test_no_gradient_is_none_and_a_checkpoint_keeps_it(tmp_path):
    path = tmp_path / "run.safetensors"
    for epochs in (2, 3):
        gradients = nn.GradientHistory("step")
        fit(Half(), X, Y, loss="mse", epochs=epochs, batch_size=12, quiet=True, resume=path,
            callbacks=[nn.Checkpoint(path), gradients])
    assert [(row["epoch"], row["batch"]) for row in gradients.rows] == [
        (epoch, batch) for epoch in (1, 2, 3) for batch in (1, 2)]
    assert gradients["other.weight"] == [None] * 6 and None not in gradients["used.weight"]
    assert type(gradients.rows[0]["epoch"]) is int
    assert "other.weight" in repr(gradients) and "–" in repr(gradients)
    with pytest.raises(ArgumentError, match=r"no gradients of 'weight'\nhelp: .* used.weight"):
        gradients["weight"]
    with pytest.raises(ArgumentError, match='every="step"'):
        nn.GradientHistory("batch")


def test_a_new_run_begins_a_new_gradient_history():
    gradients = nn.GradientHistory()
    for _ in range(2):
        fit(line(), X, Y, loss="mse", epochs=2, callbacks=gradients, quiet=True)
    assert [row["epoch"] for row in gradients.rows] == [1, 2]


def test_a_gradient_history_shows_and_plots_what_it_holds():
    figure = pytest.importorskip("matplotlib.figure", reason="pip install matplotlib").Figure()
    gradients = nn.GradientHistory()
    assert repr(gradients).startswith("0 epochs\n") and "<table" in gradients._repr_html_()
    assert gradients.plot(figure.subplots()).lines[:] == []
    gradients.rows = [{"epoch": i, "batch": 4, "w<": 10.0**-i, "b": 0.0} for i in (1, 2, 3)]
    ax = gradients.plot(figure.subplots())
    assert [line.get_label() for line in ax.lines] == ["w<", "b"]
    assert list(ax.lines[0].get_ydata()) == [0.1, 0.01, 0.001] and ax.get_yscale() == "symlog"
    assert repr(gradients).splitlines()[2].split() == ["w<", "0.1", "0.001", "0.1", "0.001"]
    assert "w&lt;" in gradients._repr_html_() and "<script" not in gradients._repr_html_()


# -- TensorBoard -----------------------------------------------------------------------------------

def events(folder):
    """The events in the files of a folder, in order, each checked whole."""
    board = pytest.importorskip("tensorboardX", reason="pip install tensorboardX")
    from tensorboardX.crc32c import crc32c
    from tensorboardX.proto.event_pb2 import Event

    def masked(x):
        crc = crc32c(x)
        return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF

    assert board.__version__
    found = []
    for path in sorted(folder.iterdir()):
        content = path.read_bytes()
        while content:
            size, check = struct.unpack("<QI", content[:12])
            body = content[12:12 + size]
            assert check == masked(content[:8])
            assert struct.unpack("<I", content[12 + size:16 + size])[0] == masked(body)
            found.append(Event.FromString(body))
            content = content[16 + size:]
    return found


def scalars(found):
    """The numbers in events by tag, (step, number) each."""
    numbers = {}
    for event in found:
        for value in event.summary.value:
            if value.WhichOneof("value") == "simple_value":
                numbers.setdefault(value.tag, []).append((event.step, value.simple_value))
    return numbers


def test_event_files_hold_losses_metrics_rates_and_weights(tmp_path):
    pytest.importorskip("tensorboardX", reason="pip install tensorboardX")
    model, seen = deep(), []

    class Look(nn.Callback):
        last = True

        def on_epoch_end(self, run, row):
            seen.append(len(scalars(events(tmp_path / "train"))["loss"]))

    history = fit(model, X, Y, loss="mse", metrics=["r2"], validation=0.25, epochs=3, seed=0,
                  quiet=True, lr=0.5, schedule=lambda o: nn.StepLR(o, 1, 0.5),
                  callbacks=[nn.TensorBoard(tmp_path), Look()])
    train, validation = events(tmp_path / "train"), events(tmp_path / "validation")
    assert seen == [1, 2, 3]                    # it is in the file when the epoch is over
    columns = {"train": {"loss": "loss"},
               "validation": {"loss": "validation_loss", "r2_score": "validation_r2_score"}}
    for name, found in (("train", scalars(train)), ("validation", scalars(validation))):
        for tag, column in columns[name].items():
            assert found.pop(tag) == [(i, pytest.approx(x, rel=1e-6))
                                      for i, x in enumerate(history[column], 1)]
        assert found == ({"learning_rate": [(1, 0.25), (2, 0.125), (3, 0.0625)]}
                         if name == "train" else {})
    last = {value.tag: value.histo for event in train if event.step == 3
            for value in event.summary.value if value.WhichOneof("value") == "histo"}
    assert set(last) == {name.replace(".", "/") for name in model.state_dict()}
    for name, x in model.state_dict().items():
        histogram = last[name.replace(".", "/")]
        assert (histogram.min, histogram.max, histogram.num) == (x.min(), x.max(), x.size)
        assert sum(histogram.bucket) == x.size


def test_event_files_of_a_run_that_goes_on_say_from_where(tmp_path):
    pytest.importorskip("tensorboardX", reason="pip install tensorboardX")
    path = tmp_path / "run.safetensors"
    for epochs in (2, 3):
        fit(nn.MLP(1, [2, 1], seed=0), X, Y[:, 0], loss="mse", epochs=epochs, quiet=True,
            resume=path, callbacks=[nn.TensorBoard(tmp_path / "log"), nn.Checkpoint(path)])
    found = events(tmp_path / "log" / "train")
    assert [event.step for event in found if event.HasField("session_log")] == [1, 3]
    assert [step for step, _ in scalars(found)["loss"]] == [1, 2, 3]
    assert {value.tag for event in found for value in event.summary.value} == {
        "loss", "learning_rate", "layers/0", "layers/1"}
    assert [p.name for p in (tmp_path / "log").iterdir()] == ["train"]


@pytest.mark.parametrize("loss", [broken, interrupted])
def test_event_files_are_closed_however_training_ends(tmp_path, loss):
    pytest.importorskip("tensorboardX", reason="pip install tensorboardX")
    board = nn.TensorBoard(tmp_path)
    with contextlib.suppress(ZeroDivisionError):
        fit(line(), X, Y, loss=loss, callbacks=board, quiet=True)
    assert board._files == {} and len(events(tmp_path / "train")) == 2


def test_event_files_hold_nan_and_leave_what_no_histogram_can_have(tmp_path):
    pytest.importorskip("tensorboardX", reason="pip install tensorboardX")
    model = Half()
    model.other.weight.data[...] = numpy.inf
    model.other.bias.data[...] = 1e300
    fit(model, X, Y, loss="mse", metrics={"nothing": lambda p, t: math.nan}, epochs=1, quiet=True,
        callbacks=nn.TensorBoard(tmp_path))
    found = events(tmp_path / "train")
    assert math.isnan(scalars(found)["nothing"][0][1])
    assert {value.tag for event in found for value in event.summary.value
            if value.WhichOneof("value") == "histo"} == {"used/weight", "used/bias"}


def test_without_tensorboardx_the_way_out_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorboardX", None)
    with pytest.raises(ImportError, match=r"help: pip install 'wengert\[tensorboard\]'"):
        fit(line(), X, Y, loss=broken, callbacks=nn.TensorBoard(tmp_path), quiet=True)


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    pytest.importorskip("tensorboardX", reason="pip install tensorboardX")
    (tmp_path / "file").write_text("")
    with pytest.raises(ArgumentError, match=r"cannot be written: .*\nhelp: give a folder"):
        fit(line(), X, Y, loss=broken, callbacks=nn.TensorBoard(tmp_path / "file"), quiet=True)


def test_a_callback_takes_its_state_from_a_checkpoint(tmp_path):
    class Counter(nn.Callback):
        def __init__(self):
            self.kept = {"n": 0, "sums": numpy.zeros(2, "float32"), "words": ["a", None, (1, 2)]}

        def on_epoch_end(self, run, row):
            self.kept["n"] += 1
            self.kept["sums"] += numpy.float32(0.1)

        def state_dict(self):
            return self.kept

        def load_state_dict(self, saved):
            self.kept = saved

    path, counters = tmp_path / "run.safetensors", []
    for epochs in (2, 5):
        counters.append(Counter())
        fit(line(), X, Y, loss="mse", epochs=epochs, quiet=True, resume=path,
            callbacks=[nn.Checkpoint(path), counters[-1]])
    once = Counter()
    fit(line(), X, Y, loss="mse", epochs=5, quiet=True, callbacks=once)
    once.kept["words"][2] = [1, 2]                      # JSON has no tuples
    assert bits(counters[1].kept) == bits(once.kept)
