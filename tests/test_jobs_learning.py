"""Regression, clustering and learning curves: the figures they print, and what they share."""

import argparse
import functools
import os
import re
import subprocess
import sys
from pathlib import Path

import fitting
import numpy
import pytest
from places import CUDA, STRICT
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

import nn
from autograd import device
from nn.__main__ import main
from nn.jobs import clustering, curve, regression, training
from nn.jobs.clustering_report import verdict
from nn.jobs.digit_data import digits
from nn.jobs.report import html_table, page, text_table
from nn.weights import load

ROOT = Path(__file__).resolve().parents[1]
SHORT = {"regression": ["--epochs", "3"], "clustering": ["--epochs", "1"],
         "curve": ["--steps", "5", "--seeds", "1"]}
WHOLE = {"regression": ["--seed", "5", "--seeds", "2", "--quiet"],
         "clustering": ["--seed", "2", "--quiet"],
         "curve": ["--seed", "3", "--seeds", "1", "--steps", "150"]}
FILES = {"regression": ["fits.png", "loss.png", "report.html", "weights.safetensors"],
         "clustering": ["codes.png", "digits.png", "loss.png", "report.html",
                        "weights.safetensors"],
         "curve": ["curve.png", "report.html"]}


def job(name, out, *options):
    """`python -m nn` of a job in this process; its exit status."""
    return main([name, *SHORT[name], "--out", str(out), *map(str, options)])


def rows(text, first):
    """The cells of the table whose head begins with `first`, head included."""
    lines = [re.split(r"\s{2,}", line.strip()) for line in text.splitlines()]
    start = next(i for i, cells in enumerate(lines) if cells[:len(first)] == list(first))
    return lines[start:lines.index([""], start)]


@pytest.fixture(autouse=True)
def one_thread():
    """What is computed here to compare with is small, and would wait for a second thread."""
    with threadpool_limits(1):
        yield


@functools.cache
def ran(name, folder):
    """What the job prints in a process of its own, and the folder of its files."""
    out = folder / f"ran-{name}"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "nn", name, *WHOLE[name], "--out", str(out)],
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "random"},
        capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout, out


@pytest.fixture
def folder(tmp_path_factory):
    """One folder for all tests of this file."""
    return tmp_path_factory.getbasetemp()


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """The folder of a short regression."""
    out = tmp_path_factory.mktemp("plain")
    assert job("regression", out) == 0
    return out


# -- regression ------------------------------------------------------------------------------------

def test_gradient_descent_finds_what_least_squares_finds(folder):
    head, *found = rows(ran("regression", folder)[0], ["seed", "slope"])
    assert head == list(regression.LINE_HEAD) and [row[0] for row in found] == ["5", "6"]
    for seed, slope, exact_slope, intercept, exact_intercept in found:
        assert (slope, intercept) == (exact_slope, exact_intercept), seed
        assert abs(float(slope) - 2) < 0.1 and abs(float(intercept) + 1) < 0.1
    assert len({row[1] for row in found}) == 2          # other points in each seed


def test_the_deep_net_is_20_times_nearer_to_the_curve_than_a_linear_layer(folder):
    head, *found, mean = rows(ran("regression", folder)[0], ["seed", "linear layer"])
    assert head == list(regression.CURVE_HEAD) and [row[0] for row in found] == ["5", "6"]
    figures = numpy.array([[float(row[i]) for i in (1, 2, 4)] for row in found])
    assert (figures[:, 1] <= figures[:, 0] / 20).all(), figures
    assert (figures[:, 1] <= 2 * figures[:, 2]).all(), figures      # little more than the noise
    assert mean[0] == "mean"
    assert [float(mean[i]) for i in (1, 2, 4)] == pytest.approx(figures.mean(0), abs=1e-4)
    assert float(mean[3][2:]) == pytest.approx(float(mean[1]) / float(mean[2]), rel=0.01)


def test_the_weights_of_the_first_seed_have_the_error_that_is_printed(folder):
    text, out = ran("regression", folder)
    linear, deep, _, noise = rows(text, ["seed", "linear layer"])[1][1:]
    rng = numpy.random.default_rng(5)
    x = rng.uniform(-2, 2, (400, 1))
    y = numpy.sin(4 * x) + 0.1 * rng.standard_normal((400, 1))
    train, held = nn.train_validation_split(x, y, 0.25, seed=5)
    model = training.dense([1, 32, 32, 1], "tanh", numpy.random.default_rng(0))
    load(model, out / "weights.safetensors")
    error = nn.mse_loss(nn.predict(model, held[0]), held[1]).item()
    assert float(deep) == pytest.approx(error, abs=6e-5)
    best = numpy.polyfit(train[0][:, 0], train[1][:, 0], 1)
    line = ((numpy.polyval(best, held[0]) - held[1]) ** 2).mean()
    assert float(linear) == pytest.approx(line, rel=0.02)   # no line could do better
    assert float(noise) == pytest.approx(((numpy.sin(4 * held[0]) - held[1]) ** 2).mean(), abs=6e-5)


# -- clustering ------------------------------------------------------------------------------------

def test_the_digits_are_scikit_learns():
    x, y = digits()
    images = load_digits()
    assert x.shape == (1797, 64) and x.dtype == "float32" and (x.min(), x.max()) == (0, 1)
    assert (x.reshape(-1, 8, 8) * 16 == images.images).all() and (y == images.target).all()


def test_the_code_keeps_more_of_a_digit_than_pca_does_and_the_figures_are_right(folder):
    text, out = ran("clustering", folder)
    head, (seed, code, pca, ratio, *indices) = rows(text, ["seed"])
    assert head == list(clustering.HEAD) and seed == "2"
    assert float(ratio) <= 0.8 and float(ratio) == pytest.approx(float(code) / float(pca), abs=2e-3)
    x, y = digits()
    (learned, _), (held, _) = nn.train_validation_split(x, y, seed=2)
    model = load(clustering.autoencoder(0, x.dtype), out / "weights.safetensors")
    assert float(code) == pytest.approx(nn.mse_loss(nn.predict(model, held), held).item(), abs=6e-6)
    ten = PCA(10, svd_solver="full").fit(learned)
    back = ten.inverse_transform(ten.transform(held))
    assert float(pca) == pytest.approx(((back - held) ** 2).mean(), rel=1e-3)
    encoded = nn.predict(model[0], x).numpy()
    assert encoded.shape == (1797, 10)
    for points, index in zip((encoded, x, ten.transform(x)), indices, strict=True):
        groups = clustering.k_means(points, 2).labels_
        assert float(index) == pytest.approx(rand_index(groups, y), abs=6e-4)
    report = (out / "report.html").read_text(encoding="utf-8")
    assert verdict(*map(float, indices)) in report


def rand_index(groups, classes):
    """The adjusted Rand index by its definition, from pairs (Hubert and Arabie 1985)."""
    same_group = groups[:, None] == groups
    same_class = classes[:, None] == classes
    upper = numpy.triu_indices(len(groups), 1)
    a, b = same_group[upper], same_class[upper]
    both, expected = (a & b).sum(), a.sum() * b.sum() / len(a)
    return (both - expected) / ((a.sum() + b.sum()) / 2 - expected)


def test_groups_are_named_by_their_commonest_digit():
    centres, y = numpy.eye(3), numpy.array([7, 7, 2, 2, 2, 9, 2, 2])
    found = clustering.named(centres, numpy.array([0, 0, 0, 1, 1, 2, 1, 1]), y)
    assert [(digit, share) for _, digit, share in found] == [(2, 1.0), (7, 2 / 3), (9, 1.0)]
    assert found[0][0].tolist() == [0, 1, 0] and found[1][0].tolist() == [1, 0, 0]


@pytest.mark.parametrize("indices, order", [
    ((0.6, 0.7, 0.5), ("0.700", "0.600", "0.500")), ((0.9, 0.1, 0.2), ("0.900", "0.200", "0.100"))])
def test_the_clustering_is_reported_as_it_is(indices, order):
    best = ("the code", "the pixels", "PCA")[numpy.argmax(indices)]
    text = verdict(*indices)
    assert f"agrees best with the digits on {best}: an adjusted Rand index of {order[0]}" in text
    assert [text.index(number) for number in order] == sorted(map(text.index, order))


# -- the learning curve ----------------------------------------------------------------------------

def test_the_curve_scores_the_models_on_digits_that_none_has_seen(folder):
    head, *found = rows(ran("curve", folder)[0], ["rows"])
    assert head == list(curve.HEAD) and [int(row[0]) for row in found] == list(curve.ROWS)
    (x, y), held = nn.train_validation_split(*digits(), 397 / 1797, seed=3)
    assert len(held[1]) == 397 and len(y) == 1400
    for row in found:
        count, deep, logistic, forest = int(row[0]), *map(float, row[1:4])
        score = LogisticRegression(max_iter=1000).fit(x[:count], y[:count]).score(*held)
        assert logistic == pytest.approx(score, abs=6e-4)
        assert row[4] == curve.MODELS[numpy.argmax([deep, logistic, forest])]
    assert deep > 0.93                                  # the deep net too has learned


def test_who_is_best_where():
    few = numpy.array([[0.5, 0.6, 0.1], [0.7, 0.5, 0.1]])       # the net leads in one seed of two
    many = numpy.array([[0.8, 0.8, 0.9], [0.9, 0.8, 0.9]])      # the forest, once with the net
    assert curve.winner(few) == ("deep net", 1)
    assert curve.winner(many) == ("random forest", 1)
    assert curve.cells(25, few) == ["25", "0.600 ± 0.141", "0.550 ± 0.071", "0.100 ± 0.000",
                                    "deep net (1 of 2 seeds)"]
    assert curve.cells(25, few[:1]) == ["25", "0.500", "0.600", "0.100", "logistic regression"]
    assert curve.verdict({25: few, 50: few, 100: many, 200: few}).startswith(
        "Best: deep net with 25 to 50 digits, random forest with 100 digits, "
        "deep net with 200 digits.")


def test_the_picture_of_the_curve_has_the_means_and_the_spread():
    scores = {25: numpy.array([[0.5, 0.6, 0.1], [0.7, 0.5, 0.1]]), 100: numpy.ones((2, 3))}
    ax = curve.plot_curve(scores)
    assert ax.lines[0].get_ydata().tolist() == pytest.approx([0.6, 1.0])
    ends = ax.collections[0].get_datalim(ax.transData)
    assert (ends.y0, ends.y1) == pytest.approx((0.6 - 0.02 ** 0.5, 1.0))
    assert [text.get_text() for text in ax.get_legend().texts] == list(curve.MODELS)


# -- what the jobs share ---------------------------------------------------------------------------

@pytest.mark.parametrize("name", SHORT)
def test_a_job_writes_whole_files_and_a_page_that_needs_nothing_else(name, folder):
    text, out = ran(name, folder)
    assert f"written to {out}: " in text
    assert sorted(path.name for path in out.iterdir()) == FILES[name]
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in out.glob("*.png"))
    html = (out / "report.html").read_text(encoding="utf-8")
    assert not re.search(r"(src|href)\s*=\s*\"(?!data:)|@import|url\(", html)
    assert html.count("data:image/png") == len(list(out.glob("*.png")))


def test_two_runs_agree_to_the_bit(plain, tmp_path):
    assert job("regression", tmp_path) == 0
    for name in FILES["regression"]:
        assert (tmp_path / name).read_bytes() == (plain / name).read_bytes(), name


def weights(folder):
    """The weights that a regression wrote."""
    model = training.dense(regression.WIDTHS, "tanh", numpy.random.default_rng(9))
    load(model, folder / "weights.safetensors")
    return numpy.concatenate([w.ravel() for w in model.state_dict().values()])


@pytest.mark.parametrize("place", [*STRICT, *CUDA], ids=str)
def test_on_any_storage_a_job_learns_what_it_learns_on_numpy(place, plain, tmp_path, capsys):
    with place:
        assert job("regression", tmp_path, "--storage", place.storage,
                   "--device", place.device_name) == 0
        there = f" weights on tensors ({place.storage}, {place.device}, float64), "
    numpy.testing.assert_allclose(weights(tmp_path), weights(plain), rtol=1e-5, atol=1e-7)
    assert capsys.readouterr().out.count(there) == 3


def test_compiled_a_job_learns_the_same(plain, tmp_path, capsys):
    assert job("regression", tmp_path, "--compile") == 0
    numpy.testing.assert_allclose(weights(tmp_path), weights(plain), rtol=1e-5, atol=1e-7)
    assert capsys.readouterr().out.count("weights on tensors, compiled, ") == 3


def test_epochs_are_printed_a_few_at_a_time_and_not_when_quiet(capsys):
    def epochs(count, title="a line", quiet=False):
        given = argparse.Namespace(there=device("cpu"), compile=False, quiet=quiet)
        training.learn(nn.Linear(1, 1, rng=0), (fitting.X, fitting.Y), given, epochs=count, lr=0.1,
                       loss=nn.mse_loss, title=title, validation=(fitting.X, fitting.Y),
                       metrics=["r2_score"])
        return capsys.readouterr().out.splitlines()

    shown = epochs(25)
    assert shown[0] == "a line of 2 weights on tensors, Adam at 0.1"
    assert [line.split()[1] for line in shown[1:11]] == [
        "1/25", *(f"{i}/25" for i in range(3, 25, 3)), "25/25"]
    assert re.fullmatch(r"epoch  3/25  loss \d\.\d{4}  validation loss \d\.\d{4}  "
                        r"r2 score -?\d\.\d{4}", shown[2])
    assert [line.split()[1] for line in epochs(3)[1:4]] == ["1/3", "2/3", "3/3"]
    assert not [line for line in epochs(3, quiet=True) if line.startswith("epoch")]
    assert epochs(3, title="") == []


def test_an_interrupted_job_leaves_the_files_as_they_were(tmp_path, capsys, monkeypatch):
    def interrupted(*args, **options):
        history = fit(*args, **options)
        history.interrupted = True
        return history

    fit = training.fit
    monkeypatch.setattr(training, "fit", interrupted)
    (tmp_path / "report.html").write_text("earlier")
    for name in SHORT:
        assert job(name, tmp_path) == 130
        assert f"nn {name}: stopped" in capsys.readouterr().err
    assert [path.read_text() for path in tmp_path.iterdir()] == ["earlier"]


@pytest.mark.parametrize("name", ["clustering", "curve"])
def test_without_scikit_learn_the_way_out_is_named_and_nothing_begins(
        name, tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    assert job(name, tmp_path) == 1
    shown = capsys.readouterr()
    assert "this job needs scikit-learn: " in shown.err and shown.out == ""
    assert "help: pip install scikit-learn" in shown.err and not list(tmp_path.iterdir())


def test_a_missing_package_costs_its_files_alone(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(curve, "ROWS", (25,))
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    monkeypatch.setitem(sys.modules, "safetensors", None)
    for name in ("regression", "curve"):
        assert job(name, tmp_path / name) == 0
        text = capsys.readouterr().out
        assert "png was not written: plotting needs Matplotlib\nhelp: pip install" in text
        assert [path.name for path in (tmp_path / name).iterdir()] == ["report.html"]
        assert "plotting needs Matplotlib" in (tmp_path / name / "report.html").read_text()


@pytest.mark.parametrize("name", SHORT)
@pytest.mark.parametrize("options, says", [
    (["--seeds", "0"], "--seeds: '0' is not a whole number from 1 up"),
    (["--seed", "-1"], "--seed: '-1' is not a whole number from 0 up"),
    (["--device", "tpu"], "no device 'tpu' here; there are cpu of numpy"),
    (["--storage", "abacus"], "no storage 'abacus'; there are numpy, cupy, torch, jax"),
    (["--out", __file__], f"--out: {__file__}: File exists"),
    (["--colour", "red"], "unrecognized arguments")])
def test_a_bad_option_is_one_clear_line_and_status_2(name, options, says, tmp_path, capsys):
    with pytest.raises(SystemExit) as caught:
        job(name, tmp_path, *options)
    text = capsys.readouterr().err
    assert caught.value.code == 2 and says in text and text.count("\n") == 1


def test_where_nothing_is_compiled_that_is_said_before_anything_is_written(tmp_path, capsys):
    pytest.importorskip("torch", reason="pip install torch")
    (tmp_path / "report.html").write_text("earlier")
    assert job("regression", tmp_path, "--compile", "--storage", "torch") == 1
    assert "help: NumPy's and JAX's arrays are compiled" in capsys.readouterr().err
    assert [path.read_text() for path in tmp_path.iterdir()] == ["earlier"]


def test_tables_are_the_same_in_text_and_on_the_page():
    head, cells = ["a<b", "n"], [["one", "1.5"], ["three", "22"]]
    assert text_table(head, cells).splitlines() == ["a<b      n", "one    1.5", "three   22"]
    html = html_table(head, cells)
    assert re.findall(r"<t[hd] [^>]*>(.*?)</t[hd]>", html) == [
        "a&lt;b", "n", "one", "1.5", "three", "22"]
    assert "<title>a &lt; b</title>" in page("a < b", html)
