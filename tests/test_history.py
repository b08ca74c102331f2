"""What a fit shows while it runs, and the history it returns."""

import io
import pathlib
import sys
from contextlib import redirect_stdout

import numpy
import pytest

import nn
from autograd.errors import ArgumentError
from nn import progress
from nn.fit import fit
from nn.history import History

X = numpy.linspace(-1, 1, 24)[:, None]
Y = 3 * X + 0.5


def _output(stream, **options):
    with redirect_stdout(stream):
        fit(nn.Linear(1, 1, rng=0), X, Y, loss=nn.mse_loss, lr=0.1, batch_size=24, seed=0,
            **options)
    return stream.getvalue()


def test_a_pipe_gets_whole_lines_one_each_tenth():
    text = _output(io.StringIO(), epochs=40)
    lines = text.splitlines()
    assert [line.split()[1] for line in lines] == [f"{n}/40" for n in (1, *range(4, 41, 4))]
    assert "\r" not in text and all("loss" in line for line in lines)
    assert len(_output(io.StringIO(), epochs=3).splitlines()) == 3
    assert _output(io.StringIO(), epochs=3, quiet=True) == ""


def test_an_early_end_still_prints_its_last_line():
    text = _output(io.StringIO(), epochs=1000, validation=(X, -Y),
                   callbacks=nn.EarlyStopping(2))
    last = text.splitlines()[-1]
    assert last.split()[1].endswith("/1000") and "validation loss" in last


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize("interval", [0.0, 1e9])
def test_a_terminal_gets_one_line_that_is_rewritten(monkeypatch, interval):
    monkeypatch.setattr(progress, "_INTERVAL", interval)
    monkeypatch.setenv("COLUMNS", "40")
    text = _output(Terminal(), epochs=12, validation=(X, Y))
    assert text.endswith("\n") and text.count("\n") == 1
    states = text.strip("\n").split("\r")[1:]
    assert "epoch 12/12" in states[-1] and all(len(state) <= 39 for state in states)
    assert (len(states) == 1) if interval else any("batch 1/1" in state for state in states)


def test_a_shorter_line_hides_the_longer_one_before():
    terminal = progress._Terminal(2)
    with redirect_stdout(Terminal()) as out:
        terminal.write("a long line")
        terminal.write("short")
        terminal.close()
    assert out.getvalue() == "\ra long line\rshort      "


class _Handle:
    def __init__(self, contents):
        self.contents = contents

    def update(self, content, raw):
        self.contents.append(content["text/plain"])


class _Shell:
    """Stands in for IPython: a kernel's shell, and displays that remember what they showed."""

    def __init__(self, contents):
        self.handle, self.displays = _Handle(contents), 0

    def get_ipython(self):
        return type("ZMQInteractiveShell", (), {})()

    def display(self, content, raw, display_id):
        self.displays += 1
        self.handle.update(content, raw)
        return self.handle


def test_a_notebook_gets_one_display_updated_in_place(monkeypatch):
    contents = []
    shell = _Shell(contents)
    monkeypatch.setitem(sys.modules, "IPython", shell)
    monkeypatch.setitem(sys.modules, "IPython.display", shell)
    monkeypatch.setattr(progress, "_INTERVAL", 0.0)
    assert _output(io.StringIO(), epochs=5) == ""
    assert shell.displays == 1 and contents[-1].startswith("epoch 5/5  loss")


def test_a_terminals_ipython_is_no_notebook(monkeypatch):
    monkeypatch.setitem(sys.modules, "IPython", type("", (), {"get_ipython": lambda: None}))
    assert type(progress.progress(3)) is progress._Lines
    assert type(progress.progress(3, quiet=True)) is progress.Progress


def history_of(*losses, name="validation_loss"):
    history = History()
    history.rows = [{"epoch": i, "loss": 1.0, name: loss} for i, loss in enumerate(losses, 1)]
    return history


def test_a_history_prints_as_a_table():
    assert repr(history_of(0.5, 0.25, 0.3)) == (
        "epoch  loss  validation loss\n"
        "    1     1              0.5\n"
        "    2     1             0.25  best\n"
        "    3     1              0.3")
    assert repr(History()) == "epoch  loss"
    stopped = history_of(0.5)
    stopped.interrupted = True
    assert repr(stopped).endswith("interrupted after 1 epoch")
    assert "<p>interrupted after 1 epoch</p>" in stopped._repr_html_()


def test_a_column_goes_by_its_name_or_its_heading():
    history = history_of(0.5, 0.25)
    assert history["validation loss"] == history["validation_loss"] == [0.5, 0.25]
    assert history_of(0.5, name="top 3")["top 3"] == [0.5] and History()["loss"] == []
    with pytest.raises(ArgumentError, match=r"no column 'val_loss'\nhelp: the columns are epoch, "
                                            r"loss, validation_loss$"):
        history["val_loss"]


def test_a_long_history_is_shown_in_part_with_the_best_and_the_last():
    history = history_of(*[abs(i - 77.0) for i in range(500)])
    lines = repr(history).splitlines()
    assert len(lines) <= 14 and lines[-1].split()[0] == "500"
    assert [line.split()[0] for line in lines if "best" in line] == ["78"]


def test_a_history_as_html_is_small_and_plain():
    html = history_of(0.5, 0.25)._repr_html_()
    assert html.count("<tr>") == 3 and "<td>0.25</td><td>best</td>" in html
    assert "<style" not in html and "<script" not in html and len(html) < 3_500


def test_the_best_epoch_is_the_first_of_equals_and_never_nan():
    assert history_of(0.5, 0.2, 0.2).best_epoch == 2
    assert history_of(float("nan"), 0.5).best_epoch == 2
    assert history_of(float("nan")).best_epoch == 1 and History().best_epoch == 0
    assert history_of(1.0, 0.5, name="accuracy").monitored == "loss"


def test_a_history_plots_what_it_holds():
    figure = pytest.importorskip("matplotlib.figure", reason="pip install matplotlib").Figure()
    history = history_of(0.5, 0.25, 0.75)
    axes = history.plot(figure.subplots())
    drawn = {line.get_label(): list(line.get_ydata()) for line in axes.lines}
    assert drawn["training"] == [1.0] * 3 and drawn["validation"] == [0.5, 0.25, 0.75]
    assert list(axes.lines[0].get_xdata()) == [1, 2, 3] and "best: 2" in drawn
    assert History().plot(figure.subplots()).lines[:] == []


def test_plotting_without_matplotlib_names_the_way_out(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.ticker", None)
    with pytest.raises(ImportError, match="help: pip install matplotlib"):
        history_of(0.5).plot()


@pytest.mark.parametrize("path", ["h.png", pathlib.Path("h.png")])
def test_a_plot_to_a_path_names_the_way_to_a_file(path):
    with pytest.raises(ArgumentError, match=r"a path, 'h\.png'\nhelp: "
                                            r"history\.plot\(\)\.figure\.savefig\('h\.png'\)"):
        history_of(0.5).plot(path)


def test_a_plot_of_its_own(monkeypatch):
    matplotlib = pytest.importorskip("matplotlib", reason="pip install matplotlib")
    matplotlib.use("Agg")
    from matplotlib import pyplot

    axes = history_of(0.5, 0.25).plot()
    assert axes.get_xlabel() == "epoch" and pyplot.get_fignums()
    pyplot.close("all")
