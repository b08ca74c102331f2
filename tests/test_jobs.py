"""The small jobs, the command `python -m nn` itself, and the check that the engine is ours."""

import ast
import io
import os
import subprocess
import sys
from pathlib import Path

import numpy
import pytest

import nn
from autograd import Value
from nn.__main__ import main
from nn._engine import require_engine
from nn.jobs import JOBS, example, moons

pytest.importorskip("matplotlib", reason="a job writes a picture: pip install matplotlib")

ROOT = Path(__file__).resolve().parents[1]


def test_the_worked_example():
    rows = example.steps()
    assert rows[0] == pytest.approx((5, 10, 8, 8, 4.2))
    for i, (w, prediction, loss, gradient, new) in enumerate(rows):
        exact = 3 + 2 * 0.6**i                          # the error shrinks by 1 − 0.1 · x²
        assert (w, prediction) == pytest.approx((exact, 2 * exact))
        assert loss == pytest.approx((2 * exact - 6) ** 2 / 2, abs=1e-12)
        assert gradient == pytest.approx((2 * exact - 6) * 2, abs=1e-12)
        assert new == pytest.approx(3 + 2 * 0.6 ** (i + 1))
    assert abs(rows[-1][-1] - 3) < 1e-4


def test_the_worked_example_prints_its_numbers(capsys):
    assert main(["example"]) == 0
    text = capsys.readouterr().out
    for words in ("5 * 2 = 10", "4^2 / 2 = 8", "4 * 2 = 8", "5 - 0.1 * 8 = 4.2", "w = 3: "):
        assert words in text


def test_moons_falls_in_loss_and_draws(tmp_path, capsys):
    assert main(["moons", "--steps", "8", "--out", str(tmp_path)]) == 0
    text = capsys.readouterr().out
    losses = [float(line.split()[3]) for line in text.splitlines() if line.startswith("step")]
    assert len(losses) == 8 and losses[-1] < losses[0] / 2 and "337 weights" in text
    assert (tmp_path / "boundary.png").read_bytes().startswith(b"\x89PNG")
    picture = text.split("\n\n")[1].splitlines()
    assert len(picture) == 22 and {"0", "1", "@"} <= set("".join(picture))


def test_the_moons_picture_has_a_title_and_no_empty_band():
    image = pytest.importorskip("matplotlib.image", reason="pip install matplotlib")
    x, y = moons.moons(20, seed=0)
    pixels = image.imread(io.BytesIO(moons._plot(nn.MLP(2, [1], seed=0), x, y)))[..., :3]
    drawn = numpy.argwhere((pixels < 0.99).any(axis=2))
    assert drawn.min(0).max() < 40 and (pixels.shape[:2] - drawn.max(0)).max() < 40


def test_moons_without_matplotlib_draws_in_characters_alone(tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    assert main(["moons", "--steps", "1", "--quiet", "--out", str(tmp_path)]) == 0
    text = capsys.readouterr().out
    assert "boundary.png was not drawn: it needs Matplotlib\nhelp: pip install matplotlib" in text
    assert "step   1" in text and not list(tmp_path.iterdir())


def test_moons_picture_shows_the_sign_of_the_score():
    """A net that is exactly x₀: the left half is class 0, the right class 1."""
    model = nn.MLP(2, [1], seed=0)
    for p, number in zip(model.parameters(), (4.0, 0.0, 0.0), strict=True):
        p.data = number
    rows = moons.picture(model, numpy.array([[-1.0, 0.0], [1.0, 0.0]]), [0, 1]).splitlines()
    assert sum(row.count("0") for row in rows) == sum(row.count("1") for row in rows) == 1
    plain = [row.replace("0", "@").replace("1", " ") for row in rows]
    assert all(row.startswith("@" * 20) and "@" not in row[31:] for row in plain)


def test_moons_loss_by_hand():
    model = nn.MLP(2, [1], seed=0)
    scores = [Value(0.25), Value(-3.0)]
    total = moons.loss(model, scores, [1, -1])
    assert total.data == pytest.approx(0.75 / 2 + 1e-4 * sum(p.data**2 for p in model.parameters()))


def test_without_a_job_they_are_listed(capsys):
    assert main([]) == main(["--help"]) == 0
    text = capsys.readouterr().out
    assert all(f"  {name} " in text for name in JOBS)


@pytest.mark.parametrize("name", JOBS)
def test_every_job_tells_its_options(name, capsys):
    with pytest.raises(SystemExit) as done:
        main([name, "--help"])
    text = capsys.readouterr().out
    assert done.value.code == 0 and text.startswith(f"usage: python -m nn {name} ")


def test_run_py_has_every_job():
    tree = ast.parse((ROOT / "run.py").read_text(encoding="utf-8"))
    commands = next(ast.literal_eval(node.value) for node in tree.body
                    if isinstance(node, ast.Assign) and node.targets[0].id == "COMMANDS")
    assert {f"-m nn {name}" for name in JOBS} <= {words for words, _, _ in commands.values()}


def test_an_unknown_job(capsys):
    assert main(["pinguins"]) == 2
    assert f"no job 'pinguins'; there are: {', '.join(JOBS)}\n" in capsys.readouterr().err


def test_an_interrupt_outside_training(capsys, monkeypatch):
    def stop(words):
        raise KeyboardInterrupt

    monkeypatch.setattr(example, "main", stop)
    assert main(["example"]) == 130 and "stopped" in capsys.readouterr().err


def test_a_reader_that_goes_away_leaves_no_traceback(tmp_path):
    command = f"{sys.executable} -m nn moons --steps 3 | head -n 1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60,
                          env=os.environ | {"PYTHONPATH": str(ROOT)}, cwd=tmp_path)
    assert done.stdout == "337 weights, 100 points\n" and done.stderr == ""


def test_another_autograd_is_refused_with_the_way_out(tmp_path):
    (tmp_path / "autograd").mkdir()
    (tmp_path / "autograd" / "__init__.py").write_text("def grad(f): return f\n")
    environment = os.environ | {"PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}
    done = subprocess.run([sys.executable, "-c", "import nn"], capture_output=True, text=True,
                          cwd=tmp_path, env=environment)
    assert done.returncode == 1
    assert f"the `autograd` at {tmp_path / 'autograd'} is not the one" in done.stderr
    assert "pip uninstall -y autograd" in done.stderr and "During handling" not in done.stderr


def test_an_engine_that_lacks_a_package_keeps_its_own_error(monkeypatch):
    require_engine()

    def fail(name, *rest, **options):
        raise ModuleNotFoundError("No module named 'array_api_compat'", name="array_api_compat")

    monkeypatch.setattr("builtins.__import__", fail)
    with pytest.raises(ModuleNotFoundError, match="array_api_compat"):
        require_engine()
